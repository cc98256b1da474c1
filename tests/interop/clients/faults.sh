# Sourced by cell.sh: the faults, each in the middle of what the producer sends, and what ends each of them.
#   plan_faults FAULT      plans them on the cluster at $http, before the producer starts
#   faults_are_over        waits until all have fired; a run in which one did not proves nothing
#   cluster_is_whole       waits until every replica is in sync: until then a leader that was replaced may still answer readers

fault() { "$acklab" fault --http "$http" "$@" >>"$work/faults" 2>&1 || fail "fault $*: $(tail -n 1 "$work/faults")"; }

# The leader has appended a quarter of the records; what it appends is counted from now on.
in_the_middle=(--after-event appended --at leader:t-0 --records $((records / 4)))
# Longer than broker.session.timeout.ms and replica.lag.time.max.ms, so that the cluster has chosen another leader or ISR by then.
outage=2500ms

plan_faults() {
  case $1 in
    none) ;;
    kill_leader)
      fault kill leader:t-0 --id kill "${in_the_middle[@]}"
      fault restart killed --after kill --delay $outage ;;
    # Back before anybody missed it.
    restart_leader)
      fault kill leader:t-0 --id kill "${in_the_middle[@]}"
      fault restart killed --after kill --delay 300ms ;;
    shut_down_leader)
      fault controlled-shutdown leader:t-0 --id shutdown "${in_the_middle[@]}"
      fault restart killed --after shutdown --delay $outage ;;
    # It comes back believing that it still leads.
    pause_leader)
      fault pause leader:t-0 --id pause "${in_the_middle[@]}"
      fault resume paused --after pause --delay $outage ;;
    cut_followers)
      fault cut 'link:leader:t-0<>followers:t-0' --id cut "${in_the_middle[@]}"
      fault heal 'link:leader:t-0<>followers:t-0' --after cut --delay $outage ;;
    # One after everything was done, one after the append alone.
    drop_answer)
      fault drop-answer leader:t-0 --id drop "${in_the_middle[@]}"
      # With idempotence sarama 1.22 does not recover from the first: on a retry it regroups its records and is refused from then on.
      [ "$client-$idempotent" = sarama-yes ] && return
      fault drop-after-append leader:t-0 --after drop --after-event appended --at leader:t-0 --batches 5 ;;
    power_loss_leader)
      fault power-loss leader:t-0 --id power-loss "${in_the_middle[@]}"
      fault restart killed --after power-loss --delay $outage ;;
    power_loss_all | power_loss_all_flushed)
      fault power-loss all --id power-loss "${in_the_middle[@]}"
      fault restart killed --after power-loss --delay 500ms ;;
    *) fail "there is no fault $1" ;;
  esac
}

faults_are_over() {
  local tries=0
  while "$acklab" fault list --http "$http" >"$work/faults" && grep -qv ': fired' "$work/faults"; do
    tries=$((tries + 1))
    [ $tries -lt 150 ] || fail "a fault did not fire, so this proves nothing: $(grep -v ': fired' "$work/faults")"
    sleep 0.1
  done
}

cluster_is_whole() {
  python3 - "$http" <<'END' || fail "the replicas were not all in sync after 30 s"
import json, sys, time, urllib.request

for _ in range(300):
    with urllib.request.urlopen(sys.argv[1] + "/api/v1/cluster") as answer:
        partitions = json.load(answer)["partitions"]
    if all(len(partition["isr"]) == len(partition["replicas"]) for partition in partitions):
        sys.exit(0)
    time.sleep(0.1)
sys.exit(1)
END
}

#!/usr/bin/env bash
# One client through one fault, with and without idempotence; README.md says what is looked at.
#
#   cell.sh ACKLAB DIRECTORY CLIENT FAULT [IDEMPOTENT]     DIRECTORY is what build.sh filled; without yes or no: both
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
built=${2:?usage: $0 ACKLAB DIRECTORY CLIENT FAULT [IDEMPOTENT]} client=$3 fault=$4 idempotent=${5:-both}
records=600 pause_ms=1
source "$here/../serve.sh"
source "$here/faults.sh"

modes="no yes"
missing=
case $client in
  kcat)
    command -v kcat >/dev/null || missing="kcat is not installed"
    program=("$here/kcat_producer.sh") ;;
  librdkafka)
    missing=$(cat "$built/librdkafka_producer.missing" 2>/dev/null)
    program=("$built/librdkafka_producer") ;;
  kafka_python)
    # Debian's Python has Debian's packages, even if another one comes first in the path. This client has no idempotence.
    /usr/bin/python3 -c 'import kafka' 2>/dev/null || missing="python3-kafka is not installed"
    program=(/usr/bin/python3 "$here/kafka_python_producer.py") modes=no ;;
  sarama)
    missing=$(cat "$built/sarama_producer.missing" 2>/dev/null)
    program=("$built/sarama_producer") ;;
  kafkajs)
    missing=$(cat "$built/node_modules.missing" 2>/dev/null)
    program=(node "$here/kafkajs_producer.js") ;;
  platformatic)
    missing=$(cat "$built/node_modules.missing" 2>/dev/null)
    program=(node "$here/platformatic_producer.mjs") ;;
  *) fail "there is no client $client" ;;
esac
[ -z "$missing" ] || { echo "SKIPPED: $missing"; exit 77; }

# Mostly they wait, so both at once; each has a cluster of its own.
if [ "$idempotent" = both ]; then
  for mode in $modes; do
    "$0" "$acklab" "$built" "$client" "$fault" "$mode" >"$work/$mode" 2>&1 &
    pids+=($!)
  done
  status=0
  for pid in "${pids[@]}"; do
    wait "$pid"
    case $? in
      0) ;;
      77) [ $status = 1 ] || status=77 ;;
      *) status=1 ;;
    esac
  done
  for mode in $modes; do cat "$work/$mode"; done
  exit $status
fi

promise=at-least-once
[ "$idempotent" = yes ] && promise=exactly-once
# It counts its sequence numbers on only when it is answered: a send that it gave up and the next one have the same.
[ "$client-$idempotent" = platformatic-yes ] && promise=reused-sequences
settings=()
case $fault in
  # Kafka flushes when it likes, so what all brokers lose at once was acknowledged and is gone ...
  power_loss_all) promise=power-loss ;;
  # ... unless each batch is flushed before it is acknowledged.
  power_loss_all_flushed) settings=(--set log.flush.interval.messages=1) ;;
esac

start_serve --topic t:1:3 --set min.insync.replicas=2 --set broker.session.timeout.ms=1500 \
  --set broker.heartbeat.interval.ms=300 --set replica.lag.time.max.ms=1500 "${settings[@]}"
plan_faults "$fault"
NODE_PATH=$built/node_modules timeout 90 "${program[@]}" "$bootstrap" t $records $pause_ms "$idempotent" \
  >"$work/outcomes" 2>"$work/producer.err"
status=$?
# A fault of its own, which proves nothing about us: a timer that meets a connection that has closed (README.md).
if [ $status != 0 ] && grep -q 'op is not a function' "$work/producer.err"; then
  echo "SKIPPED: $client, $fault, idempotence $idempotent: the client's own process died of a TypeError of its own"
  exit 77
fi
[ $status = 0 ] || fail "$client, $fault, idempotence $idempotent: ended with $status: $(head -n 20 "$work/producer.err")"
faults_are_over
cluster_is_whole

"$acklab" consume -b "$bootstrap" -t t -e -f '%o %s\n' >"$work/log" 2>"$work/err" || fail "consume: $(cat "$work/err")"
if command -v kcat >/dev/null; then
  timeout 60 kcat -C -b "$bootstrap" -t t -p 0 -o beginning -e -q -f '%o %s\n' >"$work/log.kcat" 2>"$work/err" ||
    fail "kcat -C: $(cat "$work/err")"
  cmp "$work/log" "$work/log.kcat" || fail "kcat reads another log than acklab does"
fi
found=$(python3 "$here/judge.py" "$work/outcomes" "$work/log" $records $promise)
status=$?
echo "$client, $fault, idempotence $idempotent: $found"
stop_serve || fail "serve did not end in order on SIGTERM: $(tail -n 5 "$work/serve.err")"
exit $status

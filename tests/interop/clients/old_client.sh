#!/usr/bin/env bash
# Clients from before Kafka 0.11, which speak message sets, write and read with every codec that they have; README.md says which versions
# of which requests they use. Others read what they wrote, and they read what others wrote.
#
#   old_client.sh ACKLAB DIRECTORY CLIENT VERSION     DIRECTORY is what build.sh filled
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
built=${2:?usage: $0 ACKLAB DIRECTORY CLIENT VERSION} client=$3 version=$4
source "$here/../serve.sh"
need kcat
need curl

codecs="none gzip snappy lz4"
missing=
case $client in
  sarama)
    missing=$(cat "$built/old_sarama.missing" 2>/dev/null)
    program=("$built/old_sarama" "$version")
    [ "$version" != 0.8.2.0 ] || codecs="none gzip snappy" ;;
  kafka_go)
    missing=$(cat "$built/old_kafka_go.missing" 2>/dev/null)
    program=("$built/old_kafka_go") ;;
  kafka_python)
    for module in kafka snappy lz4 xxhash; do
      /usr/bin/python3 -c "import $module" 2>/dev/null || missing="python3-$module is not installed"
    done
    program=(/usr/bin/python3 "$here/old_kafka_python.py" "$version") ;;
  *) fail "there is no client $client" ;;
esac
[ -z "$missing" ] || { echo "SKIPPED: $missing"; exit 77; }

topics=()
for codec in $codecs; do topics+=(--topic "ours-$codec:1:3" --topic "theirs-$codec:1:3"); done
start_serve "${topics[@]}" --set min.insync.replicas=2
grep -hv '^$' "$here/../../../LICENSE" "$here/../../../README.md" "$here"/*.go >"$work/text"
lines=$(wc -l <"$work/text")

same() { cmp "$work/text" "$1" || fail "$client $version, $codec: $2"; }

for codec in $codecs; do
  timeout 60 "${program[@]}" write "$bootstrap" "theirs-$codec" "$codec" <"$work/text" >"$work/out" 2>&1 ||
    fail "$client $version cannot write with $codec: $(tail -n 5 "$work/out")"
  "$acklab" consume -b "$bootstrap" -t "theirs-$codec" -e -f '%s\n' >"$work/read" || fail "consume"
  same "$work/read" "acklab reads something else than was written"
  "$acklab" consume -b "$bootstrap" -t "theirs-$codec" -e --batches >"$work/batches" || fail "consume --batches"
  ! grep -v "codec $codec\b" "$work/batches" || fail "$client $version: a batch in another codec than $codec"

  kcat -P -b "$bootstrap" -t "ours-$codec" -p 0 -z "$codec" -H name=value <"$work/text" >"$work/out" 2>&1 ||
    fail "kcat -P -z $codec: $(cat "$work/out")"
  for topic in theirs ours; do
    timeout 60 "${program[@]}" read "$bootstrap" "$topic-$codec" "$lines" >"$work/read" 2>"$work/out" ||
      fail "$client $version cannot read $topic-$codec: $(tail -n 5 "$work/out")"
    same "$work/read" "it reads something else from $topic-$codec than was written"
  done
done

# What it spoke: without this the test would pass for a client that is not as old as it says.
curl -fsS "$http/metrics" >"$work/metrics" || fail "no metrics"
spoken() {
  sed -n "s/^kafka_network_requestmetrics_requests_total{.*request=\"$1\",version=\"\([0-9]*\)\".*/\1/p" "$work/metrics" | sort -nu
}
produce=$(spoken Produce | head -n 1) fetch=$(spoken Fetch | head -n 1)
[ "$produce" -lt 3 ] || fail "$client $version produces in version $produce, without message sets"
[ "$fetch" -lt 4 ] || fail "$client $version fetches in version $fetch, without message sets"
echo "$client $version: $lines lines back with $codecs; Produce $produce, Fetch $fetch, ListOffsets $(spoken ListOffsets | head -n 1)"
stop_serve || fail "serve did not end in order on SIGTERM"

#!/usr/bin/env bash
# Keys go to the same partitions whether kcat (librdkafka) or our producer sends them, for each of librdkafka's partitioners.
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"
need kcat

start_serve --brokers 1 --topic kcat:12:1 --topic ours:12:1
sent=0
for partitioner in consistent consistent_random murmur2 murmur2_random fnv1a fnv1a_random; do
  for i in $(seq 200); do echo "$partitioner-$i:v"; done >"$work/lines"
  kcat -P -b "$bootstrap" -t kcat -K : -X partitioner=$partitioner <"$work/lines" || fail "kcat with $partitioner"
  "$acklab" produce -b "$bootstrap" -t ours -K : -X partitioner=$partitioner -q "$work/lines" || fail "produce with $partitioner"
  sent=$((sent + 200))
done
# The default of Kafka's Java producer is murmur2 too.
for i in $(seq 200); do echo "java-$i:v"; done >"$work/lines"
kcat -P -b "$bootstrap" -t kcat -K : -X partitioner=murmur2 <"$work/lines" || fail "kcat"
"$acklab" produce -b "$bootstrap" -t ours -K : -q "$work/lines" || fail "produce"

for topic in kcat ours; do
  kcat -C -q -e -b "$bootstrap" -t $topic -f '%k %p\n' | sort >"$work/$topic" || fail "reading $topic"
done
[ "$(wc -l <"$work/ours")" = $((sent + 200)) ] || fail "$(wc -l <"$work/ours") records of $((sent + 200))"
diff "$work/kcat" "$work/ours" >"$work/diff" || fail "places differ: $(head -5 "$work/diff")"
echo "partitioners: $((sent + 200)) keys where kcat puts them"

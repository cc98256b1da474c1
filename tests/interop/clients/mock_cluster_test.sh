#!/usr/bin/env bash
# Our own clients against a cluster that is not ours: librdkafka's mock, which speaks older versions, refuses ApiVersions in its own way
# and has no CreateTopics.
set -u
built=${2:?usage: $0 ACKLAB DIRECTORY}
source "$(dirname "${BASH_SOURCE[0]}")/../serve.sh"
[ -e "$built/mock_cluster.missing" ] && { echo "SKIPPED: $(cat "$built/mock_cluster.missing")"; exit 77; }

# It runs until its input ends, so it cannot outlive this script.
mkfifo "$work/leash"
"$built/mock_cluster" 3 orders:1:3 <"$work/leash" >"$work/ready" &
exec 9>"$work/leash"
tries=0
until grep -q '^ready ' "$work/ready"; do
  tries=$((tries + 1))
  [ $tries -lt 300 ] || fail "the mock cluster was not ready after 30 s"
  sleep 0.1
done
bootstrap=$(sed -n 's/^ready bootstrap=//p' "$work/ready")

seq 1000 >"$work/lines"
for codec in none gzip snappy lz4 zstd; do
  "$acklab" produce -b "$bootstrap" -t orders -z $codec -q "$work/lines" || fail "produce -z $codec"
done
"$acklab" consume -b "$bootstrap" -t orders -e >"$work/back" || fail "consume"
for codec in none gzip snappy lz4 zstd; do cat "$work/lines"; done | cmp - "$work/back" || fail "lines differ"
kcat -C -b "$bootstrap" -t orders -e -q >"$work/kcat" 2>/dev/null && { cmp "$work/back" "$work/kcat" || fail "kcat reads other lines"; }

"$acklab" perf -b "$bootstrap" --topic measured --num-records 50000 --record-size 100 --producer-props acks=all | grep -q '^50000 records sent' ||
  fail "perf"

"$acklab" topics describe -b "$bootstrap" orders | grep -qP '^Topic: orders\tPartition: 0\tLeader: \d\tReplicas: 1,2,3\tIsr: 1,2,3$' ||
  fail "topics describe"
"$acklab" topics create -b "$bootstrap" payments 2>"$work/err"
[ $? = 2 ] && grep -q 'does not offer CreateTopics' "$work/err" || fail "topics create: $(cat "$work/err")"
seq 9 | "$acklab" produce -b "$bootstrap" -t payments -q || fail "produce to a topic that the cluster creates by itself"
"$acklab" run steady --bootstrap "$bootstrap" --quiet >"$work/run" || fail "run steady --bootstrap: $(cat "$work/run")"
exec 9>&-
echo "mock cluster: five codecs, a load, topics, none created; workload and checker as expected"

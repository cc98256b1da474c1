#!/usr/bin/env bash
# Our own produce, consume and topics against serve: lines come back in order, and kcat's habits hold.
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"

start_serve --topic orders:1:3 --set min.insync.replicas=2

"$acklab" topics create -b "$bootstrap" payments --partitions 3 --replicas 3 || fail "topics create"
"$acklab" topics list -b "$bootstrap" | sort >"$work/topics"
printf 'orders\npayments\n' | cmp - "$work/topics" || fail "topics list: $(cat "$work/topics")"
"$acklab" topics describe -b "$bootstrap" payments | grep -cP '^Topic: payments\tPartition: \d\tLeader: \d\tReplicas: ' | grep -qx 3 ||
  fail "topics describe"
"$acklab" topics create -b "$bootstrap" payments 2>"$work/err" && fail "a topic was created twice"
[ $? = 2 ] && grep -q 'TOPIC_ALREADY_EXISTS' "$work/err" || fail "creating a topic twice: $(cat "$work/err")"

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
for codec in none gzip snappy lz4 zstd; do
  "$acklab" produce -b "$bootstrap" -t orders -z $codec -q "$root/LICENSE" || fail "produce -z $codec"
done
"$acklab" consume -b "$bootstrap" -t orders -e >"$work/back" || fail "consume"
for codec in none gzip snappy lz4 zstd; do cat "$root/LICENSE"; done | cmp - "$work/back" || fail "lines differ"

printf 'a:1\nb:2\na:3\n' | "$acklab" produce -b "$bootstrap" -t payments -K : -q || fail "produce -K"
"$acklab" consume -b "$bootstrap" -t payments -e -f '%k=%s\n' | sort >"$work/keys"
printf 'a=1\na=3\nb=2\n' | cmp - "$work/keys" || fail "keys: $(cat "$work/keys")"

"$acklab" consume -b "$bootstrap" -t nowhere -e 2>"$work/err"
[ $? = 2 ] || fail "a topic that does not exist must end with 2: $(cat "$work/err")"
"$acklab" serve --port "${bootstrap##*:}" --brokers 1 2>"$work/err"
[ $? = 2 ] && grep -q 'in use' "$work/err" && [ "$(wc -l <"$work/err")" = 1 ] || fail "an occupied port: $(cat "$work/err")"

stop_serve || fail "serve did not end in order on SIGTERM"
echo "own clients: topics, five codecs, keys and mistakes"

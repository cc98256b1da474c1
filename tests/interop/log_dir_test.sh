#!/usr/bin/env bash
# What `acklab serve --data-dir` leaves on the disk is Kafka's format: a reader that knows nothing but storage/FORMAT.md agrees with every
# file, after an orderly end and after a SIGKILL. A directory in use and one of another node are refused, each with a line.
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"
need python3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
data=$work/data

read_all() {
  for broker in 0 1; do python3 "$here/read_log_dir.py" "$data/broker-$broker" "$@" || fail "the reader does not agree with broker $broker"; done
}
load() {
  "$acklab" perf -b "$bootstrap" --topic orders --num-records 4000 --record-size 100 --throughput -1 \
    --producer-props acks=all enable.idempotence=true batch.size=1000 >"$work/out" || fail "perf: $(cat "$work/out")"
}
small=(--brokers 2 --data-dir "$data" --set log.segment.bytes=40000 --set log.index.interval.bytes=500)

start_serve "${small[@]}" --topic orders:2:2 --topic idle:1:1
load
"$acklab" serve --brokers 2 --port 0 --http 0 --data-dir "$data" 2>"$work/err" && fail "two processes in one directory"
grep -q "in use by another process" "$work/err" || fail "a directory in use: $(cat "$work/err")"
stop_serve
read_all >"$work/closed" || exit 1
grep -qE '^orders-0 0 [0-9]+ [0-9]+ [0-9]+ ([2-9]|[0-9]{2,})$' "$work/closed" || fail "too little to say anything: $(cat "$work/closed")"
[ "$(awk '/^orders/ { sum += $5 } END { print sum }' "$work/closed")" = 8000 ] || fail "records of two replicas: $(cat "$work/closed")"

start_serve "${small[@]}"
load
kill -KILL $serve_pid
wait $serve_pid 2>/dev/null
serve_pid=
read_all --crashed >"$work/crashed" || exit 1
start_serve "${small[@]}"
"$acklab" consume -b "$bootstrap" -t orders -e -q -f '%o\n' >"$work/records" || fail "consume"
[ "$(wc -l <"$work/records")" = 8000 ] || fail "$(wc -l <"$work/records") records came back"
stop_serve
read_all >"$work/closed" || exit 1

mv "$data/broker-0" "$data/moved" && mv "$data/broker-1" "$data/broker-0" && mv "$data/moved" "$data/broker-1"
"$acklab" serve --brokers 2 --port 0 --http 0 --data-dir "$data" 2>"$work/err" && fail "a directory of another node was taken"
grep -q "belongs to node 1, and this is node 0" "$work/err" || fail "a foreign directory: $(cat "$work/err")"

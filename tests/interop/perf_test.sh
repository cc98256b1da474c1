#!/usr/bin/env bash
# acklab perf prints Kafka's lines, counts what was delivered, and says what was not.
set -u
source "$(dirname "$0")/serve.sh"

start_serve --brokers 1 --topic p:3:1

number='[0-9]+\.[0-9]+'
window="^[0-9]+ records sent, $number records/sec \\($number MB/sec\\), $number ms avg latency, $number ms max latency"

"$acklab" perf -b "$bootstrap" --topic p --num-records 20000 --record-size 100 --throughput -1 --producer-props acks=1 \
  --print-metrics --metrics "$work/metrics" >"$work/out" 2>"$work/err" || fail "perf: $(cat "$work/err")"
grep -qE "$window, [0-9]+ ms 50th, [0-9]+ ms 95th, [0-9]+ ms 99th, [0-9]+ ms 99.9th\\.\$" "$work/out" || fail "the last line: $(cat "$work/out")"
grep -q '^20000 records sent' "$work/out" || fail "not all were sent: $(cat "$work/out")"
grep -qE '^  record-send-total +20000 records ' "$work/out" || fail "no metrics: $(cat "$work/out")"
grep -qxF 'acklab_producer_topic_record_send_total{client_id="acklab-perf",topic="p"} 20000' "$work/metrics" ||
  fail "no Prometheus text: $(cat "$work/metrics")"

# Slower than its window, it tells of each.
"$acklab" perf -b "$bootstrap" --topic p --num-records 5200 --record-size 10 --throughput 1000 --threads 2 --producer-props linger.ms=0 \
  >"$work/out" || fail "perf at a rate"
grep -qE "$window\\.\$" "$work/out" || fail "no window was told: $(cat "$work/out")"

# The lines of a file, as they are.
printf 'one\ntwo\nthree\n' >"$work/lines"
"$acklab" perf -b "$bootstrap" --topic lines --num-records 4 --payload-file "$work/lines" --producer-props acks=all --json >"$work/json" ||
  fail "perf --payload-file"
python3 -c '
import json, sys
result = json.load(open(sys.argv[1]))
assert result["records"] == {"sent": 4, "failed": 0, "unknown": 0, "refused": 0}, result
metrics = {m["name"]: m for m in result["metrics"] if m["group"] == "producer-metrics"}
assert metrics["record-send-total"]["value"] == 4 and metrics["record-send-total"]["unit"] == "records", metrics
assert result["latency_ms"]["p50"] <= result["latency_ms"]["p99"] <= result["latency_ms"]["max"] * 1.04, result
' "$work/json" || fail "perf --json"
[ "$("$acklab" consume -b "$bootstrap" -t lines -e -f '%s ')" = "one two three one " ] || fail "other lines were sent than the file has"

# Numbers, and settings from a file; what the command line says goes before it.
printf '# slow\nlinger.ms=5\nacks=0\n\n' >"$work/properties"
"$acklab" perf -b "$bootstrap" --topic numbers --num-records 12 --payload-monotonic --producer.config "$work/properties" \
  --producer-props acks=all >"$work/out" || fail "perf --payload-monotonic"
[ "$("$acklab" consume -b "$bootstrap" -t numbers -e -f '%s ')" = "0 1 2 3 4 5 6 7 8 9 10 11 " ] || fail "other values than numbers"

# What cannot be delivered is told, with 1.
"$acklab" perf -b "$bootstrap" --topic p --num-records 2 --record-size 3000000 --producer-props max.request.size=4000000 >"$work/out" 2>"$work/err"
[ $? = 1 ] || fail "a record that the broker refuses: $(cat "$work/out" "$work/err")"
grep -q '^2 records were not delivered: 2 failed' "$work/out" || fail "it does not say so: $(cat "$work/out")"

"$acklab" perf -b "$bootstrap" --topic p --num-records 2 2>"$work/err"
[ $? = 2 ] || fail "neither a size nor a file"

# While nobody answers, an application that keeps sending is held back: memory stays below buffer.memory and 16 MiB more.
memory_kib() { sed -n "s/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p" "/proc/$1/status"; }
"$acklab" perf -b "$bootstrap" --topic p --num-records 1000000000 --record-size 10 --throughput 10 --producer-props acks=all >"$work/out" &
idle=$!
"$acklab" perf -b "$bootstrap" --topic p --num-records 1000000000 --record-size 100 --producer-props acks=all >"$work/out" &
busy=$!
until grep -q '^1' <(memory_kib $busy | sed 's/^[0-9]\{5,\}$/1/'); do sleep 0.1; done
kill -STOP $serve_pid
before=0 same=0
while [ $same -lt 10 ]; do
  now=$(memory_kib $busy)
  if [ "$now" = "$before" ]; then same=$((same + 1)); else same=0; fi
  before=$now
  sleep 0.1
done
grown=$((now - $(memory_kib $idle)))
kill -KILL $busy $idle
{ wait $busy $idle; } 2>/dev/null
kill -CONT $serve_pid
[ $grown -lt $(((32 + 16) * 1024)) ] || fail "with nobody to answer the producer took $grown KiB"
[ $grown -gt $((16 * 1024)) ] || fail "the producer took $grown KiB only: nothing was held back, so this proves nothing"

stop_serve || fail "serve did not end in order on SIGTERM"
echo "perf: its lines, its JSON, and $grown KiB more while nobody answers"

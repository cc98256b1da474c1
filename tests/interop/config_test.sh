#!/usr/bin/env bash
# acklab config: any of a setting's three names finds it, and a mistyped one is met with the nearest.
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"

for name in linger.ms queue.buffering.max.ms Producer.Flush.Frequency; do
  "$acklab" config $name >"$work/$name" || fail "config $name"
  cmp "$work/linger.ms" "$work/$name" || fail "$name is not linger.ms"
done
for expected in 'unit *milliseconds' 'default *5; 0 before Kafka 4.0' 'queue.buffering.max.ms (default 5)' \
  'Producer.Flush.Frequency (default 0)'; do
  grep -q "$expected" "$work/linger.ms" || fail "no \"$expected\" in: $(cat "$work/linger.ms")"
done
[ "$("$acklab" config compression.level | grep -c '^compression')" = 3 ] || fail "compression.level is three settings"

"$acklab" config >"$work/table" || fail "config"
grep -qE '^batch\.size +16384 +batch\.size$' "$work/table" || fail "the table: $(cat "$work/table")"
grep -qE '^batch\.ready\.bytes +0 +Producer\.Flush\.Bytes$' "$work/table" || fail "the table: $(cat "$work/table")"
"$acklab" config --json | python3 -c '
import json, sys
settings = {one["key"]: one for one in json.load(sys.stdin)}
assert len(settings) > 30
assert settings["acks"]["former_defaults"] == [{"value": "1", "before": "3.0"}], settings["acks"]
assert settings["retries"]["sarama"] == [{"name": "Producer.Retry.Max", "default": "3"}], settings["retries"]
' || fail "config --json"
"$acklab" config retries --json | python3 -c 'import json, sys; assert json.load(sys.stdin)["key"] == "retries"' || fail "one as JSON"

for preset in throughput latency memory; do
  "$acklab" config --preset $preset | grep -q '^compression.type=' || fail "--preset $preset"
done
"$acklab" config --preset memory --json | grep -q '"key":"buffer.memory"' || fail "a preset as JSON"

# refuses WORDS ARGS...: exit code 2, and one line that has the words.
refuses() {
  local words=$1
  shift
  "$acklab" config "$@" 2>"$work/err" >/dev/null
  [ $? = 2 ] && grep -qF "$words" "$work/err" && [ "$(wc -l <"$work/err")" = 1 ] || fail "config $*: $(cat "$work/err")"
}
refuses 'did you mean "linger.ms"' linger.m
refuses 'Producer.Retry.Backoff' Producer.Retry.RetryBackoff
refuses 'no transactions' transactional.id
refuses 'throughput, latency and memory' --preset speed
echo "config: names, table, JSON, presets and mistakes"

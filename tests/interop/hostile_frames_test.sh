#!/usr/bin/env bash
# Strangers' bytes against a live cluster that holds acknowledged records: see the .py beside this for what is sent. Afterwards every
# acknowledged record is read back byte for byte, records can be produced, no broker has died, and the server has not grown beyond a bound.
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"
need python3
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

start_serve --topic held:1:3 --topic attacked:1:3 --set min.insync.replicas=2
cat "$root"/LICENSE "$root"/protocol/*/*.h >"$work/sent"
"$acklab" produce -b "$bootstrap" -t held -z lz4 -X acks=all -q "$work/sent" || fail "produce before the attack"

python3 "$root/tests/interop/hostile_frames_test.py" $serve_pid "$bootstrap" || fail "the attack: $(cat "$work/serve.err")"

kill -0 $serve_pid 2>/dev/null || fail "serve died: $(cat "$work/serve.err")"
"$acklab" consume -b "$bootstrap" -t held -e >"$work/back" || fail "consume after the attack"
cmp "$work/sent" "$work/back" || fail "what was acknowledged before the attack reads differently after it"
for topic in held attacked; do
  echo "after the attack" | "$acklab" produce -b "$bootstrap" -t $topic -X acks=all -q || fail "produce to $topic after the attack"
  [ "$("$acklab" consume -b "$bootstrap" -t $topic -e | tail -n 1)" = "after the attack" ] || fail "consume of $topic after the attack"
done
stop_serve || fail "serve did not end in order on SIGTERM: $(cat "$work/serve.err")"

#!/usr/bin/env bash
# Every verb of `acklab fault`, once, on a serving cluster: what it does shows in the cluster's own report, in what a producer is told, or in
# what is read back.
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"
need python3
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

start_serve --topic orders:1:3 --set min.insync.replicas=1 --set broker.session.timeout.ms=1000 --set broker.heartbeat.interval.ms=200 \
  --set replica.lag.time.max.ms=1000 --set replica.fetch.backoff.ms=200
python3 "$root/tests/interop/fault_verbs_test.py" "$acklab" "$bootstrap" "$http" || fail "see above; serve said: $(cat "$work/serve.err")"
stop_serve || fail "serve did not end in order on SIGTERM: $(cat "$work/serve.err")"

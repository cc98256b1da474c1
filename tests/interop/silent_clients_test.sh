#!/usr/bin/env bash
# Clients that connect and say nothing, that send a byte now and then, and five hundred at once: nobody else is harmed, and when they have
# gone the server holds no more sockets than before.
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"
need python3
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

start_serve --topic orders:1:3 --set min.insync.replicas=2
python3 "$root/tests/interop/silent_clients_test.py" "$acklab" $serve_pid "$bootstrap" || fail "see above; serve said: $(cat "$work/serve.err")"
stop_serve || fail "serve did not end in order on SIGTERM: $(cat "$work/serve.err")"

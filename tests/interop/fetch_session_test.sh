#!/usr/bin/env bash
# A client of another language, written from the protocol's description alone, reads a served topic twice: with a fetch session and without.
# Both must see the same, and the session's answers must name only partitions of which there is something new.
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"
need python3

start_serve --brokers 1 --topic busy:8:1
python3 "$(dirname "${BASH_SOURCE[0]}")/fetch_session_test.py" "$bootstrap" || fail "the session: $(cat "$work/serve.err")"
stop_serve || fail "serve did not end in order on SIGTERM: $(cat "$work/serve.err")"

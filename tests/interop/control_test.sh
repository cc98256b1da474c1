#!/usr/bin/env bash
# Watches and breaks a serving cluster over HTTP: with `acklab fault`, curl and Python, while kcat is connected. The Python script beside
# this says what is promised.
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"
need python3
need curl
need kcat

start_serve --topic orders:1:3 --set broker.session.timeout.ms=1500 --set broker.heartbeat.interval.ms=300
python3 "${BASH_SOURCE[0]%.sh}.py" "$acklab" "$bootstrap" "$http" || fail "see above"
stop_serve || fail "serve did not end well: $?"

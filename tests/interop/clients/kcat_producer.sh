#!/usr/bin/env bash
# One of the producers that README.md describes: kcat. It does not name the records that it delivered: if it ended well all were. With -E
# it goes on when all brokers are down.
set -u
bootstrap=$1 topic=$2 records=$3 pause_ms=$4 idempotent=$5
idempotence=false
[ "$idempotent" = yes ] && idempotence=true

log=$(mktemp)
trap 'rm -f "$log"' EXIT
python3 -u -c '
import sys, time
for number in range(1, int(sys.argv[1]) + 1):
    print("r-%06d" % number)
    time.sleep(int(sys.argv[2]) / 1000)
' "$records" "$pause_ms" |
  kcat -P -E -b "$bootstrap" -t "$topic" -p 0 -X client.id=kcat -X acks=all -X enable.idempotence=$idempotence -X max.in.flight=5 \
    -X batch.num.messages=10 -X socket.timeout.ms=1000 -X request.timeout.ms=1000 -X message.timeout.ms=30000 \
    -X retry.backoff.ms=50 -X reconnect.backoff.max.ms=200 >"$log" 2>&1
status=$?

outcome="acked %d -"
if [ $status != 0 ] || grep -q 'Delivery failed' "$log"; then
  cat "$log" >&2
  outcome="unknown %d kcat-does-not-say-which"
fi
# shellcheck disable=SC2059
for ((number = 1; number <= records; ++number)); do printf "$outcome\n" "$number"; done
echo done

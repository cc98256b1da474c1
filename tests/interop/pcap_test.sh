#!/usr/bin/env bash
# The captures of `serve` under strangers' clients, and of runs in both worlds, are what tshark and `acklab dissect` both understand; and a
# disk that is full ends a capture, not the cluster.
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"
need tshark
need kcat
need python3

# Two programs read one capture after the other, and a cluster that still runs goes on writing: so they read a copy.
judge() {
  cp "$1" "$work/judged.pcap"
  python3 "${BASH_SOURCE[0]%.sh}.py" "$acklab" "$work/judged.pcap" "${@:2}" || fail "$*: see above"
}

# Clients of two families, and our own.
start_serve --topic orders:1:3 --topic others:2:1 --pcap "$work/serve.pcap"
printf 'one\ntwo\nthree\n' >"$work/lines"
kcat -P -b "$bootstrap" -t orders -z gzip -X acks=all -X enable.idempotence=true <"$work/lines" 2>"$work/out" || fail "kcat -P: $(cat "$work/out")"
timeout 60 kcat -C -b "$bootstrap" -t orders -o beginning -e -q >"$work/back" 2>"$work/out" || fail "kcat -C: $(cat "$work/out")"
cmp "$work/lines" "$work/back" || fail "kcat read other lines than it wrote"
timeout 60 kcat -L -b "$bootstrap" >"$work/out" 2>&1 || fail "kcat -L: $(cat "$work/out")"
if /usr/bin/python3 -c 'import kafka' 2>/dev/null; then
  timeout 60 /usr/bin/python3 - "$bootstrap" <<'END' || fail "kafka-python"
import sys
from kafka import KafkaConsumer, KafkaProducer

producer = KafkaProducer(bootstrap_servers=sys.argv[1], acks="all", compression_type="gzip")
for value in (b"one", b"two"):
    producer.send("others", value, partition=0)
producer.close()
consumer = KafkaConsumer("others", bootstrap_servers=sys.argv[1], group_id=None, auto_offset_reset="earliest", consumer_timeout_ms=3000)
assert [next(consumer).value for _ in range(2)] == [b"one", b"two"]
END
fi
"$acklab" produce -b "$bootstrap" -t orders --quiet <"$work/lines" || fail "acklab produce"
# A capture is whole while the cluster still runs.
judge "$work/serve.pcap" "${bootstrap//127.0.0.1:/}" kcat
stop_serve || fail "serve did not end in order"
judge "$work/serve.pcap" "${bootstrap//127.0.0.1:/}" kcat

# Runs, with faults of every kind: a death, cut links, a broken connection, an answer that is dropped, compressed batches.
for scenario in steady acks1-leader-kill zombie-leader-write lost-ack-duplicate rack-power-cut acks0-dead-socket; do
  "$acklab" run $scenario --pcap "$work/$scenario.pcap" >"$work/with" || fail "run $scenario: exit $?"
  "$acklab" run $scenario >"$work/without" || fail "run $scenario: exit $?"
  [ "$(grep -o 'trace hash [0-9a-f]*' "$work/with")" = "$(grep -o 'trace hash [0-9a-f]*' "$work/without")" ] ||
    fail "$scenario: the capture changed the run"
  judge "$work/$scenario.pcap" 20000 sim
done
"$acklab" run steady --pcap "$work/again.pcap" >"$work/out" || fail "run steady again"
cmp "$work/steady.pcap" "$work/again.pcap" || fail "one seed, two captures"
"$acklab" run steady --world tcp --pcap "$work/tcp.pcap" >"$work/out" || fail "run steady over sockets"
judge "$work/tcp.pcap" "" tcp

# One clear line: a capture of many runs, a folder that is none, and a disk that is full, at once or on the way.
refuses 2 '--pcap: a capture is of one run' "$acklab" run steady --seeds 1..2 --pcap "$work/x.pcap"
refuses 2 '--pcap .*cannot be written' "$acklab" run steady --pcap "$work/no-folder/x.pcap"
refuses 2 '--pcap /dev/full.*No space left' "$acklab" run steady --pcap /dev/full
refuses 2 '--pcap .*the capture ends here .*File too large' bash -c "trap '' XFSZ; ulimit -f 64; exec '$acklab' run steady --pcap '$work/limited.pcap'"
echo "pcap: serve and runs, read by tshark and by dissect"

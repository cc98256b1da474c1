#!/usr/bin/env bash
# acklab dissect reads captures: of our runs and clusters, and foreign ones; shows what was asked for; and says what is missing, damaged or
# none of its business.
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"
need python3

# count PATTERN: lines of what was printed last.
count() { grep -cE -- "$1" "$work/out"; }

# A simulated run, in its own time; every answer stands with its request.
sim=$work/sim.pcap
"$acklab" run steady --pcap "$sim" >"$work/out" || fail "run steady: exit $?"
shows 'messages, the first at 2024-01-01 00:00:0' "$acklab" dissect "$sim"
messages=$(count '^#')
shows '^connection 1: 10\.1\.0\.[0-2]:[0-9]+ -> 10\.2\.0\.1:[0-9]+, .*bytes$' "$acklab" dissect "$sim"
shows '^#[0-9]+ .* < +Produce v[0-9]+ response, correlation id [0-9]+, [0-9]+ bytes, answers #[0-9]+ after [0-9.]+ ms$' "$acklab" dissect "$sim"

# A part of it: a connection, an API, some messages with their bytes.
shows '^connection 2: ' "$acklab" dissect "$sim" --connection 2
[ "$(count '^connection')" -eq 1 ] && [ "$(count '^#')" -eq "$(count '^#[0-9]+ +[0-9.]+ +2 ')" ] ||
  fail "--connection 2 shows others: $(cat "$work/out")"
shows ' > +Fetch v' "$acklab" dissect "$sim" --api fetch
[ "$(count '^#')" -eq "$(count ' Fetch v')" ] || fail "--api fetch shows others: $(cat "$work/out")"
shows '^ 0004 .*request_api_key = ' "$acklab" dissect "$sim" --frame 1,2
[ "$(count '^#')" -eq 2 ] || fail "--frame 1,2 shows $(count '^#')"
shows '^ 0000 .*size = ' "$acklab" dissect "$sim" --frame all
[ "$(count ' size = ')" -eq "$messages" ] || fail "--frame all shows $(count ' size = ') of $messages"
shows '"messages":\[\{"frame":1,"packet":[0-9]+,"time_ns":17040672[0-9]+,' "$acklab" dissect --json "$sim"
shows '"parts":\[\{"offset":0,"name":"size"' "$acklab" dissect --json "$sim" --frame 1
refuses 2 "--frame 1000000: the capture has" "$acklab" dissect "$sim" --frame 1000000
other=$("$acklab" dissect "$sim" | awk '/^#/ && $3 == 2 { print substr($1, 2); exit }')
refuses 2 "--frame $other: that is .* in connection 2; leave" "$acklab" dissect "$sim" --connection 1 --frame "$other"
shows ' size = ' "$acklab" dissect "$sim" --connection 2 --frame "$other"
refuses 2 "--frame $other: that is .* in connection 2; leave" "$acklab" dissect "$sim" --api 32 --frame "$other"
refuses 2 '--frame 3-4: write numbers' "$acklab" dissect "$sim" --frame 3-4
refuses 2 '--connection 0: the capture has' "$acklab" dissect "$sim" --connection 0
refuses 2 '--connection -1: the capture has' "$acklab" dissect "$sim" --connection -1
refuses 2 'compares formats, not bytes' "$acklab" dissect "$sim" --api Produce --diff 8,9
refuses 2 'are not for captures' "$acklab" dissect "$sim" --version 3
printf '0000000c0012000000000007 00026d65' >"$work/hex"
refuses 2 'are for captures' "$acklab" dissect "$work/hex" --frame 1

# Another program's file of the same packets says the same.
if command -v editcap >/dev/null; then
  "$acklab" dissect "$sim" >"$work/first"
  editcap -F pcapng "$sim" "$work/sim.pcapng"
  "$acklab" dissect "$work/sim.pcapng" | cmp - "$work/first" || fail "pcapng says something else"
  editcap -r "$sim" "$work/later.pcap" 400-700
  shows 'was there before the capture' "$acklab" dissect "$work/later.pcap"
  [ "$(count '^#')" -gt 100 ] || fail "of connections that were there before, only $(count '^#') messages"
  editcap -s 70 "$sim" "$work/short.pcap"
  shows 'the capture did not keep all of [0-9,]+ packets' "$acklab" dissect "$work/short.pcap"
  shows ': only [0-9]+ of them in this capture' "$acklab" dissect "$work/short.pcap"
fi

# A file that ends in the middle of a packet: what is there, and one line.
head -c -5 "$sim" >"$work/cut.pcap"
refuses 1 'the file ends in packet [0-9]+: [0-9]+ bytes announced, [0-9]+ left' "$acklab" dissect "$work/cut.pcap"
[ "$(count '^#')" -ge $((messages - 1)) ] || fail "of a cut file, $(count '^#') of $messages messages"
refuses 1 'not a capture|no capture' "$acklab" dissect --as capture "$work/hex"

# Somebody else's talk: HTTP, and UDP.
file_header='\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\xff\xff\0\0\x65\0\0\0'
from_to='\x0a\0\0\1\x0a\0\0\2'
tcp='\x9c\x40\x1f\x90\0\0\0\1\0\0\0\1\x50\x18\1\0\0\0\0\0'
printf "$file_header" >"$work/foreign.pcap"
printf "\1\0\0\0\0\0\0\0\x3a\0\0\0\x3a\0\0\0\x45\0\0\x3a\0\0\0\0\x40\6\0\0${from_to}${tcp}GET / HTTP/1.1\r\n\r\n" >>"$work/foreign.pcap"
printf "\2\0\0\0\0\0\0\0\x1e\0\0\0\x1e\0\0\0\x45\0\0\x1e\0\0\0\0\x40\x11\0\0${from_to}\0\x35\0\x35\0\x0a\0\0hi" >>"$work/foreign.pcap"
shows '^2 packets, 1 connection, 0 messages$' "$acklab" dissect "$work/foreign.pcap"
shows '^connection 1: 10\.0\.0\.1:40000 -> 10\.0\.0\.2:8080, .*no Kafka request among them$' "$acklab" dissect "$work/foreign.pcap"
shows '^passed over: 1 packet, not TCP$' "$acklab" dissect "$work/foreign.pcap"

# A cluster's: compressed records are opened, checksums compared, damage is located.
start_serve --brokers 1 --topic orders:1:1 --pcap "$work/serve.pcap"
serve_port=${bootstrap#*:}
yes 'a value' | head -n 50 | "$acklab" produce -b "$bootstrap" -t orders -z gzip --quiet || fail "produce"
echo 'plain' | "$acklab" produce -b "$bootstrap" -t orders --quiet || fail "produce"
stop_serve || fail "serve did not end in order"
shows 'attributes = 1 +\(gzip, create time\)' "$acklab" dissect "$work/serve.pcap" --api Produce --frame all
shows '^~[0-9a-f]{4} .*value = "a value"' "$acklab" dissect "$work/serve.pcap" --api Produce --frame all
shows 'crc = [0-9a-f]{8} +\(matches\)' "$acklab" dissect "$work/serve.pcap" --api Produce --frame all
LC_ALL=C sed 's/plain/pLain/' "$work/serve.pcap" >"$work/flipped.pcap"
shows 'crc = [0-9a-f]{8} +\(DOES NOT MATCH: the bytes have' "$acklab" dissect "$work/flipped.pcap" --api Produce --frame all
shows 'Produce v[0-9]+ request.*: a checksum DOES NOT MATCH' "$acklab" dissect "$work/flipped.pcap"
LC_ALL=C sed 's/\x07orders/\x7forders/' "$work/serve.pcap" >"$work/lied.pcap"
refuses 1 '^acklab: #[0-9]+, byte [0-9]+, CreateTopicsRequest version [0-9]+\.Topics\[0\]\.Name: 126 bytes wanted, [0-9]+ left' \
  "$acklab" dissect "$work/lied.pcap"
[ "$(count ': CANNOT BE READ at byte ')" -gt 0 ] || fail "the list does not say which message cannot be read"

# Messages are shown one by one: their parts, all at once, would take a hundred times the capture.
start_serve --brokers 1 --topic orders:1:1 --pcap "$work/large.pcap"
"$acklab" perf -t orders --num-records 40000 --record-size 100 -X bootstrap.servers="$bootstrap" >"$work/out" || fail "perf: exit $?"
stop_serve || fail "serve did not end in order"
in_memory 200000 "$acklab" dissect "$work/large.pcap" --frame all --json >"$work/out" || fail "a large capture as JSON: exit $?"
python3 -c 'import json, sys; assert sum(m["api"] == "Produce" and "parts" in m for m in json.load(sys.stdin)["messages"]) > 100' <"$work/out" ||
  fail "the JSON of a large capture"

# The commands of the guide's first page, on a cluster's capture; tshark finds the controller's requests with them.
page=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/protocol/guide/README.md
commands=$(awk '/^```$/ { on = !on; next } on' "$page" | grep cluster.pcap | grep -v ' serve ')
[ "$(grep -c dissect <<<"$commands")" -ge 4 ] || fail "no commands found in $page"
command -v tshark >/dev/null || commands=$(grep -v '^tshark' <<<"$commands")
mkdir -p "$work/page/tools"
ln -s "$acklab" "$work/page/tools/acklab"
cp "$work/serve.pcap" "$work/page/cluster.pcap"
port=$serve_port
(cd "$work/page" && bash -euc "${commands//9092-9094/$port}" >"$work/out" 2>"$work/err") || fail "the guide's commands: $(cat "$work/err")"
! command -v tshark >/dev/null || grep -q 'Kafka .* 10.1.0.0 .* 10.2.0.1\|10.1.0.0 .* 10.2.0.1 .*Kafka' "$work/out" ||
  fail "tshark shows nothing of the controller: $(tail -n 5 "$work/out")"
echo "dissect: captures of ours, others' captures, and what is damaged"

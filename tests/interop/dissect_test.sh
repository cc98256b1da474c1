#!/usr/bin/env bash
# acklab dissect shows what bytes mean: frames and batches as hex, a segment of a served cluster, the formats of messages and what changed in
# them; and says where bytes cannot be read.
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"
need python3

hex() { printf '%s\n' "$1" >"$work/hex"; }

# A request, its response, and a body.
hex '0000000c 0012 0000 00000007 0002 6d65'
shows 'request_api_key = 18 +\(ApiVersions\)' "$acklab" dissect "$work/hex"
shows 'client_id = "me"' "$acklab" dissect <"$work/hex"
shows '"name":"correlation_id","hex":"00000007"' "$acklab" dissect --json "$work/hex"
hex '0x00,0x00,0x00,0x10 00000007 0000 00000001 0012 0000 0004'
shows 'MaxVersion = 4' "$acklab" dissect --response --api ApiVersions --version 0 "$work/hex"
hex 'ffff 000005dc 00000000'
shows 'TimeoutMs = 1500  : int32' "$acklab" dissect --as body --api produce --version 2 --types "$work/hex"

# Several frames, one behind the other; a fault in one is none of the next.
hex '0000000c 0012 0000 00000007 0002 6d65  00000008 7fff 0000 00000008  0000000c 0012 0000 00000009 0002 6d65'
refuses 1 'byte 28, frame\[1\].client_id: 2 bytes wanted, 0 left' "$acklab" dissect "$work/hex"
grep -q '^ 0024 .*correlation_id = 9' "$work/out" || fail "the third frame is not shown: $(cat "$work/out")"
hex '0000000c 0012 0000 00000007 0002 6d65 0001'
refuses 1 'byte 16, .*: 2 bytes behind the end of the message' "$acklab" dissect "$work/hex"

# What cannot be read: exit code 1, where, and why.
hex '0000000c 0012 0000 00000007 0002 6d'
refuses 1 'byte 12, client_id: 2 bytes wanted, 1 left' "$acklab" dissect "$work/hex"
hex '0000000c 0012 0000 00000007 0002 6d6'
refuses 2 'these hex digits are not in pairs' "$acklab" dissect "$work/hex"
hex '0000 z0'
refuses 2 "not hex, at character 6: 'z'" "$acklab" dissect "$work/hex"
truncate -s 3G "$work/large"
refuses 2 'large: more than 2147483647 bytes are too many' "$acklab" dissect "$work/large"
refuses 2 'more than 268435456 bytes are too many' "$acklab" dissect /dev/zero
refuses 2 'cannot be read; name a file' "$acklab" dissect "$work"
hex '0000'
refuses 2 'say of which message' "$acklab" dissect --as body "$work/hex"
hex '0000000a 7fff 0000 00000007 ffff'
refuses 1 'no table for API key 32767' "$acklab" dissect "$work/hex"

# A user's mistakes: exit code 2.
refuses 2 'dissect: no bytes' "$acklab" dissect /dev/null
refuses 2 'did you mean Produce' "$acklab" dissect --api Prodce
refuses 2 'has versions' "$acklab" dissect --api Produce --version 99
refuses 2 'ProduceRequest has versions [0-9]+ to [0-9]+ here, not -1' "$acklab" dissect --api Produce --version -1
hex '0000000c 0012 0000 00000007 0002 6d65'
refuses 2 '--version: say of which API' "$acklab" dissect --version 0 "$work/hex"
refuses 2 '--response: say to what' "$acklab" dissect --response "$work/hex"
refuses 2 '--api alone shows a format and takes no bytes' "$acklab" dissect --api ApiVersions <"$work/hex"
refuses 2 '--api alone shows a format and takes no bytes' bash -c "'$acklab' dissect --api ApiVersions < <(cat '$work/hex'; sleep 1)"
refuses 2 '--diff 8: write two versions' "$acklab" dissect --api Produce --diff 8
refuses 2 'cannot be read' "$acklab" dissect "$work/no-such-file"

# The formats; what a script has on its standard input does not matter, and stays there.
[ "$(printf 'face the facts\nthe end\n' | { read -r _; "$acklab" dissect --api ApiVersions >/dev/null || exit; cat; })" = 'the end' ] ||
  fail "a format takes what is on standard input"
shows '^ +TransactionalId +nullable compact string +3\+ +3\+' "$acklab" dissect --api Produce --version 9
shows 'ProduceRequest, from version 8 to 9' "$acklab" dissect --api Produce --diff 8,9
shows 'changed +\(all fields\): lengths of fixed size -> compact' "$acklab" dissect --api 0 --diff 8,9
shows 'added +TopicData.PartitionData.RecordErrors: array of structure|added +Responses' "$acklab" dissect --api Produce --diff 7,8

"$acklab" dissect --api Produce --json >"$work/out" || fail "--api --json: exit $?"
[ "$(wc -l <"$work/out")" -eq 1 ] || fail "--api --json prints $(wc -l <"$work/out") documents"
shows '^\{"api":"Produce","key":0,"request":\{"message":"ProduceRequest",.*"response":\{"message":"ProduceResponse"' "$acklab" dissect --api Produce --json
shows '^\{"api":"Produce","key":0,"request":\{"message":"ProduceRequest","from":8,"to":9' "$acklab" dissect --api Produce --diff 8,9 --json
shows '^Exit code: 0 if all could be read, 1 if not' "$acklab" dissect --help

# A terminal gets colours, unless it does not want them; an empty wish is none.
if command -v script >/dev/null; then
  on_terminal() { script -qec "$*" /dev/null </dev/null >"$work/out"; grep -q $'\x1b\[36m' "$work/out"; }
  on_terminal "'$acklab' dissect '$work/hex'" || fail "no colours on a terminal"
  on_terminal "NO_COLOR= '$acklab' dissect '$work/hex'" || fail "no colours though NO_COLOR is empty"
  on_terminal "NO_COLOR=1 '$acklab' dissect '$work/hex'" && fail "colours in spite of NO_COLOR"
fi

# A segment, as it lies on the disk.
start_serve --brokers 1 --topic orders:1:1 --data-dir "$work/data"
printf 'first\nsecond\n' | "$acklab" produce -b "$bootstrap" -t orders -z gzip --quiet || fail "produce"
segment=$(find "$work/data" -name '00000000000000000000.log' -path '*orders-0*')
[ -n "$segment" ] || fail "no segment in $(find "$work/data")"
shows '\(matches\)' "$acklab" dissect "$segment"
shows 'attributes = 1 +\(gzip, create time\)' "$acklab" dissect "$segment"
shows '~0.* value = "second"' "$acklab" dissect "$segment"
# What lies beside it, written when the broker ends; and an index that is empty.
stop_serve || fail "serve did not end in order"
directory=$(dirname "$segment")
shows '^ 000e .*producerId = |^ 000a .*producerId = ' "$acklab" dissect "$(ls "$directory"/*.snapshot | tail -n 1)"
shows 'crc = [0-9a-f]{8} +\(matches\)' "$acklab" dissect "$(ls "$directory"/*.snapshot | tail -n 1)"
shows 'entry\[0\] = timestamp [0-9]+ at offset 1' "$acklab" dissect "$directory/00000000000000000000.timeindex"
shows '^\[\]$' "$acklab" dissect --json "$directory/00000000000000000000.index"
printf '0000000300000092' >"$work/hex"
shows 'entry\[0\] = relative offset 3 at 146' "$acklab" dissect --as index "$work/hex"
printf '\0\0\0\3\0\0\0\x92\0' >"$work/00000000000000000100.index"
refuses 1 'byte 8, entry\[1\].relativeOffset: 4 bytes wanted, 1 left' "$acklab" dissect "$work/00000000000000000100.index"
grep -q 'entry\[0\] = offset 103 at 146' "$work/out" || fail "said: $(cat "$work/out")"

# A segment is one by its name: an empty one, one that is cut in its first batch, one of message sets.
: >"$work/00000000000000000007.log"
shows '^\[\]$' "$acklab" dissect --json "$work/00000000000000000007.log"
head -c 20 "$segment" >"$work/00000000000000000007.log"
shows 'batch\[0\] = cut short' "$acklab" dissect "$work/00000000000000000007.log"
printf '%s' '0000000000000000 0000000f 00000000 00 00 ffffffff 00000001 61' >"$work/00000000000000000007.log"
shows 'magic = 0' "$acklab" dissect "$work/00000000000000000007.log"

# A segment is shown to its end, however many parts that are, and in little memory.
python3 - "$work/many.log" <<'PYTHON' || fail "no large segment"
import struct, sys

# Batches with a record each; their checksums are wrong, which does not matter here.
record = bytes([0x12, 0, 0, 0, 1, 6]) + b"abc" + bytes([0])
with open(sys.argv[1], "wb") as out:
    for i in range(20_000):
        body = struct.pack(">hiqqqhii", 0, 0, 0, 0, -1, -1, -1, 1) + record
        out.write(struct.pack(">qiiBI", i, 9 + len(body), 0, 2, 0) + body)
PYTHON
in_memory 200000 "$acklab" dissect "$work/many.log" >"$work/out" || fail "20,000 batches: exit $?"
[ "$(grep -c 'value = "abc"' "$work/out")" -eq 20000 ] || fail "$(grep -c 'value = "abc"' "$work/out") of 20,000 records shown"
"$acklab" dissect "$work/many.log" --json | python3 -c 'import json, sys; assert len(json.load(sys.stdin)) == 20_000' ||
  fail "the JSON of 20,000 batches"
echo "dissect: frames, a segment, formats, and what cannot be read"

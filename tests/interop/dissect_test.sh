#!/usr/bin/env bash
# acklab dissect shows what bytes mean: frames and batches as hex, a segment of a served cluster, the formats of messages and what changed in
# them; and says where bytes cannot be read.
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"

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

# What cannot be read: exit code 1, where, and why.
hex '0000000c 0012 0000 00000007 0002 6d'
refuses 1 'byte 12, client_id: 2 bytes wanted, 1 left' "$acklab" dissect "$work/hex"
hex '0000000c 0012 0000 00000007 0002 6d6'
refuses 2 'these hex digits are not in pairs' "$acklab" dissect "$work/hex"
hex '0000 z0'
refuses 2 "not hex, at character 6: 'z'" "$acklab" dissect "$work/hex"
refuses 2 'cannot be read; name a file' "$acklab" dissect "$work"
hex '0000'
refuses 2 'say of which message' "$acklab" dissect --as body "$work/hex"
hex '0000000a 7fff 0000 00000007 ffff'
refuses 1 'no table for API key 32767' "$acklab" dissect "$work/hex"

# A user's mistakes: exit code 2.
refuses 2 'dissect: no bytes' "$acklab" dissect /dev/null
refuses 2 'did you mean Produce' "$acklab" dissect --api Prodce
refuses 2 'has versions' "$acklab" dissect --api Produce --version 99
refuses 2 '--diff 8: write two versions' "$acklab" dissect --api Produce --diff 8
refuses 2 'cannot be read' "$acklab" dissect "$work/no-such-file"

# The formats.
shows '^ +TransactionalId +nullable compact string +3\+ +3\+' "$acklab" dissect --api Produce --version 9
shows 'ProduceRequest, from version 8 to 9' "$acklab" dissect --api Produce --diff 8,9
shows 'changed +\(all fields\): lengths of fixed size -> compact' "$acklab" dissect --api 0 --diff 8,9
shows 'added +TopicData.PartitionData.RecordErrors: array of structure|added +Responses' "$acklab" dissect --api Produce --diff 7,8

# A segment, as it lies on the disk.
start_serve --brokers 1 --topic orders:1:1 --data-dir "$work/data"
printf 'first\nsecond\n' | "$acklab" produce -b "$bootstrap" -t orders -z gzip --quiet || fail "produce"
segment=$(find "$work/data" -name '00000000000000000000.log' -path '*orders-0*')
[ -n "$segment" ] || fail "no segment in $(find "$work/data")"
shows '\(matches\)' "$acklab" dissect "$segment"
shows 'attributes = 1 +\(gzip, create time\)' "$acklab" dissect "$segment"
shows '~0.* value = "second"' "$acklab" dissect "$segment"
echo "dissect: frames, a segment, formats, and what cannot be read"

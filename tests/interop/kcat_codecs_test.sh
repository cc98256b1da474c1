#!/usr/bin/env bash
# Debian's kcat produces 100,000 lines of real text with each codec and acks=all, and reads them back byte for byte. The codec is checked
# on the broker's side, because librdkafka reports success when it sent plain.
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"
need kcat

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Real text: this project's own, over and over. Empty lines are left out, since kcat sends none for them.
: >"$work/lines"
while [ "$(wc -l <"$work/lines")" -lt 100000 ]; do
  grep -hv '^$' "$root"/LICENSE "$root"/*.md "$root"/protocol/*/*.h >>"$work/lines"
done
head -n 100000 "$work/lines" >"$work/text"

codecs="none gzip snappy lz4 zstd"
topics=()
for codec in $codecs; do topics+=(--topic "$codec:1:3"); done
start_serve "${topics[@]}" --set min.insync.replicas=2

for codec in $codecs; do
  kcat -P -b "$bootstrap" -t "$codec" -p 0 -z "$codec" -X acks=all -X enable.idempotence=true <"$work/text" >"$work/out" 2>&1 ||
    fail "kcat -P -z $codec: $(cat "$work/out")"
  timeout 60 kcat -C -b "$bootstrap" -t "$codec" -p 0 -o beginning -e -q >"$work/back" 2>"$work/out" ||
    fail "kcat -C of $codec: $(cat "$work/out")"
  cmp "$work/text" "$work/back" || fail "$codec: what was read differs from what was sent"

  "$acklab" consume -b "$bootstrap" -t "$codec" -e --batches >"$work/batches" || fail "consume --batches of $codec"
  # A batch of a line or two may not shrink, and is then sent plain; nearly all records must carry the codec.
  read -r with all < <(awk -v codec="$codec" '{ for (i = 1; i < NF; ++i) { if ($i == "records") n = $(i + 1); if ($i == "codec") c = $(i + 1) }
    all += n; if (c == codec) with += n } END { print with + 0, all + 0 }' "$work/batches")
  [ "$all" = 100000 ] || fail "$codec: the batches hold $all records"
  [ "$with" -ge 99000 ] || fail "$codec: only $with of $all records are in batches of this codec"
  echo "$codec: 100000 lines back byte for byte, $with in batches of codec $codec, $(wc -l <"$work/batches") batches"
done

stop_serve || fail "serve did not end in order on SIGTERM"

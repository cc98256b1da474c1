#!/usr/bin/env bash
# A log with transactions that comes from elsewhere: strangers who read committed data get just that, before and after it was closed, and
# the reader of storage/FORMAT.md agrees with what is left, .txnindex and open transaction included.
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"
need kcat
need python3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
data=$work/data
partition=$data/broker-0/transfers-0

# expect ISOLATION VALUE...
expect() {
  local isolation=$1
  shift
  timeout 60 kcat -C -b "$bootstrap" -t transfers -p 0 -o beginning -e -q -X isolation.level="$isolation" >"$work/read" 2>"$work/err" ||
    fail "kcat, $isolation: $(cat "$work/err")"
  printf '%s\n' "$@" | cmp - "$work/read" || fail "$isolation: $(cat "$work/read")"
}
expect_both() {
  # Waits until the controller has given the broker its partition back; kcat would give up.
  "$acklab" consume -b "$bootstrap" -t transfers -e -q >"$work/out" || fail "consume"
  expect read_committed plain committed "committed later"
  expect read_uncommitted plain aborted committed "aborted too" "committed later" undecided "behind it"
}

start_serve --brokers 1 --data-dir "$data" --topic transfers:1:1
stop_serve
python3 "$here/write_transactions.py" "$partition" || fail "write_transactions.py"
rm "$data/broker-0/.kafka_cleanshutdown"

start_serve --brokers 1 --data-dir "$data"
expect_both
stop_serve
[ "$(wc -c <"$partition/00000000000000000000.txnindex")" = 34 ] || fail "one transaction was aborted: $(ls -l "$partition")"
python3 "$here/read_log_dir.py" "$data/broker-0" >"$work/out" || fail "the reader does not agree"

start_serve --brokers 1 --data-dir "$data"
expect_both
stop_serve

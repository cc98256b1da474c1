#!/usr/bin/env bash
# Our own produce, consume and topics against serve, all of it on one thread: lines come back in order, and kcat's habits hold.
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"

start_serve --topic orders:1:3 --set min.insync.replicas=2 --threads 1

"$acklab" topics create -b "$bootstrap" payments --partitions 3 --replicas 3 || fail "topics create"
"$acklab" topics list -b "$bootstrap" | sort >"$work/topics"
printf 'orders\npayments\n' | cmp - "$work/topics" || fail "topics list: $(cat "$work/topics")"
"$acklab" topics describe -b "$bootstrap" payments | grep -cP '^Topic: payments\tPartition: \d\tLeader: \d\tReplicas: ' | grep -qx 3 ||
  fail "topics describe"
"$acklab" topics create -b "$bootstrap" payments 2>"$work/err" && fail "a topic was created twice"
[ $? = 2 ] && grep -q 'TOPIC_ALREADY_EXISTS' "$work/err" || fail "creating a topic twice: $(cat "$work/err")"

# A topic's whole life. Other brokers learn of a change a moment after the one that was asked.
eventually() {
  local tries=0
  until "$@" >"$work/out" 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || fail "never: $* ($(cat "$work/out"))"
    sleep 0.1
  done
}
setting_is() { "$acklab" topics config -b "$bootstrap" short | grep -qP "^$1 +$2 +$3$"; }
partitions_are() { [ "$("$acklab" topics describe -b "$bootstrap" short --json | grep -o '"leader":[0-2]' | wc -l)" = "$1" ]; }
exists() { "$acklab" topics list -b "$bootstrap" --json | grep -q "\"$1\""; }
gone() { ! exists "$1"; }
"$acklab" topics create -b "$bootstrap" short --partitions 1 --replicas 3 --set retention.ms=5000 >"$work/out" || fail "topics create"
eventually exists short
eventually setting_is retention.ms 5000 topic
setting_is min.insync.replicas 2 'broker, at its start' || fail "topics config: $("$acklab" topics config -b "$bootstrap" short)"
"$acklab" topics alter -b "$bootstrap" short --set max.message.bytes=2000 --unset retention.ms >"$work/out" || fail "topics alter"
eventually setting_is max.message.bytes 2000 topic
eventually setting_is retention.ms 604800000 default
"$acklab" topics alter -b "$bootstrap" short --set retention.m=1 2>"$work/err" && fail "a key that does not exist was altered"
grep -q 'topic short: INVALID_CONFIG: unknown key "retention.m": did you mean "retention.ms"?' "$work/err" ||
  fail "topics alter: $(cat "$work/err")"
"$acklab" topics add-partitions -b "$bootstrap" short --partitions 3 >"$work/out" || fail "topics add-partitions"
eventually partitions_are 3
"$acklab" topics delete -b "$bootstrap" short >"$work/out" || fail "topics delete"
eventually gone short
"$acklab" topics delete -b "$bootstrap" short 2>"$work/err" && fail "a topic was deleted twice"
grep -q '^acklab: topic short: UNKNOWN_TOPIC_OR_PARTITION' "$work/err" || fail "deleting a topic twice: $(cat "$work/err")"
[ "$(wc -l <"$work/err")" = 1 ] || fail "more than one line: $(cat "$work/err")"

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
for codec in none gzip snappy lz4 zstd; do
  "$acklab" produce -b "$bootstrap" -t orders -z $codec -q "$root/LICENSE" || fail "produce -z $codec"
done
"$acklab" consume -b "$bootstrap" -t orders -e >"$work/back" || fail "consume"
for codec in none gzip snappy lz4 zstd; do cat "$root/LICENSE"; done | cmp - "$work/back" || fail "lines differ"

printf 'a:1\nb:2\na:3\n' | "$acklab" produce -b "$bootstrap" -t payments -K : -q || fail "produce -K"
"$acklab" consume -b "$bootstrap" -t payments -e -f '%k=%s\n' | sort >"$work/keys"
printf 'a=1\na=3\nb=2\n' | cmp - "$work/keys" || fail "keys: $(cat "$work/keys")"

# What kcat sends with these habits of its own, and what our producer sends with the same, kcat reads as the same.
"$acklab" topics create -b "$bootstrap" ours --partitions 1 --replicas 1 >"$work/out" || fail "topics create: $(cat "$work/out")"
"$acklab" topics create -b "$bootstrap" kcats --partitions 1 --replicas 1 >"$work/out" || fail "topics create: $(cat "$work/out")"
habits() {
  local topic=$1
  shift
  printf 'k1=v1;;k2=;;=v3;;last' | "$@" -t "$topic" -K = -D ';;' -Z -p 0 || fail "$* with -K -D -Z"
  printf 'one\ttwo' | "$@" -t "$topic" -D '\t' -k key -H a=1 -H b=2 -H a=3 -z lz4 -p 0 || fail "$* with -D -k -H -z"
  printf 'from a file\nits second line\n' >"$work/lines"
  "$@" -t "$topic" -p 0 -l "$work/lines" || fail "$* with -l"
}
habits ours "$acklab" produce -b "$bootstrap" -q
if command -v kcat >/dev/null; then
  habits kcats kcat -P -b "$bootstrap"
  for topic in ours kcats; do
    kcat -C -q -e -b "$bootstrap" -t $topic -o beginning -f '%o|%k|%K|%s|%S|%h\n' >"$work/$topic" || fail "kcat reading $topic"
  done
  [ -s "$work/ours" ] && diff "$work/kcats" "$work/ours" >"$work/diff" || fail "not as kcat sends: $(cat "$work/diff")"
fi
# The same of reading: where to begin, how to print, several topics and partitions.
for i in 1 2 3 4 5 6 7; do echo "later $i"; done | "$acklab" produce -b "$bootstrap" -t payments -p 2 -q || fail "produce -p 2"
now=$("$acklab" consume -b "$bootstrap" -t payments -p 2 -e -c 1 -f '%T')
if command -v kcat >/dev/null; then
  as_kcat() {
    "$acklab" consume -b "$bootstrap" -q -e "$@" >"$work/ours" || fail "consume $*"
    kcat -C -b "$bootstrap" -q -e "$@" >"$work/kcats" || fail "kcat -C $*"
    [ -s "$work/ours" ] && diff "$work/kcats" "$work/ours" >"$work/diff" || fail "consume $*: not as kcat reads: $(cat "$work/diff")"
  }
  as_kcat -t payments -p 2 -o -3
  as_kcat -t payments -p 2 -o -100
  as_kcat -t payments -p 2 -o 4 -c 2
  as_kcat -t payments -p 2 -o "s@$now" -f '%t %p %o %T %S %s\n'
  as_kcat -t ours -p 0 -o beginning -f '%o|%k|%K|%s|%S|%h\n'
  "$acklab" consume -b "$bootstrap" -t ours -p 0 -e -J >"$work/ours"
  kcat -C -q -e -b "$bootstrap" -t ours -p 0 -o beginning -J | sed 's/"broker":[0-9]*,//' | diff - "$work/ours" >"$work/diff" ||
    fail "-J is not kcat's: $(cat "$work/diff")"
fi
"$acklab" consume -b "$bootstrap" -t payments -t ours -p 0,2 -e >"$work/out" 2>"$work/err"
[ $? = 2 ] && grep -q 'ours has no partition 2' "$work/err" || fail "a partition that ours has not: $(cat "$work/err")"
"$acklab" consume -b "$bootstrap" -t payments,ours -e -f '%t\n' | sort -u | tr '\n' ' ' | grep -qx 'ours payments ' || fail "two topics"
"$acklab" consume -b "$bootstrap" -t payments -p 2 -e -o s@9999999999999 | grep -q . && fail "nothing is as new as that"
"$acklab" consume -b "$bootstrap" -t payments -e -o s@now 2>"$work/err"
[ $? = 2 ] && grep -q 'MILLISECONDS' "$work/err" || fail "-o s@now: $(cat "$work/err")"

echo preset | "$acklab" produce -X metadata.broker.list="$bootstrap" -t payments --preset latency -X Producer.RequiredAcks=WaitForAll -q ||
  fail "a preset, and an address among the settings"

"$acklab" consume -b "$bootstrap" -t nowhere -e 2>"$work/err"
[ $? = 2 ] || fail "a topic that does not exist must end with 2: $(cat "$work/err")"
"$acklab" serve --port "${bootstrap##*:}" --brokers 1 2>"$work/err"
[ $? = 2 ] && grep -q 'in use' "$work/err" && [ "$(wc -l <"$work/err")" = 1 ] || fail "an occupied port: $(cat "$work/err")"

stop_serve || fail "serve did not end in order on SIGTERM"
echo "own clients: topics, five codecs, keys and mistakes"

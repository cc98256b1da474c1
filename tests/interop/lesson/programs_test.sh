#!/usr/bin/env bash
# Builds the Go programs of interop/lesson, runs each against a cluster, and looks for every line that the tables of its README quote.
#
#   programs_test.sh ACKLAB DIRECTORY-FOR-GO'S-CACHE
set -u
source "$(dirname "${BASH_SOURCE[0]}")/../serve.sh"
lesson=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
need go
[ -d /usr/share/gocode/src/github.com/Shopify/sarama ] || { echo "SKIPPED: golang-github-shopify-sarama-dev is not installed"; exit 77; }

mkdir -p "${2:?usage: $0 ACKLAB DIRECTORY}"
GOCACHE=$(cd "$2" && pwd)/go-cache
export GOCACHE GO111MODULE=off GOPATH=/usr/share/gocode CGO_CFLAGS=-w

for printed in "$lesson"/printed/*.go; do
  name=$(basename "$printed" .go)
  go build -o /dev/null "$printed" 2>"$work/$name.compiler" && fail "$name compiles as printed: then it needs no correction"
done

for program in "$lesson"/[0-9]*.go; do
  go build -o "$work/$(basename "$program" .go)" "$program" "$lesson/lesson.go" || fail "$program does not compile"
done

start_serve --brokers 3 --set broker.session.timeout.ms=4000
# topic NAME SETTING...: on all three brokers
topic() {
  "$acklab" topics create "$1" --partitions 1 --replication-factor 3 "${@:2}" -b "$bootstrap" >"$work/out" 2>&1 ||
    fail "topic $1: $(cat "$work/out")"
}
in_sync() { "$acklab" topics describe "$1" -b "$bootstrap" --json | grep -oE '"isr":\[[^]]*\]' | grep -oE '[0-9]+' | wc -l; }

# What programs 12 and 13 are refused for: one of three brokers is gone, and its partition wants all three.
lose_a_broker() {
  "$acklab" fault kill broker:2 --http "$http" >"$work/out" 2>&1 || fail "$(cat "$work/out")"
  local tries=0
  until [ "$(in_sync 12_retry.too-few-replicas)" -eq 2 ]; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || fail "the dead broker is still in sync after 30 s"
    sleep 0.1
  done
}

for program in "$lesson"/[0-9]*.go; do topic "$(basename "$program" .go)"; done
for name in 12_retry 13_errors; do topic $name.too-few-replicas --config min.insync.replicas=3; done
topic 13_errors.small-records --config max.message.bytes=100

programs=0
for program in "$lesson"/[0-9]*.go; do
  name=$(basename "$program" .go)
  [ "$name" != 12_retry ] || lose_a_broker
  timeout 90 "$work/$name" "$bootstrap" "$name" >"$work/$name.out" 2>&1 || fail "$name ended with $?: $(tail -n 3 "$work/$name.out")"
  programs=$((programs + 1))
done

# A row's first column names the program, and the last what is seen, between backticks.
quoted=0
while IFS=$'\t' read -r name line; do
  [ -n "$line" ] || fail "README.md, a row of $name: nothing between backticks in its last column"
  cat "$work/$name".* | grep -qF -- "$line" || fail "$name does not print: $line, but: $(cat "$work/$name".*)"
  quoted=$((quoted + 1))
done < <(awk -F '|' '/^\| [0-9]/ { split($(NF - 1), seen, "`"); gsub(/ /, "", $2); print $2 "\t" seen[2] }' "$lesson/README.md")
[ $quoted -ge 30 ] || fail "only $quoted lines found in the tables"
echo "lesson: $programs programs, $quoted lines of the tables seen"

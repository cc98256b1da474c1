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

start_serve --brokers 3
programs=0
for program in "$lesson"/[0-9]*.go; do
  name=$(basename "$program" .go)
  go build -o "$work/$name" "$program" "$lesson/lesson.go" || fail "$name does not compile"
  topics=("$name --replication-factor 3")
  case $name in
    12_retry | 13_errors) topics=("$name.too-few-replicas --replication-factor 1 --config min.insync.replicas=2"
                                  "$name.small-records --replication-factor 1 --config max.message.bytes=100") ;;
  esac
  for topic in "${topics[@]}"; do
    # shellcheck disable=SC2086
    "$acklab" topics create $topic --partitions 1 -b "$bootstrap" >"$work/out" 2>&1 || fail "topic $topic: $(cat "$work/out")"
  done
  timeout 90 "$work/$name" "$bootstrap" "$name" >"$work/$name.out" 2>&1 || fail "$name ended with $?: $(tail -n 3 "$work/$name.out")"
  programs=$((programs + 1))
done

# A row's first column names the program, and the last what is seen, between backticks.
quoted=0
while IFS=$'\t' read -r name line; do
  cat "$work/$name".* | grep -qF -- "$line" || fail "$name does not print: $line, but: $(cat "$work/$name".*)"
  quoted=$((quoted + 1))
done < <(awk -F '|' '/^\| [0-9]/ { split($(NF - 1), seen, "`"); gsub(/ /, "", $2); print $2 "\t" seen[2] }' "$lesson/README.md")
[ $quoted -ge 30 ] || fail "only $quoted lines found in the tables"
echo "lesson: $programs programs, $quoted lines of the tables seen"

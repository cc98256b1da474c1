#!/usr/bin/env bash
# Builds or fetches what the clients here need into a directory; what cannot be had is left out, and the tests that need it say so.
#
#   build.sh DIRECTORY
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:?usage: $0 DIRECTORY}
mkdir -p "$out" || exit 1
out=$(cd "$out" && pwd)

# missing NAME REASON: what a test that needs NAME prints when it is skipped.
missing() { echo "$1: $2"; echo "$2" >"$out/$1.missing"; rm -f "$out/$1"; }
rm -f "$out"/*.missing

if [ -e /usr/include/librdkafka/rdkafka.h ]; then
  for program in "$here/librdkafka_producer" "$here/../../../tools/bench/mock_cluster"; do
    cc -std=c11 -D_DEFAULT_SOURCE -O1 -Wall -Wextra -Werror "$program.c" -o "$out/${program##*/}" -lrdkafka || exit 1
  done
else
  for program in librdkafka_producer mock_cluster; do missing $program "librdkafka-dev is not installed"; done
fi

# Debian's Go packages are sources under /usr/share/gocode, so no network is needed.
# go_program NAME LIBRARY PACKAGE
go_program() {
  if ! command -v go >/dev/null; then
    missing "$1" "golang-go is not installed"
  elif [ ! -d "/usr/share/gocode/src/github.com/$2" ]; then
    missing "$1" "$3 is not installed"
  else
    GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$out/go-cache CGO_CFLAGS=-w \
      go build -o "$out/$1" "$here/$1.go" || exit 1
  fi
}
go_program sarama_producer Shopify/sarama golang-github-shopify-sarama-dev
go_program old_sarama Shopify/sarama golang-github-shopify-sarama-dev
go_program old_kafka_go segmentio/kafka-go golang-github-segmentio-kafka-go-dev

# Exactly what the lock file says, from the registry that npm is configured for.
if ! command -v npm >/dev/null; then
  missing node_modules "npm is not installed"
elif ! cmp -s "$here/package-lock.json" "$out/package-lock.json" || [ ! -d "$out/node_modules" ]; then
  cp "$here/package.json" "$here/package-lock.json" "$out/"
  if ! npm ci --prefix "$out" --no-audit --no-fund --ignore-scripts --loglevel=error >"$out/npm.log" 2>&1; then
    missing node_modules "npm ci failed: $(tail -n 1 "$out/npm.log")"
    rm -rf "$out/node_modules" "$out/package-lock.json"
  fi
fi
echo "clients are in $out"

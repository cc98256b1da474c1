#!/usr/bin/env bash
# A user's mistakes: each is told in exactly one line on standard error that says what, where and how to mend it, with the exit code that
# the program promises and nothing on standard output.
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
scenario=$root/tools/lab/scenarios/acks1-leader-kill.toml
cd "$work" || fail "no directory"

checked=0
# told REGEX ARGS...: ends with 2, and its one line matches.
told() {
  local expected=$1
  shift
  timeout 60 "$acklab" "$@" >out 2>err </dev/null
  local code=$?
  [ $code = 2 ] || fail "acklab $*: exit $code, not 2: $(cat err)"
  [ ! -s out ] || fail "acklab $*: on standard output: $(head -n 3 out)"
  [ "$(wc -l <err)" = 1 ] || fail "acklab $*: not one line: $(cat err)"
  grep -qE -- "$expected" err || fail "acklab $*: nothing of \"$expected\" in: $(cat err)"
  checked=$((checked + 1))
}

# change FILE SED: the scenario with a mistake.
change() {
  sed "$2" "$scenario" >"$1"
  ! cmp -s "$scenario" "$1" || fail "$1: the scenario no longer holds what this test changes"
}

# Scenario files: line, column, and the nearest right word.
change key.toml 's/^brokers = 3/brokerz = 3/'
told '^acklab: key.toml:6:1: unknown key "brokerz" in \[cluster\]; did you mean "brokers"\?' run key.toml
change type.toml 's/^brokers = 3/brokers = "three"/'
told '^acklab: type.toml:6:11: brokers must be a whole number, but is text; write' run type.toml
change topic.toml 's/leader:orders-0/leader:payments-0/'
told '^acklab: topic.toml:22:.*no topic "payments".*did you mean "orders"\?' run topic.toml
change target.toml 's/leader:orders-0/leeder:orders-0/'
told '^acklab: target.toml:22:.*"leeder:orders-0".*leader:TOPIC-PARTITION' run target.toml
change broker.toml 's/target = "leader:orders-0"/target = "broker:7"/'
told '^acklab: broker.toml:[0-9]+:[0-9]+: .*7' run broker.toml
change syntax.toml 's/^name = .*/name = /'
told '^acklab: syntax.toml:[12]:' run syntax.toml
change weak.toml 's/acks = "1"/acks = "all"/'
told '^acklab: weak.toml: .*expects less than is promised.*expect "safe"' run weak.toml
told '^acklab: missing.toml: cannot be read \(No such file' run missing.toml
told '^acklab: \./: cannot be read \(Is a directory\)' run ./

# A fault that never fires: the run is shown, and proves nothing.
change idle.toml 's/records = 400/records = 999999/'
"$acklab" run idle.toml >out 2>err
[ $? = 3 ] && grep -q 'vacuous' out && grep -q 'fault stall did not fire' out && [ ! -s err ] || fail "a fault that never fires: $(cat out err)"

# Words that nobody knows.
told '"runn" of acklab; did you mean "run"\?' runn
told '"lst" of acklab topics; did you mean "list"\?' topics lst
told '"--sed" of acklab run; did you mean "--seed' run acks1-leader-kill --sed 3
told '"--bach" of acklab; did you mean' --bach
told '"--partition" of acklab topics create; did you mean "--partitions"\?' topics create x --partition 3
told '"acks1-leader-kil"; did you mean "acks1-leader-kill"\?' run acks1-leader-kil
told 'did you mean "acks1-leader-kill"\?' scenarios acks1-leader-kil
told 'experiment: ack not in' lesson ack
told 'subcommand is required' topics
told 'scenario is required' run
told 'not expected: extra' run acks1-leader-kill extra

# Values.
for seeds in x 3..1 1..x '' 1.. ..3 -1 1...3 18446744073709551615 0..18446744073709551615 99999999999999999999; do
  told "^acklab: --seeds \"$seeds\": write one seed \(7\) or a range \(1..200\)" run acks1-leader-kill --seeds "$seeds"
  told "^acklab: --seeds \"$seeds\": write one seed" lesson acks --seeds "$seeds"
done
for shard in x 0/3 4/3 1 1/ /3 -1/3 1/2/3 1/0 1/9999999999 ''; do
  told "^acklab: --shard \"$shard\": write this machine's number and how many there are" run acks1-leader-kill --seeds 1..9 --shard "$shard"
  told "^acklab: --shard \"$shard\": write this machine's number" lesson acks --shard "$shard"
done
told '^acklab: --shard 4/4: nothing is left for it of 3 seeds; use at most 3 shards' run acks1-leader-kill --seeds 1..3 --shard 4/4
told '^acklab: --junit missing/junit.xml: cannot be written \(No such file' run acks1-leader-kill --seeds 1..99999999 --junit missing/junit.xml
told '^acklab: --junit .: cannot be written \(Is a directory\)' lesson acks --seeds 1..99999999 --junit .
told '--jobs' run acks1-leader-kill --jobs -1
told '--jobs' lesson acks --jobs many
told '--era: unknown Kafka version "foo": .*"4.1"' run acks1-leader-kill --era foo
told '--era: unknown Kafka version "foo": .*"4.1"' lesson acks --seeds 1..2 --era foo
told '--era: unknown Kafka version "foo": .*"4.1"' serve --port 0 --era foo
for bootstrap in x :9092 localhost h:0 h:99999 h:9x '' 127.0.0.1:1, ,; do
  told "^acklab: -b \"$bootstrap\": .* is not HOST:PORT; write for example" topics list -b "$bootstrap"
  told "^acklab: -b \"$bootstrap\": .* is not HOST:PORT; write for example" consume -t x -e -b "$bootstrap"
  told "^acklab: -b \"$bootstrap\": .* is not HOST:PORT; write for example" produce -t x -b "$bootstrap"
done
told '127.0.0.1:1 within 1 s' topics list -b 127.0.0.1:1 --timeout 1
told '--timeout.*not in range' topics list --timeout 1e30
told '--timeout.*not in range' consume -t x -e --timeout 0
told '--promise excludes --json' run acks1-leader-kill --promise --json
told '-o foo: write beginning, end, an offset, -N for the last N, or s@MILLISECONDS for a time' consume -t x -o foo

# Files.
: >empty
for command in 'run acks1-leader-kill' 'lesson acks --seeds 1..2'; do
  # shellcheck disable=SC2086
  told '--lines empty: has no lines; name a text file' $command --lines empty
  # shellcheck disable=SC2086
  told '--lines missing: cannot be read \(No such file' $command --lines missing
  # shellcheck disable=SC2086
  told '--lines \.: cannot be read \(Is a directory' $command --lines .
  # shellcheck disable=SC2086
  told '--json=missing/x: cannot be written \(No such file.*name a file' $command --json=missing/x
done
told '--json=missing/x: cannot be written' scenarios --json=missing/x
told '--json=\.: cannot be written \(Is a directory' run acks1-leader-kill --seeds 1..1000000 --json=.
told '--trace missing/x: cannot be written \(No such file.*name a file' run acks1-leader-kill --trace missing/x
told '--trace: a trace is of one run; say which with --seed N' run acks1-leader-kill --seeds 1..9 --trace x
told '^acklab: \.: is a folder; name a text file' produce -t x .
told '^acklab: missing: cannot be read \(No such file.*name a text file' produce -t x missing

# Settings, by where they came from.
told '--set: unknown key "num.partition": did you mean "num.partitions"\?' serve --port 0 --set num.partition=1
told '--set: num.partitions: "x" is not a whole number' serve --port 0 --set num.partitions=x
told '--set num: write KEY=VALUE' serve --port 0 --set num
told '-X.*"linger" is no producer setting; did you mean "linger.ms"\?' produce -t x -X linger=1
told '-X.*acks = "7": it takes 0, 1 or all' produce -t x -X acks=7
told '-z.*"zip": it takes none, gzip' produce -t x -z zip
told '-X acks: write KEY=VALUE' produce -t x -X acks
told '--set foo=1: unknown key "foo"' run acks1-leader-kill --set foo=1
told '--set cluster.brokers=x: brokers must be a whole number' run acks1-leader-kill --set cluster.brokers=x
told '--set cluster.set.num.partition=1: .*did you mean' run acks1-leader-kill --set cluster.set.num.partition=1
told '--set topic.0.set.foo=x: .*did you mean' run acks1-leader-kill --set topic.0.set.foo=x
told '--set producer.0.set.foo=x: .*did you mean' run acks1-leader-kill --set producer.0.set.foo=x
told '--set producer.7.set.acks=1: .*count from 0' run acks1-leader-kill --set producer.7.set.acks=1

# A cluster's own refusals.
told '--topic a:b:c: write NAME:PARTITIONS:REPLICAS' serve --port 0 --topic a:b:c
told '--topic: .*9' serve --port 0 --topic a:1:9
told '--topic: .*a b' serve --port 0 --topic 'a b:1:1'
told '--port' serve --port 70000
told 'port 65536' serve --port 65535
told '--threads: brokers with --data-dir do not share' serve --port 0 --data-dir "$work/logs" --threads 1
told '--threads' serve --port 0 --threads 0
start_serve --topic orders:1:3 --threads 2
told 'slow-disk: brokers that share threads would all be slow' fault slow-disk broker:0 --by 1s --http "$http"
told 'foo' topics create -b "$bootstrap" payments --set foo=1
told 'nowhere' topics describe -b "$bootstrap" nowhere
told 'nowhere' consume -b "$bootstrap" -t nowhere -e
told 'topic orders has no partition 7; it has 1, counted from 0' consume -b "$bootstrap" -t orders -p 7 -e
told '-p: topic orders has no partition 7; it has 1, counted from 0' produce -b "$bootstrap" -t orders -p 7 "$root/LICENSE"
told 'no broker answered at 127.0.0.1:1 within 0.5 s; start one' produce -b 127.0.0.1:1 -t orders --timeout 0.5 "$root/LICENSE"
told '^acklab: --partition: Value -1 not in range 0 to 2147483647' produce -b "$bootstrap" -t orders -p -1
told 'in use' serve --brokers 1 --port "${bootstrap##*:}"
# An option with a value does not take the words after it; a setting and then a file to read.
"$acklab" produce -b "$bootstrap" -t orders -q -X acks=all <(echo one) || fail "produce -X acks=all FILE"
[ "$("$acklab" consume -b "$bootstrap" -t orders -e)" = one ] || fail "what was produced from a file"
"$acklab" scenarios --json acks1-leader-kill >out && grep -q '^\[{"name":"acks1-leader-kill"' out && [ ! -e acks1-leader-kill ] ||
  fail "a bare --json took the next word for its file"
stop_serve || fail "serve did not end in order on SIGTERM"

# Standard output that takes nothing.
"$acklab" scenarios >/dev/full 2>err
[ $? = 2 ] && [ "$(wc -l <err)" = 1 ] || fail "a full disk: $(cat err)"

# Versions, and a help that lists what exists.
"$acklab" --version >out || fail "--version"
head -n 1 out | grep -qE '^acklab [0-9]+\.[0-9]+\.[0-9]+$' || fail "--version: $(cat out)"
for library in Boost CLI11 fmt lz4 nlohmann-json snappy toml++ zlib zstd; do
  grep -qE "^  ${library//+/\\+} [0-9]+\.[0-9]+" out || fail "--version says nothing of $library"
done
"$acklab" --help >out || fail "--help"
commands=$(sed -n '/^Subcommands:/,$p' out | sed -n 's/^  \([a-z]*\) .*/\1/p')
[ "$(echo "$commands" | wc -l)" -ge 7 ] || fail "--help lists: $commands"
for command in $commands; do
  "$acklab" "$command" --help >out 2>err && [ -s out ] && [ ! -s err ] || fail "$command --help"
done

echo "bad input: $checked mistakes, one line each"

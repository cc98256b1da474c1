#!/usr/bin/env bash
# acklab conform: our own brokers agree in all that is asked, alone and as three; a broker that lies is found out in the very questions that
# it lies to, and can neither stop the program nor keep it waiting; librdkafka's mock cluster, which is nobody's mirror, is judged to the
# end. The commands of tools/conform/README.md do what it says.
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"
need python3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# conforms CODE ARGS...: its output is in $work/out, its exit code is that.
conforms() {
  local code=$1
  shift
  timeout 300 "$acklab" conform "$@" >"$work/out" 2>"$work/err"
  local got=$?
  [ $got -eq "$code" ] || fail "conform $*: exit $got, not $code: $(cat "$work/err" "$work/out")"
}
shows() { grep -qE -- "$1" "$work/out" || fail "no line like \"$1\" in: $(cat "$work/out")"; }

# Ours, with three brokers and with one, which stays for the rest.
for brokers in 3 1; do
  stop_serve
  start_serve --brokers $brokers
  conforms 0 -b "$bootstrap"
  shows '^[0-9]+ agree, 0 differ, [0-9]+ not asked$'
  grep -q $'\x1b' "$work/out" && fail "colours in a pipe"
  [ -s "$work/err" ] && fail "conform says on stderr: $(cat "$work/err")"
  "$acklab" topics list -b "$bootstrap" | grep -q acklab-conform && fail "its topics are still there"
  echo "$brokers brokers of ours: $(tail -n 1 "$work/out")"
  not_asked=$(grep -c '^not asked' "$work/out")
  [ $brokers -eq 1 ] || [ "$not_asked" -lt 12 ] || fail "not asked of three brokers: $(grep '^not asked' "$work/out")"
done

# What scripts read.
conforms 0 -b "$bootstrap" --only idempotence --json
python3 - "$work/out" <<'PYTHON' || fail "--json: $(cat "$work/out")"
import json, sys
result = json.load(open(sys.argv[1]))
questions = result["questions"]
assert result["interrupted"] is False
assert result["agree"] == len(questions) > 10 and result["differ"] == result["not_asked"] == 0
for question in questions:
    assert question["id"].startswith("idempotence.") and question["section"] == "idempotence"
    assert question["verdict"] == "agrees" and question["seen"] in (question["expected"], question.get("formerly"))
    assert question["rule"].endswith(".") and question["source"]
PYTHON

# Nothing that could be asked proves nothing; mistakes are told in a line.
conforms 3 -b "$bootstrap" --only connection.sasl-on-plain
conforms 2 -b "$bootstrap" --only no-such-question
grep -q 'no question has that in its name' "$work/err" || fail "said: $(cat "$work/err")"
conforms 2 -b 127.0.0.1:1
[ "$(wc -l <"$work/err")" -eq 1 ] && grep -q 'connection refused' "$work/err" || fail "said: $(cat "$work/err")"
conforms 2 -b no-such-host.invalid:9092
grep -q 'no-such-host.invalid:9092: the name of the host does not resolve' "$work/err" || fail "said: $(cat "$work/err")"
conforms 0 --list
[ "$(wc -l <"$work/out")" -gt 150 ] || fail "only $(wc -l <"$work/out") lines in the list"
[ -z "$(tail -n +2 "$work/out" | awk '{print $1}' | sort | uniq -d)" ] || fail "two questions with one name"

# The page counts them.
page=$here/../../tools/conform/README.md
asked=$(($(wc -l <"$work/out") - 1))
grep -q "^$asked questions" "$page" || fail "the page does not say that there are $asked questions"
[ "$(awk -F'|' '/^\| section / { on = 1 } /^$/ { on = 0 } on && $4 ~ /[0-9]/ { sum += $4 } END { print sum }' "$page")" -eq $asked ] ||
  fail "the page's table has another sum than $asked"

# The page's commands.
ran=0
while IFS= read -r line; do
  command=${line//127.0.0.1:9092/$bootstrap}
  bash -c "\"$acklab\" ${command#tools/acklab }" >"$work/out" 2>&1 || fail "README: $line: exit $?: $(tail -n 3 "$work/out")"
  ran=$((ran + 1))
done < <(awk '/^```sh$/ { on = 1; next } /^```/ { on = 0 } on' "$page" | grep -v serve)
[ $ran -ge 3 ] || fail "only $ran commands found in the page"

# A broker whose operator set it otherwise: what it cannot be asked is not asked, and what stays behind is told of.
stop_serve
start_serve --brokers 1 --set socket.request.max.bytes=100000 --set delete.topic.enable=false
conforms 0 -b "$bootstrap" --only batch --timeout 1
shows '^not asked +batch.larger-than-segment +the broker takes no requests of 1500000 bytes$'
grep -q 'could not be deleted: .*TOPIC_DELETION_DISABLED' "$work/err" || fail "topics are left without a word: $(cat "$work/err")"
stop_serve
start_serve --brokers 1

# A broker that lies.
python3 "$here/conform_test.py" "$acklab" "$bootstrap" || fail "a lying broker"

# A broker of somebody else.
mock=$here/../../tools/bench/mock_cluster.c
if [ -e /usr/include/librdkafka/rdkafka_mock.h ] && cc -std=c11 -D_DEFAULT_SOURCE "$mock" -o "$work/mock_cluster" -lrdkafka; then
  mkfifo "$work/leash"
  "$work/mock_cluster" 3 <"$work/leash" >"$work/mock_ready" 2>/dev/null &
  exec 9>"$work/leash"
  tries=0
  until grep -q '^ready ' "$work/mock_ready"; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || fail "the mock cluster was not ready after 30 s"
    sleep 0.1
  done
  conforms 1 -b "$(sed -n 's/^ready bootstrap=//p' "$work/mock_ready")" --timeout 1
  shows '^[0-9]+ agree, [0-9]+ differ, [0-9]+ not asked$'
  shows '^agrees +produce.appends '
  shows '^differs +produce.create-time '
  exec 9>&-
  echo "librdkafka's mock cluster: $(tail -n 1 "$work/out")"
fi

#!/usr/bin/env bash
# No uninitialised byte decides anything, and none gets into a trace: two seeds under valgrind's memcheck, with the trace written out.
#
# usage: valgrind_test.sh PATH-OF-ACKLAB
set -u
acklab=$1
command -v valgrind >/dev/null || { echo "SKIPPED: valgrind is not installed (apt-get install valgrind)"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for scenario in acks1-leader-kill lost-ack-idempotent; do
  valgrind --quiet --error-exitcode=99 "$acklab" run $scenario --seed 1 --trace "$folder/under-valgrind" >/dev/null ||
    { echo "replay: valgrind $acklab run $scenario --seed 1 --trace FILE"; exit 1; }
  "$acklab" run $scenario --seed 1 --trace "$folder/plain" >/dev/null
  cmp "$folder/under-valgrind" "$folder/plain" || exit 1
  echo "$scenario: $(wc -l <"$folder/plain") events, the same under valgrind"
done

#!/usr/bin/env bash
# Runs the commands of the pages of the lesson as they stand there. Each must succeed and print something: where a command ends in grep,
# that is the line which answers the question.
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# The pages' commands call tools/acklab; here that is the program under test.
mkdir -p "$work/clone/tools"
ln -s "$acklab" "$work/clone/tools/acklab"
cp "$root/README.md" "$work/clone/"
cd "$work/clone" || fail "no directory"

questions=$(grep -c '^## [0-9]' "$root/tools/lesson/README.md")
[ "$questions" -eq 8 ] || fail "tools/lesson/README.md: $questions questions, not 8"

# A block is one script, so that a loop may stand over several lines.
awk -v into="$work/block" '
  FNR == 1 { page = FILENAME; sub(/.*\//, "", page) }
  /^```sh$/ { name = sprintf("%s.%02d", into, ++blocks); print "# " page > name; on = 1; next }
  /^```/ { on = 0 }
  on { print > name }' "$root"/tools/lesson/*.md

ran=0
for block in "$work"/block.*; do
  bash -e -o pipefail "$block" >"$work/out" 2>"$work/err" </dev/null ||
    fail "$(cat "$block"): did not succeed: $(tail -n 3 "$work/err")"
  [ -s "$work/out" ] || fail "$(cat "$block"): printed nothing"
  ran=$((ran + 1))
done
[ $ran -ge 15 ] || fail "only $ran blocks of commands found"
echo "lesson: $ran blocks of commands, $questions questions answered"

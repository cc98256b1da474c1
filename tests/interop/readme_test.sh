#!/usr/bin/env bash
# Runs the commands of the README as they stand there, in order, and compares its example with the test that is compiled. A `serve` line is
# started in the background on free ports; 127.0.0.1:9092 and http://127.0.0.1:8080 in later lines mean that cluster.
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"
need kcat
need curl
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# The page's commands call tools/acklab; here that is the program under test.
mkdir -p "$work/clone/tools"
ln -s "$acklab" "$work/clone/tools/acklab"
cp "$root/README.md" "$work/clone/"
cd "$work/clone" || fail "no directory"

ran=0
bootstrap=
while IFS= read -r line; do
  line=${line%%#*}
  case $line in
    "" | tools/test*) continue ;;
    "tools/acklab serve "*)
      # shellcheck disable=SC2086
      start_serve ${line#tools/acklab serve } ;;
    *)
      command=$line
      [ -z "$bootstrap" ] || { command=${line//127.0.0.1:9092/$bootstrap}; command=${command//http:\/\/127.0.0.1:8080/$http}; }
      bash -o pipefail -c "$command" >"$work/out" 2>"$work/err" </dev/null || fail "README: $line: exit $?: $(tail -n 3 "$work/err")"
      [ -s "$work/out" ] || [[ $line == *"kcat -P"* ]] || fail "README: $line: printed nothing" ;;
  esac
  echo "ran: $line"
  ran=$((ran + 1))
done < <(awk '/^```sh$/ { on = 1; next } /^```/ { on = 0 } on' "$root/README.md")
[ $ran -ge 10 ] || fail "only $ran commands found in the README"

awk '/^```cpp$/ { on = 1; next } /^```/ { on = 0 } on' "$root/README.md" >"$work/page.cpp"
awk '/\[example\]/ { on = !on; next } on' "$root/tests/simulation/first_example_test.cpp" >"$work/test.cpp"
diff "$work/page.cpp" "$work/test.cpp" || fail "the README's example is not the one that is tested"

# What the lesson is shown to print is part of what it prints.
awk '/^```text$/ { on = 1; next } /^```/ { on = 0 } on' "$root/README.md" >"$work/shown"
tools/acklab lesson acks >"$work/printed" || fail "lesson acks"
python3 -c 'import sys; shown, printed = (open(name).read() for name in sys.argv[1:]); sys.exit(len(shown) < 100 or shown not in printed)' \
  "$work/shown" "$work/printed" || fail "the README shows another result of lesson acks than the program prints"

# Sourced by the scripts here: starts `acklab serve` on free ports and stops it at the end.
#   start_serve ARGS...    sets $bootstrap and $http
#   fail LINE              ends the test
#   shows, refuses         what a command must print
#   in_memory              what a command must do with

acklab=${1:?usage: $0 PATH-OF-ACKLAB}
work=$(mktemp -d)
serve_pid=
trap 'stop_serve; rm -rf "$work"' EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }

need() {
  command -v "$1" >/dev/null || { echo "SKIPPED: $1 is not installed"; exit 77; }
}

start_serve() {
  : >"$work/ready"
  "$acklab" serve --port 0 --http 0 "$@" >"$work/ready" 2>"$work/serve.err" &
  serve_pid=$!
  # The ready line is the promise; wait for it, not for a time.
  local tries=0
  until grep -q '^ready ' "$work/ready"; do
    kill -0 $serve_pid 2>/dev/null || fail "serve ended: $(cat "$work/serve.err")"
    tries=$((tries + 1))
    [ $tries -lt 300 ] || fail "serve was not ready after 30 s"
    sleep 0.1
  done
  bootstrap=$(sed -n 's/^ready bootstrap=\([^ ]*\).*/\1/p' "$work/ready")
  http=$(sed -n 's/^ready .* http=\([^ ]*\)$/\1/p' "$work/ready")
  [ -n "$bootstrap" ] || fail "no bootstrap in: $(cat "$work/ready")"
}

stop_serve() {
  [ -n "$serve_pid" ] || return 0
  kill -TERM $serve_pid 2>/dev/null
  wait $serve_pid 2>/dev/null
  local code=$?
  serve_pid=
  return $code
}

# shows PATTERN COMMAND...: the output has a line like that.
shows() {
  local pattern=$1
  shift
  "$@" >"$work/out" 2>"$work/err" || fail "$*: exit $?: $(cat "$work/err")"
  grep -qE -- "$pattern" "$work/out" || fail "$*: no line like \"$pattern\" in: $(cat "$work/out")"
}
# refuses CODE PATTERN COMMAND...: one line on stderr, like that.
refuses() {
  local code=$1 pattern=$2
  shift 2
  "$@" >"$work/out" 2>"$work/err"
  local got=$?
  [ $got -eq "$code" ] || fail "$*: exit $got, not $code: $(cat "$work/err")"
  [ "$(wc -l <"$work/err")" -eq 1 ] && grep -qE -- "$pattern" "$work/err" || fail "$*: said: $(cat "$work/err")"
}

# in_memory KIB COMMAND...: with no more addresses than that; under a sanitizer, which takes terabytes of them, with as many as it likes.
in_memory() {
  local kib=$1
  shift
  if (ulimit -v "$kib"; "$acklab" --version) >/dev/null 2>&1; then (ulimit -v "$kib"; "$@"); else "$@"; fi
}

# Sourced by tools/acklab and tools/test: installs what is missing on Debian 12 and builds. Says what it does on stderr; when there
# is nothing to do it takes milliseconds and says nothing.

acklab_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# What building needs, and what only the tests need.
build_packages=(g++ cmake ninja-build ccache libboost-dev libfmt-dev zlib1g-dev libsnappy-dev liblz4-dev libzstd-dev
  libexpected-dev prometheus-cpp-dev nlohmann-json3-dev libtomlplusplus-dev libcli11-dev libgtest-dev libgmock-dev)
test_packages=(kcat curl tshark python3-prometheus-client clang clang-format clang-tidy locales python3 git)
# Other people's Kafka clients; a test whose client is missing is skipped. Node may have come from elsewhere than Debian.
client_packages=(gcc libc6-dev librdkafka-dev python3-kafka python3-snappy python3-lz4 python3-xxhash golang-go
  golang-github-shopify-sarama-dev golang-github-segmentio-kafka-go-dev)
command -v npm >/dev/null || client_packages+=(nodejs npm)

say() { printf 'acklab: %s\n' "$*" >&2; }
die() { say "$*"; exit 2; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "root rights are needed to run: $* (run as root, or install sudo)"
  fi
}

# install_missing PACKAGE...: asks dpkg first, so that a machine that has everything needs no network.
install_missing() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return
  command -v apt-get >/dev/null || die "these Debian packages are missing and there is no apt-get: ${missing[*]}"
  say "installing ${missing[*]}"
  local log
  log=$(mktemp)
  # Package lists may be older than the archive: refresh them once, whatever they say.
  if ! { as_root apt-get update -qq &&
         as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
       >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    die "the packages above could not be installed"
  fi
  rm -f "$log"
}

# The newest change of anything that the program is built from, against the time of the last successful build.
is_fresh() {
  local stamp=$1
  [ -e "$stamp" ] || return 1
  local newer
  newer=$(find "$acklab_root"/{CMakeLists.txt,CMakePresets.json,protocol,storage,broker,producer,tools,tests} -newer "$stamp" \
          \( -type d -o -name '*.cpp' -o -name '*.h' -o -name 'CMake*' \) -print -quit 2>/dev/null)
  [ -z "$newer" ]
}

# build PRESET TARGET...: configures once, builds, shows progress on a terminal and errors always.
build() {
  local preset=$1
  shift
  local directory=$acklab_root/build/$preset log
  mkdir -p "$directory"
  log=$directory/build.log
  export CCACHE_BASEDIR=$acklab_root CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros
  if [ ! -e "$directory/build.ninja" ]; then
    (cd "$acklab_root" && cmake --preset "$preset") >"$log" 2>&1 || { cat "$log" >&2; die "cmake failed"; }
  fi
  if [ -t 2 ]; then
    NINJA_STATUS=$'\r\e[K[%f/%t, %es] ' cmake --build "$directory" --target "$@" 2>&1 |
      tee "$log" | awk '/^\r?.*\[[0-9]+\/[0-9]+/ { printf "\r\033[K%.100s", $0 > "/dev/stderr"; next } { print > "/dev/stderr" }'
    local status=${PIPESTATUS[0]}
    printf '\r\e[K' >&2
    [ "$status" = 0 ] || die "the build failed (log: $log)"
  else
    cmake --build "$directory" --target "$@" >"$log" 2>&1 || { grep -E 'error|FAILED' "$log" | head -n 40 >&2; die "the build failed (log: $log)"; }
  fi
}

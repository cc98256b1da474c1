#!/usr/bin/env bash
# fuzz.sh PROGRAM TARGET WORK SECONDS: looks for bytes that break a target, from its seeds and from what was found before. What is new
# lands in WORK/TARGET; what breaks it in WORK, and the command that replays it is printed.
#
# Memory: the largest block that anything may ask for is twice the largest batch that is unpacked (max_decompressed_batch, 128 MiB), when a
# buffer that has become too small grows. All that is held at once is that, the parts of a dissection and what the sanitizer keeps of
# freed memory. What a dissection holds is counted by its targets themselves, in every build (held.h).
set -eu
program=$1 target=$2 work=$3 seconds=$4
corpus=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/corpus/$target
mkdir -p "$work/$target"
ACKLAB_FUZZ_TARGET=$target ACKLAB_FUZZ_SEEDS=$work/$target "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
  -malloc_limit_mb=256 -print_final_stats=1 -artifact_prefix="$work/$target-" "$work/$target" "$corpus" && exit 0
echo "replay: ACKLAB_FUZZ_TARGET=$target $program $work/$target-*"
exit 1

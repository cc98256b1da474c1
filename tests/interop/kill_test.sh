#!/usr/bin/env bash
# `acklab serve --data-dir` under an acks=all load of librdkafka, killed with SIGKILL at random moments: no acknowledged record is lost. A
# kill leaves all that was written, flushed or not. One broker, and three.
#
#   kill_test.sh ACKLAB [KILLS [SEED]]     so many kills of each cluster; without a seed, another one each time
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"
need python3
need kcat
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -e /usr/include/librdkafka/rdkafka.h ] || { echo "SKIPPED: librdkafka-dev is not installed"; exit 77; }
cc -std=c11 -D_DEFAULT_SOURCE -O1 -Wall -Wextra -Werror "$here/clients/librdkafka_producer.c" -o "$work/producer" -lrdkafka || fail "see above"

kills=${2:-3}
seed=${3:-$RANDOM}
for brokers in 1 3; do
  python3 "$here/kill_test.py" "$acklab" "$work/producer" "$work/data-$brokers" $brokers "$kills" "$seed" ||
    fail "see above; again: $0 $acklab $kills $seed"
done

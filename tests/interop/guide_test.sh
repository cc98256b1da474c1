#!/usr/bin/env bash
# The commands of the pages in protocol/guide print what the pages show. ACKLAB_UPDATE_GUIDE=1 writes into the pages what they print now.
set -u
source "$(dirname "${BASH_SOURCE[0]}")/serve.sh"
need python3
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# The pages call tools/acklab and the files beside them; here that is the program under test.
mkdir -p "$work/clone/tools"
ln -s "$acklab" "$work/clone/tools/acklab"
ln -s "$root/protocol" "$work/clone/protocol"
cd "$work/clone" || fail "no directory"
python3 "$root/tests/interop/guide_test.py" "$root"/protocol/guide/*.md || fail "see above"

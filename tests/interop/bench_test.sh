#!/usr/bin/env bash
# Runs the Python script beside this, which says what it promises.
set -u
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
exec python3 "${BASH_SOURCE[0]%.sh}.py" "${1:?usage: $0 PATH-OF-ACKLAB}"

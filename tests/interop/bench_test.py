"""The benchmarks run, measure what they say, and refuse to prove nothing. No timing is judged.

usage: bench_test.py PATH-OF-ACKLAB
"""

import json
import subprocess
import sys

ACKLAB = sys.argv[1]


def bench(*arguments):
    done = subprocess.run([ACKLAB, "bench", *arguments], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", f"{arguments}: exit {done.returncode}: {done.stderr}{done.stdout}"
    return done.stdout


assert "acklab bench sim" in bench(), "the list of benchmarks"

hashes = set()
for arguments in (["--for", "1s"], ["--for", "1ms", "--jobs", "2"], ["--for", "1ms", "--no-invariants"],
                  ["--for", "1ms", "--compression", "zstd"]):
    result = json.loads(bench("sim", "--json", *arguments))
    assert result["benchmark"] == "sim" and result["conditions_held"] and "reason" not in result
    assert result["invariants"] == ("--no-invariants" not in arguments)
    assert result["experiments"] >= result["repetitions"] == 5 and result["experiments_s"]["min"] > 0
    each = result["per_experiment"]
    assert each["batches_acked"] >= 200 and each["events"] > each["batches_acked"] and each["virtual_ms"] > 0
    assert (each["invariants_checked"] > 0) == result["invariants"]
    if result["compression"] == "none":
        hashes.add(result["trace_hash"])  # of one seed
assert len(hashes) == 1, f"neither jobs nor who watches may change a run: {hashes}"
assert "at least 200 batches acknowledged, failover, catch-up, back in sync" in bench("sim", "--for", "1ms")

result = json.loads(bench("storage", "--json", "--part", "log", "--pairs", "1", "--lookup-gb", "0.01"))
assert result["benchmark"] == "storage" and result["cluster"] == []
assert {"append, none, in memory", "append, zstd, in memory", "recovery of a log that was never flushed"} <= {
    line["what"] for line in result["log"]}
assert all(line["pairs"] == 1 and line["ours"] > 0 and line["theirs"] > 0 for line in result["log"])
assert [point["megabytes"] for point in result["log_growth"]] == [1, 10]
assert all(point["open_ms"] > 0 and point["lookup_us"] > 0 for point in result["log_growth"])

print("benchmarks: sim, storage")

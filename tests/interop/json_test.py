"""The JSON that scripts read has exactly the fields that are promised, by name and type, and nothing else is on standard output.

usage: json_test.py PATH-OF-ACKLAB
"""

import json
import os
import subprocess
import sys
import tempfile

ACKLAB = sys.argv[1]


class Optional:
    """A field that is only there when there is something to say."""

    def __init__(self, shape):
        self.shape = shape


class OrNull:
    def __init__(self, shape):
        self.shape = shape


COUNTS = {"sent": int, "acked": int, "unanswered": int, "failed": int, "unknown": int, "lost": int, "duplicated": int, "reordered": int,
          "missing": {"acked": int, "unanswered": int, "unknown": int}, "present": {"unknown": int, "failed": int}}
FAULTS = [{"id": str, "planned": int, "fired": int}]
SUMS = [{"name": str, "runs": int, "records": int, "seed": int}]
RUN = {"scenario": str, "seed": int, "world": str, "era": str, "trace_hash": str, "verdict": str, "expected": str,
       "unsafe": Optional(str), "reason": Optional(str), "repeated": Optional(bool), "records": COUNTS,
       "anomalies": [{"name": str, "record": OrNull(str), "partition": str, "offset": OrNull(int), "detail": str, "story": [str]}],
       "faults": FAULTS, "settled": bool, "at_rest": bool, "invariants_checked": int, "events": int, "virtual_ms": float, "wall_ms": float}
SUMMARY = {"summary": bool, "scenario": str, "world": str, "era": str, "runs": int, "repeated": int, "interrupted": Optional(bool), "verdict": str, "verdicts": dict,
           "expected": str, "unsafe": Optional(str), "reason": Optional(str), "records": COUNTS, "anomalies": SUMS, "faults": FAULTS, "wall_ms": float}
SETTINGS = {"acks": str, "linger.ms": str, "enable.idempotence": str, "max.in.flight.requests.per.connection": str,
            "request.timeout.ms": Optional(str), "delivery.timeout.ms": Optional(str), "min.insync.replicas": str}
LESSON = {"experiment": str, "world": str, "runs": int, "interrupted": Optional(bool),
          "rows": [{"label": str, "runs": int, "settings": SETTINGS, "records": COUNTS, "anomalies": SUMS, "faults": FAULTS,
                    "throughput_records_s": float, "latency_ms": {"p50": float, "p99": float}}],
          "requirements": Optional([{"requirement": str, "settings": dict, "accepted": bool, "answer": str, "whose": str}])}
PERCENTILES = {"p50": float, "p99": float}
BATCHING = {"experiment": str, "world": str, "runs": int,
            "rows": [{"label": str, "runs": int, "settings": dict, "records": COUNTS, "anomalies": SUMS, "faults": FAULTS,
                      "throughput_records_s": float, "latency_ms": PERCENTILES, "batch_latency_ms": PERCENTILES,
                      "network_latency_ms": PERCENTILES, "wire_bytes": int, "ratio": float, "cpu_us_per_record": float,
                      "process_cpu_us_per_record": float, "records_per_batch": float, "requests": int}]}
SCENARIOS = [{"name": str, "hazard": str, "story": str,
              "expect": [{"from": OrNull(str), "before": OrNull(str), "verdict": str, "must": [str]}], "worlds": [str]}]
PRODUCED = {"sent": int, "acked": int, "unanswered": int, "failed": int, "unknown": int}


def check(value, shape, where):
    if isinstance(shape, OrNull):
        if value is not None:
            check(value, shape.shape, where)
    elif isinstance(shape, dict):
        assert isinstance(value, dict), f"{where} is {value!r}"
        for key, inner in shape.items():
            if isinstance(inner, Optional):
                if key in value:
                    check(value[key], inner.shape, f"{where}.{key}")
            else:
                assert key in value, f"{where} lacks {key}"
                check(value[key], inner, f"{where}.{key}")
        assert set(value) <= set(shape), f"{where} has {sorted(set(value) - set(shape))}, which nobody promised"
    elif isinstance(shape, list):
        assert isinstance(value, list), f"{where} is {value!r}"
        for i, one in enumerate(value):
            check(one, shape[0], f"{where}[{i}]")
    elif shape is float:
        assert type(value) in (int, float), f"{where} is {value!r}"
    else:
        assert type(value) is shape, f"{where} is {value!r}"


def acklab(*arguments, code=0):
    """Every line of standard output, as JSON."""
    done = subprocess.run([ACKLAB, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == code, f"{arguments}: exit {done.returncode}: {done.stderr}"
    assert done.stderr == "", f"{arguments}: on standard error: {done.stderr}"
    return [json.loads(line) for line in done.stdout.splitlines()]


def no_times(objects):
    return [{key: value for key, value in one.items() if key != "wall_ms"} for one in objects]


scenarios, = acklab("scenarios", "--json")
check(scenarios, SCENARIOS, "scenarios")
names = [one["name"] for one in scenarios]
assert len(names) >= 5 and len(set(names)) == len(names)
for one in scenarios:
    assert one["expect"][0]["from"] is None and one["expect"][-1]["before"] is None, one
    assert acklab("scenarios", one["name"], "--json") == [[one]]

anomalies = 0
for name in names:
    run, = acklab("run", name, "--seed", "7", "--json")
    check(run, RUN, f"run {name}")
    assert run["scenario"] == name and run["seed"] == 7 and run["world"] == "sim" and run["verdict"] == "as-expected"
    assert len(run["trace_hash"]) == 16 and int(run["trace_hash"], 16)
    counts = run["records"]
    assert counts["lost"] == counts["missing"]["acked"]
    # Only a producer that is wrong on purpose, and says so, may call failed what is in the log.
    assert counts["present"]["failed"] == 0 or "treats-unknown-as-failed" in run["unsafe"], run
    assert counts["sent"] == sum(counts[key] for key in ("acked", "unanswered", "failed", "unknown")), counts
    assert all(fault["fired"] <= fault["planned"] for fault in run["faults"])
    anomalies += len(run["anomalies"])

    *runs, summary = acklab("run", name, "--seeds", "5..9", "--json")
    assert len(runs) == 5 and [one["seed"] for one in runs] == [5, 6, 7, 8, 9]
    for one in runs:
        check(one, RUN, f"run {name} in a sweep")
        assert "summary" not in one
    check(summary, SUMMARY, f"summary of {name}")
    assert summary["summary"] is True and summary["runs"] == 5 and "interrupted" not in summary
    for key in ("sent", "acked", "unknown", "lost", "duplicated", "reordered"):
        assert summary["records"][key] == sum(one["records"][key] for one in runs), key
    for found in summary["anomalies"]:
        showed = [one["seed"] for one in runs if any(a["name"] == found["name"] for a in one["anomalies"])]
        assert found["runs"] == len(showed) and found["seed"] == showed[0], found
    # A run is the same alone and in a sweep, but for the stories that a sweep does not tell.
    same = runs[2]
    assert same["trace_hash"] == run["trace_hash"] and same["records"] == run["records"]
assert anomalies > 0, "no run had an anomaly to look at"

lesson, = acklab("lesson", "acks", "--json", "--seeds", "1..3")
check(lesson, LESSON, "lesson")
assert lesson["experiment"] == "acks" and lesson["world"] == "sim" and lesson["runs"] == 3
labels = [row["label"] for row in lesson["rows"]]
assert len(set(labels)) == len(labels) == 30 and labels[0] == "kill acks=0 min.insync.replicas=1", labels
batching, acks, idempotence = acklab("lesson", "--json", "--seeds", "1..3", "--records", "2000")
assert acks == lesson, "without a name all experiments, an object each"
check(idempotence, LESSON, "lesson idempotence")
assert len(idempotence["rows"]) == 14 and len(idempotence["requirements"]) >= 4
check(batching, BATCHING, "lesson batching")
assert batching["experiment"] == "batching" and batching["world"] == "tcp"
assert acklab("lesson", "--json", "acks", "--seeds", "1..3") == [lesson], "a bare --json is standard output wherever it stands"

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "out.json")
    for arguments in (["scenarios"], ["run", names[0], "--seeds", "1..3"], ["lesson", "acks", "--seeds", "1..2"]):
        with open(path, "w") as old:
            old.write("what was there before\n")
        plain = subprocess.run([ACKLAB, *arguments], capture_output=True, text=True, check=True)
        done = subprocess.run([ACKLAB, *arguments, f"--json={path}"], capture_output=True, text=True, check=True)
        assert done.stdout == plain.stdout != "", f"{arguments}: --json=FILE changes what is printed"
        with open(path) as file:
            written = [json.loads(line) for line in file]
        assert no_times([{"o": o} if isinstance(o, list) else o for o in written]) == no_times(
            [{"o": o} if isinstance(o, list) else o for o in acklab(*arguments, "--json")]), arguments

print(f"json: {len(names)} scenarios, {anomalies} anomalies, fields as promised")

"""Sweeps: Ctrl-C tells what is known so far and ends with 130; the number of jobs changes nothing; shards add up to the whole; a JUnit
report is well-formed and complete; a reader may go away.

usage: sweep_test.py PATH-OF-ACKLAB
"""

import json
import os
import pty
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

ACKLAB = sys.argv[1]
ENDLESS = 50_000_000  # seeds, which no machine gets through


def default_signals():
    # As in a terminal, whatever this test runs under.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def start(*arguments, **options):
    return subprocess.Popen([ACKLAB, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            preexec_fn=default_signals, **options)


def output(*arguments):
    done = subprocess.run([ACKLAB, *arguments], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", f"{arguments}: exit {done.returncode}: {done.stderr}"
    return done.stdout


def report(path):
    suites = xml.etree.ElementTree.parse(path).getroot()
    assert suites.tag == "testsuites"
    for suite in suites:
        cases = suite.findall("testcase")
        assert int(suite.get("tests")) == len(cases)
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
        assert int(suite.get("errors")) == len(suite.findall("testcase/error"))
        assert all(case.get("classname") == suite.get("name") and float(case.get("time")) >= 0 for case in cases)
    return list(suites)


def without_times(text):
    return re.sub(r'"wall_ms":[0-9.e+-]+', "", text)


# Ctrl-C with JSON and a report: whole objects, in the order of the seeds, and a summary of just those.
folder = tempfile.TemporaryDirectory()
junit = os.path.join(folder.name, "junit.xml")
for jobs in ("1", "2", "8"):
    sweep = start("run", "acks1-leader-kill", "--seeds", f"1..{ENDLESS}", "--jobs", jobs, "--json", "--junit", junit)
    first = sweep.stdout.readline()  # it is at work
    sweep.send_signal(signal.SIGINT)
    rest, errors = sweep.stdout.read(), sweep.stderr.read()
    sweep.wait()
    assert sweep.returncode == 130 and errors == "", f"exit {sweep.returncode}: {errors}"
    *runs, summary = [json.loads(line) for line in [first, *rest.splitlines()]]
    assert summary["summary"] and summary["interrupted"] and summary["runs"] == len(runs) < ENDLESS
    assert [run["seed"] for run in runs] == list(range(1, len(runs) + 1))
    assert summary["records"]["lost"] == sum(run["records"]["lost"] for run in runs)
    *seeds, end = report(junit)[0]
    assert [case.get("name") for case in seeds] == [f"seed {run['seed']}" for run in runs]
    assert end.get("name") == "the sweep" and "interrupted" in end.find("error").text

# Ctrl-C in a shard: the same of every third seed.
sweep = start("run", "acks1-leader-kill", "--seeds", f"1..{ENDLESS}", "--shard", "2/3", "--json", "--junit", junit)
first = sweep.stdout.readline()
sweep.send_signal(signal.SIGINT)
*runs, summary = [json.loads(line) for line in [first, *sweep.stdout.read().splitlines()]]
assert sweep.wait() == 130 and summary["interrupted"] and summary["shard"] == "2/3"
assert [run["seed"] for run in runs] == list(range(2, 3 * len(runs), 3)) and summary["runs"] == len(runs)
assert [case.get("name") for case in report(junit)[0]] == [f"seed {run['seed']}" for run in runs] + ["the sweep"]

# The shards of a sweep share no seed and add up to the whole.
def summed(summaries, field):
    total = {}
    for summary in summaries:
        for key, value in summary[field].items():
            total[key] = summed([{key: total.get(key, {})}, {key: value}], key) if isinstance(value, dict) else total.get(key, 0) + value
    return total


def runs_and_summary(*arguments):
    *runs, summary = [json.loads(line) for line in output("run", "acks1-leader-kill", "--seeds", "5..27", "--json", *arguments).splitlines()]
    return [(run["seed"], run["trace_hash"]) for run in runs], summary


whole, whole_summary = runs_and_summary()
for count in (1, 2, 4, 23):
    shards = [runs_and_summary("--shard", f"{number}/{count}") for number in range(1, count + 1)]
    assert sorted(run for runs, _ in shards for run in runs) == whole
    for number, (runs, summary) in enumerate(shards, 1):
        assert [seed for seed, _ in runs] == list(range(5 + number - 1, 28, count))
        assert summary.get("shard") == (f"{number}/{count}" if count > 1 else None) and summary["runs"] == len(runs)
    for field in ("records", "verdicts"):
        assert summed([summary for _, summary in shards], field) == whole_summary[field], field
first, second = (json.loads(output("lesson", "acks", "--seeds", "1..10", "--shard", shard, "--json")) for shard in ("1/2", "2/2"))
lesson = json.loads(output("lesson", "acks", "--seeds", "1..10", "--json"))
assert first["shard"] == "1/2" and "shard" not in lesson
for one, other, both in zip(first["rows"], second["rows"], lesson["rows"]):
    assert summed([one, other], "records") == both["records"] and one["runs"] + other["runs"] == both["runs"]

# What only a whole sweep owes is not asked of a shard.
scenario = os.path.join(folder.name, "owing.toml")
with open(os.path.join(os.path.dirname(__file__), "../../tools/lab/scenarios/acks1-leader-kill.toml")) as file:
    text = file.read()
    assert 'must = ["lost-write"]' in text
    owing = text.replace('must = ["lost-write"]', 'must = ["duplicate"]')
with open(scenario, "w") as file:
    file.write(owing)
assert subprocess.run([ACKLAB, "run", scenario, "--seeds", "1..6", "--junit", junit], capture_output=True).returncode == 3
*seeds, end = report(junit)[0]
assert len(seeds) == 6 and not any(list(case) for case in seeds)
assert end.get("name") == "the sweep" and "duplicate" in end.find("error").get("message")
output("run", scenario, "--seeds", "1..6", "--shard", "1/2", "--junit", junit)
assert [len(case) for case in report(junit)[0]] == [0, 0, 0]

# A violation is a failure, a run that proves nothing an error; each says why and how to see it again. Strange bytes are no trouble.
strange = os.path.join(folder.name, "a 'strange' <name> & more.toml")
for old, new, kind, code, reason in (('verdict = "loss-ok"', 'verdict = "safe"', "failure", 1, "lost-write"),
                                     ("records = 400", "records = 999999", "error", 3, 'fault st\ufffd<&>"\u00df did not fire')):
    with open(strange, "w") as file:
        file.write(text.replace('must = ["lost-write"]', "").replace('"stall"\n', r'"st\u0001<&>\"ß"' + "\n", 1)
                   .replace('after = "stall"', r'after = "st\u0001<&>\"ß"').replace(old, new))
    command = ["run", strange, "--seed", "3", "--set", "producer.0.set.linger.ms=6"]
    done = subprocess.run([ACKLAB, *command, "--junit", junit], capture_output=True, text=True)
    assert done.returncode == code, f"exit {done.returncode}: {done.stderr}"
    (case,) = report(junit)[0]
    (told,) = case
    assert case.get("name") == "seed 3" and told.tag == kind and reason in told.get("message") and reason in told.text
    *_, replay = told.text.splitlines()
    assert replay.startswith("replay: acklab ") and shlex.split(replay.removeprefix("replay: acklab ")) == command, replay
suites = report(junit) if output("lesson", "acks", "--seeds", "1..4", "--junit", junit) else []
assert [len(suite) for suite in suites] == [4] * 30 and suites[0].get("name") == "lesson-acks-0-kill-min-isr-1"


def terminals():
    try:
        for end in pty.openpty():
            os.close(end)
        return True
    except OSError as error:  # a bare chroot has none
        print(f"SKIPPED Ctrl-C on a terminal: {error}")
        return False


# Ctrl-C for a person: once the progress bar on the terminal shows that it is at work.
for command in (["run", "acks1-leader-kill"], ["lesson", "acks"]) if terminals() else ():
    terminal, its_end = pty.openpty()
    sweep = subprocess.Popen([ACKLAB, *command, "--seeds", f"1..{ENDLESS}"], stdout=subprocess.PIPE, stderr=its_end, text=True,
                             preexec_fn=default_signals)
    shown = b""
    while b"s left" not in shown:
        shown += os.read(terminal, 1000)
    assert re.search(rb"\r\x1b\[K\S+ \[[#.]{5,30}\] \d+/%d  \d+ s left" % ENDLESS, shown), shown
    sweep.send_signal(signal.SIGINT)
    printed, _ = sweep.communicate()
    os.close(its_end)
    os.close(terminal)
    assert sweep.returncode == 130, sweep.returncode
    assert "nterrupted" in printed and "sent" in printed, printed

# As many worlds at a time as one likes.
for command in (["run", "acks1-leader-kill", "--seeds", "3..40", "--json"], ["run", "acks1-leader-kill", "--seeds", "3..40"],
                ["lesson", "acks", "--seeds", "1..10"], ["lesson", "acks", "--seeds", "1..10", "--json"]):
    one, two, many = (without_times(output(*command, "--jobs", jobs)) for jobs in ("1", "2", "64"))
    assert one == two == many, f"{command}: the number of jobs shows"

# A reader that goes away ends the sweep, by the signal or, where that is ignored, by one line.
for arguments in (["--json"], ["--json", "--jobs", "1"]):
    sweep = start("run", "acks1-leader-kill", "--seeds", f"1..{ENDLESS}", *arguments)
    assert sweep.stdout.readline().startswith("{")
    sweep.stdout.close()
    errors = sweep.stderr.read()
    assert sweep.wait() == -signal.SIGPIPE and errors == "", f"exit {sweep.returncode}: {errors}"
sweep = subprocess.Popen([ACKLAB, "run", "acks1-leader-kill", "--seeds", f"1..{ENDLESS}", "--json"], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, restore_signals=False,
                         preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN))
assert sweep.stdout.readline().startswith("{")
sweep.stdout.close()
errors = sweep.stderr.read()
assert sweep.wait() == 2 and errors.count("\n") == 1 and "standard output" in errors, f"exit {sweep.returncode}: {errors}"

print("sweeps: interrupted, in parallel, in shards, reported, and without a reader")

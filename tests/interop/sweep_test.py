"""Ctrl-C in a sweep tells what is known so far and ends with 130; the number of jobs changes nothing; a reader may go away.

usage: sweep_test.py PATH-OF-ACKLAB
"""

import json
import os
import pty
import re
import signal
import subprocess
import sys

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


def without_times(text):
    return re.sub(r'"wall_ms":[0-9.e+-]+', "", text)


# Ctrl-C with JSON: whole objects, in the order of the seeds, and a summary of just those.
for jobs in ("1", "2", "8"):
    sweep = start("run", "acks1-leader-kill", "--seeds", f"1..{ENDLESS}", "--jobs", jobs, "--json")
    first = sweep.stdout.readline()  # it is at work
    sweep.send_signal(signal.SIGINT)
    rest, errors = sweep.stdout.read(), sweep.stderr.read()
    sweep.wait()
    assert sweep.returncode == 130 and errors == "", f"exit {sweep.returncode}: {errors}"
    *runs, summary = [json.loads(line) for line in [first, *rest.splitlines()]]
    assert summary["summary"] and summary["interrupted"] and summary["runs"] == len(runs) < ENDLESS
    assert [run["seed"] for run in runs] == list(range(1, len(runs) + 1))
    assert summary["records"]["lost"] == sum(run["records"]["lost"] for run in runs)



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

print("sweeps: interrupted, in parallel, and without a reader")

"""Kills a serving cluster again and again under load, and looks for every acknowledged record after each restart.

usage: kill_test.py ACKLAB PRODUCER DATA_DIR BROKERS KILLS SEED

Prints a line for each start: how long it took, beside the bytes of all logs and of what of them lies behind the recovery points, which is
what a start has to look at. That it looks at no more is checked by what the brokers say they walked; and that this does not grow with the
logs, by the bytes that may be written between two checkpoints. The times are for people to read: no machine is promised to be quick.
"""

import os
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

ACKLAB, PRODUCER, DATA_DIR = sys.argv[1:4]
BROKERS, KILLS, SEED = map(int, sys.argv[4:])
# Not a promise about speed: only so that what never comes fails the test.
PATIENCE = 60
TOPIC = "kills"
RECORDS = 10_000_000  # more than it comes to: the load ends when the test does
PAUSE_MS = "1"  # between two records
HISTORY = "history"  # a topic that only grows, by so many records of 1,000 bytes before each kill
HISTORY_RECORDS = 4000
HISTORY_BYTES = HISTORY_RECORDS * 1100  # with all headers
SEGMENT_BYTES = 1 << 20
CHECKPOINT_MS = 50  # how often recovery points are written
BATCH_HEADER = struct.Struct(">qi")

draw = random.Random(SEED)


def free_base_port():
    """Broker i listens on port + i, and the clients must find it there again after each restart."""
    while True:
        base = draw.randrange(20000, 30000)
        try:
            for port in range(base, base + BROKERS):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return base
        except OSError:
            continue


class Serve:
    def __init__(self, port, *more):
        began = time.monotonic()
        self.errors = open(os.path.join(os.path.dirname(DATA_DIR), "serve.err"), "w+")
        self.process = subprocess.Popen(
            [ACKLAB, "serve", "--brokers", str(BROKERS), "--port", str(port), "--http", "0", "--data-dir", DATA_DIR,
             "--set", "broker.session.timeout.ms=500", "--set", "broker.heartbeat.interval.ms=100",
             "--set", "replica.lag.time.max.ms=1000", "--set", "replica.fetch.backoff.ms=50",
             "--set", f"min.insync.replicas={min(BROKERS, 2)}", "--set", f"log.segment.bytes={SEGMENT_BYTES}",
             "--set", f"log.flush.offset.checkpoint.interval.ms={CHECKPOINT_MS}", *more],
            stdout=subprocess.PIPE, stderr=self.errors, text=True)
        ready = self.process.stdout.readline()
        assert ready.startswith("ready "), f"serve did not start: {open(self.errors.name).read()}"
        self.bootstrap = re.search(r"bootstrap=(\S+)", ready).group(1)
        self.seconds = time.monotonic() - began

    def walked(self):
        """What the brokers say of their logs: how many segments they had to walk, by directory."""
        with open(self.errors.name) as lines:
            said = re.findall(r"broker (\d+): (\S+): walked (\d+) segments", lines.read())
        return {os.path.join(f"broker-{broker}", log): int(segments) for broker, log, segments in said}

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self):
        self.process.terminate()
        assert self.process.wait(PATIENCE) == 0, "serve did not end in order on SIGTERM"


class Load:
    """A producer that goes on through everything, and what it was told so far."""

    def __init__(self, bootstrap):
        self.acked = set()
        self.failed = set()
        self.process = subprocess.Popen([PRODUCER, bootstrap, TOPIC, str(RECORDS), PAUSE_MS, "yes"], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            fate, number = line.split()[:2]
            if fate == "acked":
                self.acked.add(int(number))
            elif fate == "failed":
                self.failed.add(int(number))

    def end(self):
        self.process.kill()
        self.process.wait()


def read(bootstrap):
    """Every record up to the present end that a consumer finds, by its number. (Under load the end itself is never reached.)"""
    def kcat(*arguments):
        done = subprocess.run(["kcat", "-b", bootstrap, "-m", str(PATIENCE), *arguments], capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, f"kcat: {done.stderr}"
        return done.stdout

    # An election may still be going on.
    until(lambda: end_of(bootstrap) is not None, "the partition has a leader")
    end = end_of(bootstrap)
    if end == 0:
        return []
    found = kcat("-C", "-t", TOPIC, "-o", "beginning", "-c", str(end), "-q", "-X", "check.crcs=true")
    return [int(line[2:]) for line in found.splitlines()]


def end_of(bootstrap):
    done = subprocess.run(["kcat", "-b", bootstrap, "-Q", "-t", f"{TOPIC}:0:-1"], capture_output=True, text=True, timeout=PATIENCE)
    match = re.search(r"offset (\d+)", done.stdout)
    return int(match.group(1)) if done.returncode == 0 and match else None


def add_history(bootstrap):
    done = subprocess.run([ACKLAB, "perf", "--topic", HISTORY, "--num-records", str(HISTORY_RECORDS), "--record-size", "1000",
                           "--throughput", "-1", "--producer-props", f"bootstrap.servers={bootstrap}", "acks=all"],
                          capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, f"perf: {done.stdout}{done.stderr}"


def recovery_points(directory):
    try:
        with open(os.path.join(directory, "recovery-point-offset-checkpoint")) as file:
            lines = file.read().splitlines()[2:]
        return {f"{topic}-{index}": int(offset) for topic, index, offset in map(str.split, lines)}
    except FileNotFoundError:
        return {}


def sizes():
    """Bytes of all logs, of their batches from the recovery point on, and in how many segments those lie, by directory."""
    whole = unflushed = 0
    tails = {}
    for directory, _, names in os.walk(DATA_DIR):
        point = recovery_points(os.path.dirname(directory)).get(os.path.basename(directory), 0)
        segments = sorted(name for name in names if name.endswith(".log"))
        for name, following in zip(segments, segments[1:] + [None]):
            path = os.path.join(directory, name)
            size = os.path.getsize(path)
            whole += size
            if following and int(following[:20]) <= point:
                continue
            log = os.path.relpath(directory, DATA_DIR)
            tails[log] = tails.get(log, 0) + 1
            with open(path, "rb") as file:
                at = 0
                while at + BATCH_HEADER.size <= size:
                    file.seek(at)
                    base, length = BATCH_HEADER.unpack(file.read(BATCH_HEADER.size))
                    if base >= point:
                        break
                    at += BATCH_HEADER.size + length
            unflushed += size - min(at, size)
    return whole, unflushed, tails


def check_start(serve, unflushed, tails):
    """A start walks what lies behind the recovery points and nothing else, and that is what the last lives wrote, however old the log."""
    more = {log: (walked, tails.get(log, 0)) for log, walked in serve.walked().items() if walked > tails.get(log, 0)}
    assert not more, f"segments walked and those behind the recovery point: {more}"
    assert serve.walked(), "the brokers do not say what they walked"
    two_lives = 2 * BROKERS * HISTORY_BYTES
    assert unflushed <= two_lives, f"{unflushed:,} bytes lie behind the recovery points"


def check(serve, load, known):
    """What was acknowledged before the kill is there once, in order, and so is what was before it."""
    found = read(serve.bootstrap)
    assert len(found) == len(set(found)), f"{len(found) - len(set(found))} records are there twice"
    lost = sorted(known - set(found))
    assert not lost, f"{len(lost)} acknowledged records are lost, first r-{lost[0]:06}"
    lies = load.failed & set(found)
    assert not lies, f"{len(lies)} records were reported failed and are there"
    return len(found)


def until(condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"{what}: has not come"
        time.sleep(0.02)


def main():
    print(f"{BROKERS} brokers, {KILLS} kills, seed {SEED}; bytes of logs and of what is behind recovery points, segments walked")
    print(f"{'start':>6} {'ready after':>12} {'logs':>14} {'unflushed':>14} {'walked':>10} {'acked':>10} {'found':>10}")
    port = free_base_port()
    serve = Serve(port, "--topic", f"{TOPIC}:1:{BROKERS}", "--topic", f"{HISTORY}:1:{BROKERS}")
    load = Load(serve.bootstrap)
    try:
        for kill in range(1, KILLS + 1):
            before = len(load.acked)
            until(lambda: len(load.acked) > before, "the producer is answered again")
            add_history(serve.bootstrap)
            time.sleep(draw.uniform(0, 0.5))
            serve.kill()
            known = set(load.acked)
            whole, unflushed, tails = sizes()
            serve = Serve(port)
            found = check(serve, load, known)
            walked = sum(serve.walked().values())
            print(f"{kill:>6} {serve.seconds * 1000:>9.0f} ms {whole:>14,} {unflushed:>14,} {walked:>10,} {len(known):>10,} {found:>10,}",
                  flush=True)
            check_start(serve, unflushed, tails)
    finally:
        load.end()
    serve.end()


main()

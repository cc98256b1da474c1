"""Goes through the verbs of `acklab fault`.

usage: fault_verbs_test.py ACKLAB BOOTSTRAP HTTP
"""

import json
import subprocess
import sys
import time
import urllib.request

ACKLAB, BOOTSTRAP, HTTP = sys.argv[1:]
# Not a promise about speed: only so that what never comes fails the test.
PATIENCE = 60


def fault(*words, code=0):
    done = subprocess.run([ACKLAB, "fault", *words, "--http", HTTP, "--json"], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == code, f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return json.loads(done.stdout) if done.stdout else {"error": done.stderr}


def cluster():
    with urllib.request.urlopen(HTTP + "/api/v1/cluster", timeout=PATIENCE) as answer:
        return json.load(answer)


def broker(index):
    return cluster()["brokers"][index]


def partition():
    return cluster()["partitions"][0]


def until(condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"{what}: has not come; {cluster()}"
        time.sleep(0.05)


def at_rest():
    return partition()["leader"] in (0, 1, 2) and partition()["isr"] == [0, 1, 2] and all(one["usable"] for one in cluster()["brokers"])


sent = []


def produce(line, *settings, acks="all", code=0):
    words = [ACKLAB, "produce", "-b", BOOTSTRAP, "-t", "orders", "-X", f"acks={acks}", "-X", "client.id=till", "-q"]
    for setting in settings:
        words += ["-X", setting]
    done = subprocess.run(words, input=line + "\n", capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode == 0) == (code == 0), f"produce {line}: exit {done.returncode} {done.stderr}"
    if code == 0:
        sent.append(line)


def read():
    done = subprocess.run([ACKLAB, "consume", "-b", BOOTSTRAP, "-t", "orders", "-e"], capture_output=True, text=True, check=True,
                          timeout=PATIENCE)
    return done.stdout.split("\n")[:-1]


def nodes():
    leader = partition()["leader"]
    struck = fault("kill", "leader:orders-0")
    assert struck["fired"] == 1 and struck["struck"] == [f"broker {leader}"], struck
    assert not broker(leader)["alive"]
    fault("kill", f"broker:{leader}", code=3)
    until(lambda: partition()["leader"] not in (leader, -1, None), "an election")
    produce("after a kill")
    fault("restart", "killed")
    until(at_rest, "rest after a kill")

    leader = partition()["leader"]
    fault("pause", f"broker:{leader}")
    assert broker(leader)["paused"] and broker(leader)["alive"]
    until(lambda: partition()["leader"] != leader, "an election while the leader stands still")
    produce("during a pause")
    fault("resume", "paused")
    until(at_rest, "rest after a pause")
    assert not broker(leader)["paused"]
    lifted = fault("pause", "broker:0")["id"]
    fault("lift", lifted)
    assert not broker(0)["paused"]
    until(at_rest, "rest after a pause that was lifted")

    fault("power-loss", "broker:1")
    assert not broker(1)["alive"]
    fault("restart", "broker:1")
    until(at_rest, "rest after a power loss")

    leader = partition()["leader"]
    fault("controlled-shutdown", f"broker:{leader}")
    until(lambda: not broker(leader)["alive"], "the end of a controlled shutdown")
    assert partition()["leader"] not in (leader, -1, None), partition()
    fault("restart", "killed")
    until(at_rest, "rest after a controlled shutdown")

    fault("pause", "controller")
    # Without idempotence: a broker that has just been restarted would have to ask the controller for producer ids.
    produce("without the controller", "enable.idempotence=false")
    fault("resume", "controller")
    until(at_rest, "rest after the controller's pause")


def disks():
    for verb, *more in (("tear",), ("disk-full", "--room", "0")):
        leader = partition()["leader"]
        fault(verb, "leader:orders-0", *more)
        produce(f"over {verb}")
        assert not broker(leader)["alive"], f"{verb}: broker {leader} did not halt"
        fault("mend-disk", "killed")
        fault("restart", "killed")
        until(at_rest, f"rest after {verb}")
    slow = fault("slow-disk", "leader:orders-0", "--by", "20ms")["id"]
    produce("onto a slow disk")
    fault("lift", slow)
    fault("fail-flush", "broker:1")
    until(lambda: not broker(1)["alive"], "the next flush, of a checkpoint at the latest")
    fault("restart", "killed")
    until(at_rest, "rest after a failed flush")
    # Together half an hour behind: a record may lie an hour ahead of its broker's clock, and no more.
    for leap in ("20h", "-73800s"):
        fault("clock-jump", "all", "--by", leap)
        produce(f"in another time, {leap}")


# The last part: what has rotted stays so.
def rot():
    assert fault("corrupt", "leader:orders-0")["fired"] == 1


def elections():
    preferred = partition()["replicas"][0] if partition()["leader"] != partition()["replicas"][0] else None
    if preferred is None:
        leader = partition()["leader"]
        fault("controlled-shutdown", "leader:orders-0")
        until(lambda: partition()["leader"] != leader and not broker(leader)["alive"], "another leader, and the end of the old one")
        fault("restart", "killed")
        until(at_rest, "rest")
    before = partition()["leader"]
    fault("preferred-election", "partition:orders-0")
    until(lambda: partition()["leader"] != before, "the preferred leader")

    leader = partition()["leader"]
    followers = [one for one in (0, 1, 2) if one != leader]
    for one in followers:
        fault("kill", f"broker:{one}")
    until(lambda: partition()["isr"] == [leader], "an ISR of one")
    fault("kill", "leader:orders-0")
    until(lambda: partition()["leader"] in (-1, None), "a partition without a leader")
    for one in followers:
        fault("restart", f"broker:{one}")
    until(lambda: all(broker(one)["usable"] for one in followers), "the followers")
    assert partition()["leader"] in (-1, None), "nobody in sync can lead"
    fault("unclean-election", "partition:orders-0")
    until(lambda: partition()["leader"] in followers, "an unclean leader")
    fault("restart", "killed")
    until(at_rest, "rest after an unclean election")


def links():
    cut = fault("cut", "leader:orders-0", "followers:orders-0")["id"]
    # Who lacks nothing stays in sync, however long nothing is heard of it.
    produce("behind a cut", "enable.idempotence=false", acks="1")
    until(lambda: len(partition()["isr"]) == 1, "an ISR of one behind a cut")
    fault("lift", cut)
    until(at_rest, "rest after a cut that was lifted")
    fault("stall", "link:leader:orders-0>followers:orders-0")
    produce("behind a stall", "enable.idempotence=false", acks="1")
    until(lambda: len(partition()["isr"]) == 1, "an ISR of one behind a stall")
    fault("heal")
    until(at_rest, "rest after a stall")
    fault("slow", "link:leader:orders-0<>followers:orders-0", "--latency", "20ms", "--bandwidth", "100000")
    produce("over slow links")
    fault("heal")
    fault("reset", "leader:orders-0", "followers:orders-0")
    produce("after a reset")
    until(at_rest, "rest")


def requests():
    fault("error-on-nth", "leader:orders-0", "--code", "NOT_ENOUGH_REPLICAS", "--client", "till")
    produce("sent again after an error")
    fault("drop-before-apply", "client:till")
    produce("sent again after a drop")
    fault("drop-answer", "client:till")
    produce("recognised when sent again", "enable.idempotence=true")
    fault("drop-after-append", "client:till")
    produce("appended twice", "enable.idempotence=false")
    fault("delay", "client:till", "--by", "300ms")
    produce("late")
    held = fault("hold-answer", "client:till", "--by", "300ms")["id"]
    produce("told late")
    listed = {one["id"]: one for one in subprocess_list()}
    assert listed[held]["fired"] == 1 and listed[held]["state"] == "done", listed[held]

    lines = read()
    counted = {line: lines.count(line) for line in sent}
    assert counted.pop("appended twice") == 2, "what was sent again without idempotence"
    # What an unclean election may have lost was sent before it.
    since = sent[sent.index("over slow links"):]
    assert all(counted.get(line, 1) == 1 for line in since if line != "appended twice"), counted


def subprocess_list():
    done = subprocess.run([ACKLAB, "fault", "list", "--http", HTTP, "--json"], capture_output=True, text=True, check=True,
                          timeout=PATIENCE)
    return json.loads(done.stdout)


def mistakes():
    assert "kill" in fault("kil", "leader:orders-0", code=2)["error"]
    assert "unknown target" in fault("kill", "leder:orders-0", code=2)["error"]
    assert "two ends" in fault("cut", "leader:orders-0", code=2)["error"]
    assert "fault-9999" in fault("lift", "fault-9999", code=2)["error"]
    over = fault("reset", "broker:0", "broker:1")["id"]
    assert "cannot be undone" in fault("lift", over, code=2)["error"]


produce("before all")
for part in (mistakes, nodes, disks, elections, links, requests, rot):
    part()
    print(f"{part.__name__}: as it should be")

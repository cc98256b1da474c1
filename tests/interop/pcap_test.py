"""Holds a capture against tshark and against `acklab dissect`.

    pcap_test.py ACKLAB FILE PORTS WHAT

PORTS are those at which brokers listen, with commas; empty: all that dissect finds. tshark 4.0 must find nothing malformed in versions
that it knows, nothing wrong with TCP, and as many requests as dissect does. Its false alarms are named below.
"""

import collections
import json
import subprocess
import sys

# The highest version that tshark 4.0 decodes, by API key; it knows no keys from 48 on.
KNOWN = {0: 8, 1: 11, 2: 5, 3: 9, 4: 4, 5: 2, 6: 6, 8: 8, 9: 7, 10: 3, 11: 7, 12: 4, 13: 4, 14: 5, 15: 5, 16: 3, 17: 1, 18: 3, 19: 5, 20: 4,
         21: 1, 22: 3, 23: 3, 24: 1, 25: 1, 26: 1, 28: 3, 32: 2, 33: 1, 36: 2, 37: 2, 42: 2, 43: 2, 44: 1, 47: 0}
API_VERSIONS = 18

acklab, path, ports, what = sys.argv[1:]
failures = []


def check(condition, words):
    if not condition:
        failures.append(words)


dissected = subprocess.run([acklab, "dissect", "--json", path], capture_output=True, text=True)
check(dissected.returncode == 0, f"dissect: exit {dissected.returncode}: {dissected.stderr}")
mine = json.loads(dissected.stdout)
if not ports:
    ports = ",".join(sorted({c["server"].rsplit(":", 1)[1] for c in mine["connections"]}))

command = ["tshark", "-r", path, "-T", "fields", "-E", "separator=|", "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
for port in ports.split(","):
    command += ["-d", f"tcp.port=={port},kafka"]
fields = ["frame.number", "kafka.request_key", "kafka.request.version", "kafka.response_key", "kafka.response.version",
          "_ws.malformed", "_ws.expert.message", "tcp.analysis.flags", "ip.checksum.status", "tcp.checksum.status", "tcp.stream"]
for field in fields:
    command += ["-e", field]
rows = [dict(zip(fields, line.split("|"))) for line in
        subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()]
check(len(rows) == mine["packets"], f"tshark sees {len(rows)} packets, dissect {mine['packets']}")

# Those packets in which a message of a version that tshark does not know began or ended.
beyond = {m["packet"] for m in mine["messages"] if KNOWN.get(m.get("api_key"), -1) < m.get("version", 0)}
# An ApiVersions response is flagged when a range that it offers is longer than tshark's.
alarms = {m["packet"] for m in mine["messages"] if m.get("api_key") == API_VERSIONS and m["kind"] == "response"}
torn = {c for c, connection in enumerate(mine["connections"], 1) if connection["end"] in ("reset", "open")}

decoded = 0
for row in rows:
    packet = int(row["frame.number"])
    check(row["ip.checksum.status"] == "1" and row["tcp.checksum.status"] == "1", f"packet {packet}: a wrong checksum")
    for word in ("Lost", "Retransmission", "Out-Of-Order", "unseen", "reused"):
        check(word not in row["_ws.expert.message"], f"packet {packet}: {row['_ws.expert.message']}")
    if packet in beyond or packet in alarms:
        continue
    if row["kafka.request_key"] or row["kafka.response_key"]:
        decoded += 1
    check(not row["_ws.malformed"] and "alformed" not in row["_ws.expert.message"], f"packet {packet}: malformed: {row}")
    check("nvalid" not in row["_ws.expert.message"], f"packet {packet}: {row['_ws.expert.message']}")

# Both count alike what each API was asked.
theirs = collections.Counter()
for row in rows:
    keys = row["kafka.request_key"].split(",")
    versions = row["kafka.request.version"].split(",")
    theirs.update((int(k), int(v)) for k, v in zip(keys, versions) if k and v)
ours = collections.Counter((m["api_key"], m["version"]) for m in mine["messages"] if m["kind"] == "request")
for key, version in ours:
    if version <= KNOWN.get(key, -1):
        check(theirs[key, version] == ours[key, version],
              f"API {key} version {version}: tshark sees {theirs[key, version]} requests, dissect {ours[key, version]}")

check(len(mine["messages"]) > 10, "hardly anything was captured")
check(all(c["kafka"] and c["missing"] == 0 for c in mine["connections"]), "a connection with gaps, or without requests")
for line in failures[:10]:
    print(f"{path}: {line}", file=sys.stderr)
print(f"{what}: {len(rows)} packets, {len(mine['messages'])} messages, tshark decoded {decoded} packets of versions that it knows")
sys.exit(1 if failures else 0)

"""Sends bytes that no client should send to every port of a serving cluster. Whatever comes, the server answers or closes the connection,
stays alive, and does not take memory for what was only announced.

usage: hostile_frames_test.py PID-OF-SERVE BOOTSTRAP
"""

import glob
import os
import random
import socket
import struct
import sys

# How much larger the server may be after the attack, in MiB. What was announced comes to gigabytes.
MAX_GROWTH = 64
# Not a promise about speed: only so that a server that hangs fails the test instead of stopping it.
HANGS = 20

API_VERSIONS, METADATA, PRODUCE, FETCH, LIST_OFFSETS = 18, 3, 0, 1, 2
# Of brokers, those of administrators too. A server that advertises another set fails the test.
SERVED = [0, 1, 2, 3, 10, 18, 19, 20, 21, 22, 23, 32, 33, 35, 37, 43, 44]


# The few pieces of the protocol that the attack bends.

def text(value):
    return struct.pack(">h", len(value)) + value.encode()


def request(api, version, body=b"", correlation=7):
    return struct.pack(">hhi", api, version, correlation) + text("stranger") + body


def frame(payload):
    return struct.pack(">i", len(payload)) + payload


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def batch(value, attributes=0, records=None, count=1):
    if records is None:
        body = b"\x00" + b"\x00" + b"\x00" + b"\x01" + bytes([2 * len(value)]) + value + b"\x00"
        records = bytes([2 * len(body)]) + body
    tail = struct.pack(">hiqqqhii", attributes, count - 1, 0, 0, -1, -1, -1, count) + records
    head = struct.pack(">ibI", -1, 2, crc32c(tail))
    return struct.pack(">qi", 0, len(head) + len(tail)) + head + tail


def produce(records, topic="attacked", acks=1):
    return request(PRODUCE, 3, struct.pack(">hhi", -1, acks, 5000) + struct.pack(">i", 1) + text(topic) +
                   struct.pack(">ii", 1, 0) + struct.pack(">i", len(records)) + records)


VALID = {
    "ApiVersions": request(API_VERSIONS, 0),
    "Metadata": request(METADATA, 1, struct.pack(">i", 1) + text("held")),
    "Produce": produce(batch(b"one value")),
}


# The server.

def listeners(pid):
    sockets = set()
    for link in glob.glob(f"/proc/{pid}/fd/*"):
        try:
            sockets.add(os.readlink(link))
        except OSError:
            pass
    ports = set()
    for line in open("/proc/net/tcp").read().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
            ports.add(int(fields[1].split(":")[1], 16))
    return sorted(ports)


def resident(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("serve has died")


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def connect(port):
    stranger = socket.create_connection(("127.0.0.1", port), timeout=HANGS)
    stranger.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return stranger


def drain(stranger):
    """All that comes until the server closes."""
    answer = b""
    while True:
        try:
            more = stranger.recv(65536)
        except ConnectionError:
            return answer
        if not more:
            return answer
        answer += more


def send(port, data):
    """Sends, says that no more will come, and waits until the server has closed. Returns what it answered."""
    with connect(port) as stranger:
        try:
            stranger.sendall(data)
            stranger.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # closed before it had read all: its right
        return drain(stranger)


def closed(port, data):
    """Sends and waits: the server must close of its own accord, and not wait for more."""
    with connect(port) as stranger:
        try:
            stranger.sendall(data)
        except OSError:
            return
        drain(stranger)


def answered(port, payload):
    with connect(port) as friend:
        friend.sendall(frame(payload))
        return receive(friend)


def receive(friend):
    data = b""
    while len(data) < 4 or len(data) < 4 + struct.unpack(">i", data[:4])[0]:
        more = friend.recv(65536)
        if not more:
            raise SystemExit(f"closed instead of answered; came: {data!r}")
        data += more
    assert data[4:8] == struct.pack(">i", 7), "an answer to another request"
    return data[8:]


def main():
    pid, bootstrap = int(sys.argv[1]), sys.argv[2]
    brokers = [int(one.rsplit(":", 1)[1]) for one in bootstrap.split(",")]
    every = listeners(pid)
    assert set(brokers) <= set(every), (brokers, every)
    # The leader is the one that takes the record.
    leaders = [port for port in brokers if answered(port, VALID["Produce"])[struct.calcsize(">i") + 2 + 8 + 4 + 4:][:2] == b"\0\0"]
    assert len(leaders) == 1, f"{len(leaders)} brokers took the record"
    leader = leaders[0]
    advertised = answered(leader, VALID["ApiVersions"])
    keys = [key for key, _, _ in struct.iter_unpack(">hhh", advertised[struct.calcsize(">hi"):])]
    assert keys == SERVED, f"served are {keys}; the attack knows {SERVED}"
    before, open_before = resident(pid), descriptors(pid)
    sent = 0

    for port in every:
        for length in (-1, -2**31, 2**31 - 1, 104857601):
            closed(port, struct.pack(">i", length))
            closed(port, struct.pack(">i", length) + b"x" * 1000)
        for data in (frame(b""), frame(b"") * 1000, frame(b"\0"), frame(VALID["ApiVersions"][:7])):
            closed(port, data)
        sent += 12

        # Announced and never sent, many times at once; and connections that say nothing.
        waiting = [connect(port) for _ in range(50)]
        for stranger in waiting:
            stranger.sendall(struct.pack(">i", 104857600) + b"x")
        idle = [connect(port) for _ in range(200)]
        if port in brokers:
            answered(port, VALID["Metadata"])
        for stranger in waiting + idle:
            stranger.close()
        sent += 250

        for api in (-1, -32768, 999, 32767, 7, 70):
            for version in (-1, 0, 1, 32767):
                send(port, frame(request(api, version, b"\0" * 20)))
        for api in range(0, 70):
            for version in (-32768, -1, 99, 32767):
                send(port, frame(request(api, version)))
            for body in (b"", b"\xff" * 64, b"\x7f" * 64, b"\x00" * 64):
                send(port, frame(request(api, 0, body)))
        sent += 24 + 70 * 8

        dice = random.Random(port - every[0])
        for _ in range(150):
            noise = dice.randbytes(dice.randrange(1, 2000))
            send(port, noise)
            send(port, frame(noise))
            api, version = dice.choice(SERVED), dice.randrange(0, 19)
            send(port, frame(request(api, version, noise)))
        sent += 450

    for name, payload in VALID.items():
        whole = frame(payload)
        for end in range(len(whole)):
            send(leader, whole[:end])  # the connection ends
            if end >= 4:
                send(leader, frame(payload[:end - 4]))  # the frame ends
            sent += 2
        answers = 0
        for bit in range(8 * len(whole)):
            bent = bytearray(whole)
            bent[bit // 8] ^= 1 << bit % 8
            answers += send(leader, bytes(bent)) != b""
            sent += 1
        # Bits of the client's name harm nothing; bits of the length do. If all went one way, the attack has not reached the decoder.
        assert 8 * 8 <= answers < 8 * len(whole), f"{name}: {answers} of {8 * len(whole)} were answered"
        print(f"{name}: of {8 * len(whole)} with one bit flipped {answers} were answered, the others closed")
        # What is whole is answered even when it arrives in pieces, and after all that.
        with connect(leader) as friend:
            for byte in whole:
                friend.sendall(bytes([byte]))
            receive(friend)

    # Counts and lengths that no request could hold, in the plain and in the compact encoding.
    absurd = [struct.pack(">i", n) for n in (2**31 - 1, -2**31, -2, 10**6, 2**24)]
    for count in absurd:
        send(leader, frame(request(METADATA, 1, count)))
        send(leader, frame(request(METADATA, 1, struct.pack(">i", 1) + b"\x7f\xff" + b"x")))
        send(leader, frame(request(PRODUCE, 3, struct.pack(">hhi", -1, 1, 5000) + count)))
        send(leader, frame(request(PRODUCE, 3, struct.pack(">hhi", -1, 1, 5000) + struct.pack(">i", 1) + text("attacked") + count)))
        send(leader, frame(produce(b"")[:-4] + count))
        send(leader, frame(request(FETCH, 4, struct.pack(">iiiib", -1, 0, 1, 2**31 - 1, 0) + count)))
        send(leader, frame(request(LIST_OFFSETS, 1, struct.pack(">i", -1) + count)))
    for count in (b"\xff\xff\xff\xff\x0f", b"\xff\xff\xff\xff\x07", b"\xff" * 10, b"\x80" * 10, b"\x80\x80\x80\x08"):
        for api, version in ((METADATA, 12), (PRODUCE, 9), (FETCH, 12), (API_VERSIONS, 3)):
            for lead in (b"", b"\0", b"\0" * 8, b"\0" * 16):
                send(leader, frame(request(api, version, count + lead)))
                send(leader, frame(request(api, version, lead + count)))

    # Batches whose checksum is right and whose content is not: counts that lie, codecs over noise, records that end early.
    dice = random.Random(1)
    lying = 0
    for attributes in range(8):
        for count in (0, 1, 2, -1, 2**31 - 1):
            for records in (b"", b"\0", b"\xff" * 30, dice.randbytes(200), b"\x80" * 20):
                send(leader, frame(produce(batch(b"", attributes, records, count))))
                lying += 1
    sent += lying

    for port in brokers:
        for payload in (VALID["ApiVersions"], VALID["Metadata"]):
            answered(port, payload)
    assert answered(leader, VALID["Produce"])[struct.calcsize(">i") + 2 + 8 + 4 + 4:][:2] == b"\0\0", "a good record is refused"

    after = resident(pid)
    assert after - before < MAX_GROWTH, f"the server grew from {before:.0f} to {after:.0f} MiB; the bound is {MAX_GROWTH}"
    assert descriptors(pid) < open_before + 20, f"{descriptors(pid)} descriptors are open, {open_before} were"
    print(f"hostile frames: {sent}, {len(every)} ports; the server grew by {after - before:.0f} MiB")


main()

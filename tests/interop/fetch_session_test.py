"""Reads a topic with a fetch session (KIP-227, Fetch 7) and without one, over a plain socket.

usage: fetch_session_test.py BOOTSTRAP
"""

import random
import socket
import struct
import sys

TOPIC, PARTITIONS = "busy", 8
PRODUCE, FETCH = 0, 1
SESSION_NOT_FOUND, INVALID_SESSION_EPOCH = 70, 71


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        value, = struct.unpack_from(">" + form, self.data, self.at)
        self.at += struct.calcsize(">" + form)
        return value

    def bytes(self, length):
        self.at += length
        return self.data[self.at - length:self.at]


def text(value):
    return struct.pack(">h", len(value)) + value.encode()


class Client:
    def __init__(self, bootstrap):
        host, port = bootstrap.split(",")[0].rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=20)

    def receive(self, length):
        data = b""
        while len(data) < length:
            more = self.socket.recv(length - len(data))
            assert more, "the broker closed the connection"
            data += more
        return data

    def ask(self, api, version, body):
        request = struct.pack(">hhi", api, version, 7) + text("session-client") + body
        self.socket.sendall(struct.pack(">i", len(request)) + request)
        length, = struct.unpack(">i", self.receive(4))
        answer = Reader(self.receive(length))
        assert answer.take("i") == 7, "another request's answer"
        return answer

    def produce(self, partition, batch):
        answer = self.ask(PRODUCE, 3, struct.pack(">hhi", -1, -1, 5000) + struct.pack(">i", 1) + text(TOPIC) +
                          struct.pack(">iii", 1, partition, len(batch)) + batch)
        answer.take("i"), answer.bytes(answer.take("h")), answer.take("i"), answer.take("i")
        assert answer.take("h") == 0, "the batch was refused"

    def fetch(self, session, epoch, wanted, forgotten=(), max_wait=0):
        """The error, the session's id, and {partition: (error, high watermark, records)}."""
        body = struct.pack(">iiiib", -1, max_wait, 1, 1 << 20, 0) + struct.pack(">ii", session, epoch)
        body += struct.pack(">i", 1) + text(TOPIC) + struct.pack(">i", len(wanted)) if wanted else struct.pack(">i", 0)
        for partition, offset in wanted.items():
            body += struct.pack(">iqqi", partition, offset, -1, 1 << 20)
        body += struct.pack(">i", 1) + text(TOPIC) + struct.pack(">i", len(forgotten)) if forgotten else struct.pack(">i", 0)
        for partition in forgotten:
            body += struct.pack(">i", partition)
        answer = self.ask(FETCH, 7, body)
        answer.take("i")  # throttle time
        error, session = answer.take("h"), answer.take("i")
        told = {}
        for _ in range(answer.take("i")):
            assert answer.bytes(answer.take("h")) == TOPIC.encode()
            for _ in range(answer.take("i")):
                partition, code, high_watermark = answer.take("i"), answer.take("h"), answer.take("q")
                answer.take("q"), answer.take("q")  # last stable offset, log start
                for _ in range(max(answer.take("i"), 0)):
                    answer.take("q"), answer.take("q")
                told[partition] = (code, high_watermark, answer.bytes(max(answer.take("i"), 0)))
        return error, session, told


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def batch_of(value):
    body = b"\x00\x00\x00\x01" + bytes([2 * len(value)]) + value + b"\x00"
    tail = struct.pack(">hiqqqhii", 0, 0, 0, 0, -1, -1, -1, 1) + bytes([2 * len(body)]) + body
    return struct.pack(">qiibI", 0, 9 + len(tail), -1, 2, crc32c(tail)) + tail


def next_offset(records):
    """Behind the last whole batch."""
    at = end = 0
    while at + 27 <= len(records):
        base, length = struct.unpack_from(">qi", records, at)
        last_delta, = struct.unpack_from(">i", records, at + 23)
        at += 12 + length
        end = base + last_delta + 1
    return end


def main():
    draw = random.Random(7)
    client, other = Client(sys.argv[1]), Client(sys.argv[1])
    position = {partition: 0 for partition in range(PARTITIONS)}
    error, session, told = client.fetch(0, 0, position)
    assert error == 0 and session != 0, "no session was granted"
    assert set(told) == set(position), "a full answer lists every partition"
    high = {partition: told[partition][1] for partition in told}
    log = {partition: b"" for partition in position}
    sent = dict(position)

    epoch = 1
    for number in range(200):
        busy = draw.sample(range(PARTITIONS), draw.randrange(3))
        for partition in busy:
            other.produce(partition, batch_of(b"record %d" % number))
        changed = {partition: offset for partition, offset in position.items() if sent[partition] != offset}
        error, answered, told = client.fetch(session, epoch, changed)
        assert error == 0 and answered == session, f"error {error} at epoch {epoch}"
        assert set(told) == set(busy), f"told of {sorted(told)}, but there is news of {sorted(busy)} only"
        sent, epoch = dict(position), epoch + 1
        for partition, (code, high_watermark, records) in told.items():
            assert code == 0
            high[partition], log[partition] = high_watermark, log[partition] + records
            position[partition] = next_offset(records)

    error, none, plain = other.fetch(0, -1, {partition: 0 for partition in range(PARTITIONS)})
    assert error == 0 and none == 0
    for partition in range(PARTITIONS):
        assert plain[partition][1] == high[partition], "the high watermarks differ"
        assert plain[partition][2] == log[partition], "the records differ"

    changed = {partition: offset for partition, offset in position.items() if sent[partition] != offset}
    error, _, told = client.fetch(session, epoch, changed, forgotten=[0])
    assert error == 0 and not told
    other.produce(0, batch_of(b"unseen"))
    other.produce(1, batch_of(b"seen"))
    error, _, told = client.fetch(session, epoch + 1, {}, max_wait=5000)
    assert error == 0 and set(told) == {1}, "a forgotten partition is not read"
    assert client.fetch(session, epoch, {})[0] == INVALID_SESSION_EPOCH
    assert client.fetch(session ^ 1, 1, {})[0] == SESSION_NOT_FOUND
    assert client.fetch(session, -1, {0: 0})[1] == 0
    assert client.fetch(session, epoch + 2, {})[0] == SESSION_NOT_FOUND, "the session was closed"
    print("200 answers of a session told the same as one without")


main()

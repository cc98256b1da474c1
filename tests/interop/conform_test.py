"""A broker that lies: a proxy in front of an honest one that does one thing wrong at a time. `acklab conform` must see it in the questions
that are about it, agree in the others, and come to an end whatever happens.

usage: conform_test.py PATH-OF-ACKLAB BOOTSTRAP
"""

import json
import signal
import socket
import struct
import subprocess
import sys
import threading

PRODUCE, FETCH, LIST_OFFSETS, METADATA, API_VERSIONS, DELETE_TOPICS, INIT_PRODUCER_ID = 0, 1, 2, 3, 18, 20, 22
# Not a promise about speed: only so that a program that hangs fails the test instead of stopping it.
HANGS = 200
# How long conform waits for an answer; what the lies cost.
PATIENCE = "0.5"


def exactly(peer, count):
    data = b""
    while len(data) < count:
        piece = peer.recv(count - len(data))
        if not piece:
            return None
        data += piece
    return data


def frame_from(peer):
    size = exactly(peer, 4)
    if size is None:
        return None
    length = struct.unpack(">i", size)[0]
    if not 0 <= length <= 1 << 24:
        return None
    return exactly(peer, length)


def framed(payload):
    return struct.pack(">i", len(payload)) + payload


class Request:
    def __init__(self, frame):
        self.frame = frame
        self.api, self.version, self.correlation = struct.unpack(">hhi", frame[:8]) if len(frame) >= 8 else (-1, -1, -1)

    def acks(self):
        """Of a flexible Produce without a transactional id."""
        client = struct.unpack(">h", self.frame[8:10])[0]
        body = 10 + max(client, 0) + 1
        return struct.unpack(">h", self.frame[body + 1:body + 3])[0]


class Liar:
    """Forwards each connection to the honest broker, one request after the other; `lie` gives the bytes that come back instead of the
    honest answer, or None to close the connection."""

    def __init__(self, honest, lie):
        self.host, self.port = honest.split(":")[0], int(honest.split(":")[1])
        self.lie = lie
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.own_port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with client, socket.create_connection((self.host, self.port)) as broker:
            try:
                while (frame := frame_from(client)) is not None:
                    request = Request(frame)
                    broker.sendall(framed(frame))
                    silent = request.api == PRODUCE and request.version >= 9 and request.acks() == 0
                    answer = b"" if silent else frame_from(broker)
                    if answer is None:
                        return
                    said = self.lie(request, self.as_own(answer))
                    if said is None:
                        return
                    client.sendall(said)
            except OSError:
                return

    def as_own(self, answer):
        """The honest broker's address, where Metadata names it, becomes this one's."""
        address = self.host.encode()
        return answer.replace(address + struct.pack(">i", self.port), address + struct.pack(">i", self.own_port))


def honest(request, answer):
    return framed(answer) if answer else b""


# Each lie, and a question that must see it. None of them concerns the questions of LIST.

def answers_acks_0(request, answer):
    if request.api == PRODUCE and not answer:
        return framed(struct.pack(">i", request.correlation) + b"\0\1\0\0\0\0\0")
    return honest(request, answer)


def closes_fetch(request, answer):
    return None if request.api == FETCH else honest(request, answer)


def silent_about_producers(request, answer):
    return b"" if request.api == INIT_PRODUCER_ID else honest(request, answer)


def absurd_length(request, answer):
    return b"\x7f\xff\xff\xff" if request.api == LIST_OFFSETS else honest(request, answer)


def negative_length(request, answer):
    return b"\xff\xff\xff\xff" if request.api == LIST_OFFSETS else honest(request, answer)


def garbage(request, answer):
    return framed(answer[:4] + b"\xa5" * 40) if request.api == FETCH else honest(request, answer)


def torn(request, answer):
    return framed(answer[:-3]) if request.api == PRODUCE and answer else honest(request, answer)


def forgets_correlation(request, answer):
    """But not in the first request of a connection, without which nothing can be asked."""
    return framed(b"\0\0\0\2" + answer[4:]) if request.api == API_VERSIONS and request.correlation != 1 else honest(request, answer)


def swallows_errors(request, answer):
    """Error 0 for the only partition of a flexible Produce."""
    if request.api != PRODUCE or not answer or request.version < 9:
        return honest(request, answer)
    name = answer[6] - 1
    error = 7 + name + 1 + 4
    return framed(answer[:error] + b"\0\0" + answer[error + 2:])


def shifts_offsets(request, answer):
    """Every base offset of a Produce is one more."""
    if request.api != PRODUCE or not answer or request.version < 9:
        return honest(request, answer)
    offset = 7 + answer[6] - 1 + 1 + 4 + 2
    value = struct.unpack(">q", answer[offset:offset + 8])[0]
    return framed(answer[:offset] + struct.pack(">q", value + 1) + answer[offset + 8:])


def closes_unknown_version(request, answer):
    return None if request.api == API_VERSIONS and request.version == 127 else honest(request, answer)


def half_an_answer(request, answer):
    return framed(answer)[:-5] if request.api == METADATA else honest(request, answer)


def answers_about_no_topics(request, answer):
    """As Kafka refuses old versions of DeleteTopics under delete.topic.enable=false: no topic, no error. Of version 6."""
    return framed(answer[:4] + b"\0" + b"\0\0\0\0" + b"\1\0") if request.api == DELETE_TOPICS else honest(request, answer)


# Lie, questions to put, and those that must differ; all others of them must agree or not be asked.
LIES = [
    (answers_acks_0, "acks-0", {"produce.acks-0", "produce.acks-0-refused"}),
    (closes_fetch, "fetch.beyond", {"fetch.beyond-the-end"}),
    (silent_about_producers, "idempotence.new-producer", {"idempotence.new-producer"}),
    (absurd_length, "offsets.unknown-partition", {"offsets.unknown-partition"}),
    (negative_length, "offsets.unknown-partition", {"offsets.unknown-partition"}),
    (garbage, "session.none", {"session.none"}),
    (torn, "produce.unknown", {"produce.unknown-topic", "produce.unknown-partition", "produce.unknown-acks"}),
    (forgets_correlation, "connection.correlation", {"connection.correlation-0", "connection.correlation-negative", "connection.correlation-twice"}),
    (swallows_errors, "batch.", {"batch.checksum", "batch.control", "batch.base-offset", "batch.too-large", "batch.null-header-key"}),
    (shifts_offsets, "produce.appends", {"produce.appends"}),
    (closes_unknown_version, "api-versions.", {"api-versions.unknown-version", "api-versions.unknown-body", "api-versions.goes-on"}),
]


def conform(acklab, port, only):
    command = [acklab, "conform", "-b", f"127.0.0.1:{port}", "--timeout", PATIENCE, "--only", only, "--json"]
    return subprocess.run(command, capture_output=True, text=True, timeout=HANGS)


def main():
    acklab, bootstrap = sys.argv[1], sys.argv[2].split(",")[0]
    faults = []

    for lie, only, wanted in LIES:
        run = conform(acklab, Liar(bootstrap, lie).own_port, only)
        if run.returncode != 1:
            faults.append(f"{lie.__name__}: exit {run.returncode}: {run.stderr}{run.stdout}")
            continue
        differing = {q["id"]: q["seen"] for q in json.loads(run.stdout)["questions"] if q["verdict"] == "differs"}
        if not wanted <= differing.keys():
            faults.append(f"{lie.__name__}: not seen in {wanted - differing.keys()}; seen in {differing}")
        print(f"{lie.__name__}: seen in {len(differing)} questions, as in {sorted(wanted)[0]}: {differing.get(sorted(wanted)[0])}")

    # The whole of it, from a broker that loses its tongue where topics are made, and from one that never ends a sentence.
    run = conform(acklab, Liar(bootstrap, half_an_answer).own_port, "connection.")
    if run.returncode != 1:
        faults.append(f"half_an_answer: exit {run.returncode}: {run.stderr}{run.stdout}")

    # The proxy itself changes nothing.
    run = conform(acklab, Liar(bootstrap, honest).own_port, "produce.")
    if run.returncode != 0:
        faults.append(f"honest: exit {run.returncode}: {run.stderr}{run.stdout}")

    # Who listens and says nothing, and who hangs up, are no brokers.
    for name, lie in (("silent", lambda request, answer: b""), ("hangs up", lambda request, answer: None)):
        run = conform(acklab, Liar(bootstrap, lie).own_port, "")
        if run.returncode != 2 or len(run.stderr.splitlines()) != 1:
            faults.append(f"{name}: exit {run.returncode}: {run.stderr}")

    # Topics that stay behind are told of.
    run = conform(acklab, Liar(bootstrap, answers_about_no_topics).own_port, "offsets.empty")
    if run.returncode != 0 or "could not be deleted: DeleteTopics says nothing of 1 of 1" not in run.stderr:
        faults.append(f"answers_about_no_topics: exit {run.returncode}: {run.stderr}")

    # Whoever is interrupted says so in the JSON, too.
    asked = threading.Event()

    def slow_to_fetch(request, answer):
        if request.api == FETCH:
            asked.set()
            return b""
        return honest(request, answer)

    liar = Liar(bootstrap, slow_to_fetch)
    command = [acklab, "conform", "-b", f"127.0.0.1:{liar.own_port}", "--timeout", PATIENCE, "--only", "fetch.", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        asked.wait(HANGS)
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=HANGS)
    if run.returncode != 130 or json.loads(out).get("interrupted") is not True:
        faults.append(f"interrupted: exit {run.returncode}: {err}{out}")

    for fault in faults:
        print(f"FAILED: {fault}", file=sys.stderr)
    sys.exit(1 if faults else 0)


main()

"""Opens connections that are of no use to anybody while a producer and a consumer work.

usage: silent_clients_test.py ACKLAB PID-OF-SERVE BOOTSTRAP
"""

import os
import resource
import socket
import struct
import subprocess
import sys
import time

ACKLAB, PID, BOOTSTRAP = sys.argv[1], int(sys.argv[2]), sys.argv[3]
ADDRESSES = [(host, int(port)) for host, port in (one.rsplit(":", 1) for one in BOOTSTRAP.split(","))]
CONNECTIONS = 500
# Not a promise about speed: only so that a server that hangs fails the test instead of stopping it.
HANGS = 60

# The first bytes of an ApiVersions request; a whole one is ten bytes behind its length and a client id.
REQUEST = struct.pack(">ihhih", 10 + 8, 18, 0, 1, 8) + b"stranger"


def descriptors():
    return len(os.listdir(f"/proc/{PID}/fd"))


def work(what):
    """A producer and a consumer do their work: every line that was acknowledged is read back."""
    lines = "".join(f"{what} {i}\n" for i in range(1000))
    subprocess.run([ACKLAB, "produce", "-b", BOOTSTRAP, "-t", "orders", "-X", "acks=all", "-q"], input=lines, text=True,
                   check=True, timeout=HANGS)
    read = subprocess.run([ACKLAB, "consume", "-b", BOOTSTRAP, "-t", "orders", "-e"], capture_output=True, text=True,
                          check=True, timeout=HANGS).stdout
    assert lines in read, f"{what}: what was acknowledged is not read back"
    print(f"{what}: 1000 records acknowledged and read back")


def connect(count):
    return [socket.create_connection(ADDRESSES[i % len(ADDRESSES)], timeout=HANGS) for i in range(count)]


def close(connections):
    for connection in connections:
        connection.close()


def settled(before):
    """The server notices the end of each connection by itself; how soon is not promised."""
    for _ in range(HANGS * 10):
        if descriptors() <= before:
            return
        time.sleep(0.1)
    raise AssertionError(f"{descriptors()} descriptors, where {before} were before")


def main():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < CONNECTIONS + 100:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, CONNECTIONS + 100), hard))
    work("nobody else")
    before = descriptors()

    silent = connect(3)
    work("three that say nothing")
    close(silent)

    slow = connect(3)
    for byte in REQUEST[:4]:
        for connection in slow:
            connection.sendall(bytes([byte]))
        work("three that send a byte now and then")
    for connection in slow:
        connection.sendall(REQUEST[4:])
        assert connection.recv(4), "a slow request is a request"
    close(slow)

    many = connect(CONNECTIONS)
    work(f"{CONNECTIONS} at once that say nothing")
    for connection in many:
        connection.sendall(REQUEST)
    for connection in many:
        assert connection.recv(4), "each is answered"
    work(f"{CONNECTIONS} at once that have spoken")
    # Half of them go in order, half break off.
    for connection in many[::2]:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    close(many)
    settled(before)
    print(f"{descriptors()} descriptors, as before")


main()

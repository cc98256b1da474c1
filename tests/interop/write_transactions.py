#!/usr/bin/env python3
"""Puts a log with transactions into a partition's directory, as one that was copied from a Kafka. Written from storage/FORMAT.md.

    write_transactions.py PARTITION-DIRECTORY

All that is derived from the batches is removed; who opens the log has to find out for himself.
"""
import pathlib
import struct
import sys

from read_log_dir import crc32c

TRANSACTIONAL, CONTROL = 16, 32
ABORT, COMMIT = 0, 1


def varint(value):
    value, out = value << 1 if value >= 0 else ~(value << 1), b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def batch(offset, producer, sequence, attributes, key, value):
    record = b"\0" + varint(0) + varint(0) + varint(len(key)) + key + varint(len(value)) + value + varint(0)
    epoch = 0 if producer >= 0 else -1
    summed = struct.pack(">hiqqqhii", attributes, 0, 1000, 1000, producer, epoch, sequence, 1) + varint(len(record)) + record
    return struct.pack(">qiibI", offset, len(summed) + 9, 0, 2, crc32c(summed)) + summed


class Writer:
    def __init__(self):
        self.bytes, self.end, self.sequences = b"", 0, {}

    def add(self, producer, sequence, attributes, key, value):
        self.bytes += batch(self.end, producer, sequence, attributes, key, value)
        self.end += 1

    def plain(self, value):
        self.add(-1, -1, 0, b"key", value)

    def write(self, producer, value):
        self.add(producer, self.sequences.get(producer, 0), TRANSACTIONAL, b"key", value)
        self.sequences[producer] = self.sequences.get(producer, 0) + 1

    def end_of_transaction(self, producer, kind):
        self.add(producer, -1, TRANSACTIONAL | CONTROL, struct.pack(">hh", 0, kind), struct.pack(">hi", 0, 3))


def main():
    directory, log = pathlib.Path(sys.argv[1]), Writer()
    log.plain(b"plain")
    log.write(7, b"aborted")
    log.write(9, b"committed")
    log.write(7, b"aborted too")
    log.end_of_transaction(7, ABORT)
    log.end_of_transaction(9, COMMIT)
    log.write(7, b"committed later")
    log.end_of_transaction(7, COMMIT)
    log.write(9, b"undecided")
    log.plain(b"behind it")
    for derived in directory.glob("0*"):
        derived.unlink()
    (directory / "00000000000000000000.log").write_bytes(log.bytes)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Reads a broker's directory from storage/FORMAT.md alone, and says where its files contradict each other.

    read_log_dir.py DIRECTORY [--crashed]

Prints a line for each partition: name, first offset, end, batches, records, segments. --crashed: nobody closed the logs, so the last
segment may have no indexes, and checkpoints may be old.
"""
import pathlib
import re
import struct
import sys

CRC_TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    CRC_TABLE.append(byte)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC_TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


class Wrong(Exception):
    pass


def check(truth, *what):
    if not truth:
        raise Wrong(" ".join(str(part) for part in what))


def read_marker(record):
    """(type, coordinator epoch) of the one record of a control batch: length, attributes, two deltas, then key and value."""
    def varint(at):
        value = shift = 0
        while True:
            value |= (record[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if record[at - 1] < 128:
                return value >> 1 ^ -(value & 1), at
    _, at = varint(0)
    _, at = varint(at + 1)
    _, at = varint(at)
    length, key = varint(at)
    _, value = varint(key + length)
    return struct.unpack_from(">h", record, key + 2)[0], struct.unpack_from(">i", record, value + 2)[0]


def read_batches(path):
    """[(position, size, base, last, epoch, max timestamp, producer, producer epoch, first sequence, last sequence, records, marker)]

    A marker is (type, coordinator epoch); "open" for a batch in a transaction, None for any other."""
    data, position, batches, end = path.read_bytes(), 0, [], int(path.stem)
    while position < len(data):
        check(len(data) - position >= 61, path, "ends inside a batch header")
        base, length, epoch, magic, crc, attributes, delta, _, largest, producer, producer_epoch, sequence, count = struct.unpack_from(
            ">qiibIhiqqqhii", data, position)
        check(magic == 2 and position + 12 + length <= len(data), path, "no whole batch at", position)
        check(crc32c(data[position + 21:position + 12 + length]) == crc, path, "checksum at", position)
        check(base >= end, path, "offsets go back at", position)
        last_sequence = (sequence + delta) & 0x7FFFFFFF if producer >= 0 and not attributes & 32 else -1
        marker = "open" if attributes & 48 == 16 else None
        if attributes & 32 and count:
            marker = read_marker(data[position + 61:position + 12 + length])
        batches.append((position, 12 + length, base, base + delta, epoch, largest, producer, producer_epoch, sequence, last_sequence,
                        count, marker))
        position, end = position + 12 + length, base + delta + 1
    return batches


def entries(path, form):
    data = path.read_bytes()
    check(len(data) % struct.calcsize(form) == 0, path, "is no whole number of entries")
    return list(struct.iter_unpack(form, data))


def check_indexes(path, batches):
    base = int(path.stem)
    at = {batch[0]: batch for batch in batches}
    before = (-1, -1)
    for entry in entries(path.with_suffix(".index"), ">ii"):
        check(entry > before and entry[1] > before[1], path, "index does not grow at", entry)
        check(entry[1] in at and at[entry[1]][3] == base + entry[0], path, "index entry", entry, "names no batch")
        before = entry
    times = entries(path.with_suffix(".timeindex"), ">qi")
    for timestamp, relative in times:
        upto = [batch for batch in batches if batch[3] <= base + relative]
        check(upto and upto[-1][3] == base + relative, path, "time index entry", timestamp, "names no batch")
        check(upto[-1][5] == timestamp == max(batch[5] for batch in upto), path, timestamp, "is not the largest up to there")
    check(times == sorted(set(times)), path, "time index does not grow")
    largest = max((batch[5] for batch in batches), default=-1)
    check((times[-1][0] if times else -1) == largest, path, "the last time is not the largest,", largest)


def read_snapshot(path):
    data = path.read_bytes()
    version, crc, count = struct.unpack_from(">hIi", data)
    check(version == 1 and crc == crc32c(data[6:]) and len(data) == 10 + 46 * count, path, "is no snapshot")
    return {entry[0]: entry[1:4] + entry[5:8] for entry in struct.iter_unpack(">qhiqiqiq", data[10:])}


def take_in(batch, producers):
    """What a batch tells of its producer: (epoch, last sequence, last offset, timestamp, coordinator epoch, start of its transaction). The
    transaction that it aborts, as .txnindex has it, or None."""
    base, last, timestamp, producer, epoch, last_sequence, marker = *batch[2:4], *batch[5:8], batch[9], batch[11]
    if producer < 0:
        return None
    before = producers.get(producer, (epoch, -1, -1, -1, -1, -1))
    sequence, offset = before[1:3] if before[0] == epoch else (-1, -1)
    coordinator, start = before[4:]
    if marker in (None, "open"):
        if last_sequence >= 0:
            sequence, offset = last_sequence, last
        start = base if start < 0 and marker else start
        producers[producer] = (epoch, sequence, offset, timestamp, coordinator, start)
        return None
    producers[producer] = (epoch, sequence, offset, timestamp, marker[1], -1)
    stable = min((state[5] for state in producers.values() if state[5] >= 0), default=last + 1)
    return (0, producer, start, last, stable) if start >= 0 and marker[0] == 0 else None


def read_checkpoint(path, fields):
    lines = path.read_text().splitlines()
    check(lines[0] == "0" and int(lines[1]) == len(lines) - 2, path, "version or count")
    rows = [line.split(" ") for line in lines[2:]]
    check(all(len(row) == fields for row in rows), path, "a line that is no entry")
    return rows


def read_partition(directory, closed):
    check(re.fullmatch(r"version: 0\ntopic_id: [A-Za-z0-9_-]{22}\n", (directory / "partition.metadata").read_text()), directory,
          "partition.metadata")
    logs = sorted(directory.glob("*.log"))
    check(logs, directory, "has no segment")
    batches, producers, epochs = [], {}, []
    for log in logs:
        base = int(log.stem)
        if log.with_suffix(".snapshot").exists() and log != logs[0]:
            check(read_snapshot(log.with_suffix(".snapshot")) == producers, directory, "snapshot at", base)
        mine = read_batches(log)
        check(not batches or base > batches[-1][3], log, "begins inside the one before")
        aborted = [one for one in (take_in(batch, producers) for batch in mine) if one]
        if log != logs[-1] or closed:
            check_indexes(log, mine)
            index = log.with_suffix(".txnindex")
            check((entries(index, ">hqqqq") if index.exists() else []) == aborted, index, "is not", aborted)
            check(aborted or not index.exists(), index, "has nothing to say")
        for batch in mine:
            if batch[4] >= 0 and (not epochs or batch[4] > epochs[-1][0]):
                epochs.append((batch[4], batch[2]))
        batches += mine
    end = batches[-1][3] + 1 if batches else int(logs[-1].stem)
    if closed:
        check(read_snapshot(directory / f"{end:020}.snapshot") == producers, directory, "snapshot at the end")
    said = [(int(epoch), int(start)) for epoch, start in read_checkpoint(directory / "leader-epoch-checkpoint", 2)]
    # An epoch whose leader has appended nothing is in no batch.
    told = [entry for entry in said if any(entry == heard for heard in epochs)]
    check(told == epochs and all(entry[1] <= end for entry in said) and said == sorted(said), directory, "epochs", said, "batches", epochs)
    return int(logs[0].stem), end, len(batches), sum(batch[10] for batch in batches), len(logs)


def main():
    root, closed = pathlib.Path(sys.argv[1]), "--crashed" not in sys.argv
    meta = dict(line.split("=", 1) for line in (root / "meta.properties").read_text().splitlines() if not line.startswith("#"))
    check(meta["version"] == "1" and meta["cluster.id"] and int(meta["node.id"]) >= 0 and len(meta["directory.id"]) == 22, "meta.properties")
    check((root / ".lock").exists(), ".lock")
    ends = {}
    for directory in sorted(path for path in root.iterdir() if path.is_dir() and re.search(r"-\d+$", path.name)):
        first, end, batches, records, segments = read_partition(directory, closed)
        ends[directory.name] = end
        print(directory.name, first, end, batches, records, segments)
    for name in ("replication-offset-checkpoint", "recovery-point-offset-checkpoint", "log-start-offset-checkpoint"):
        if not (root / name).exists():
            check(not closed, name, "is missing")
            continue
        for topic, partition, offset in read_checkpoint(root / name, 3):
            end = ends[f"{topic}-{partition}"]
            check(int(offset) == end if closed and name.startswith("rec") else 0 <= int(offset) <= end, name, topic, partition, offset, end)
    mark = root / ".kafka_cleanshutdown"
    check(mark.exists() == closed, "clean shutdown mark")
    if closed:
        check(re.fullmatch(r'\{"version":0,"brokerEpoch":\d+\}', mark.read_text()), "clean shutdown mark:", mark.read_text())


if __name__ == "__main__":
    try:
        main()
    except Wrong as wrong:
        sys.exit(f"read_log_dir: {wrong}")

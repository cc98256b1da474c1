"""Compares what a producer's program was told with what the topic holds; README.md says what each program prints.

    judge.py OUTCOMES LOG RECORDS exactly-once|at-least-once|power-loss|reused-sequences

OUTCOMES is the program's output, LOG has a line "OFFSET VALUE" for each record of the partition. Prints what was found in one line, and
each broken promise in a line of its own; ends with 1 if there is one. After a power loss of all brokers acknowledged records may be gone,
and their offsets taken by others; so they may if a client gives the sequence numbers of a send that failed to another one, which a broker
takes for a repetition. Both are counted and told.
"""
import sys
from collections import Counter, defaultdict


MAY_LOSE = ("power-loss", "reused-sequences")


def read_outcomes(path):
    """The last word on each record: its number to (outcome, rest of the line). The program's `done` is at the key "done"."""
    outcomes = {}
    with open(path) as lines:
        for line in lines:
            word, _, rest = line.strip().partition(" ")
            number, _, detail = rest.partition(" ")
            outcomes["done" if word == "done" else int(number)] = (word, detail)
    return outcomes


def read_log(path):
    """[(offset, number of the record)], in the order of the log."""
    log = []
    with open(path) as lines:
        for line in lines:
            offset, value = line.split()
            log.append((int(offset), int(value.removeprefix("r-"))))
    return log


def inversions(numbers):
    """How many stand behind a greater one, duplicates apart: only the first copy of a record counts."""
    seen, greatest, count = set(), 0, 0
    for number in numbers:
        if number in seen:
            continue
        seen.add(number)
        count += number < greatest
        greatest = max(greatest, number)
    return count


def judge(outcomes, log, records, promise):
    """(what was found, broken promises)"""
    problems = []

    def forbid(what, numbers):
        if numbers:
            some = ", ".join(f"r-{number:06d}" for number in sorted(numbers)[:5])
            problems.append(f"{len(numbers)} {what}: {some}{' ...' if len(numbers) > 5 else ''}")

    copies = Counter(number for _, number in log)
    offsets = defaultdict(set)
    for offset, number in log:
        offsets[number].add(offset)

    if outcomes.pop("done", None) is None:
        problems.append("the producer did not end as it should")
    numbers = range(1, records + 1)
    by_outcome = {word: {n for n in numbers if outcomes.get(n, ("untold", ""))[0] == word}
                  for word in ("acked", "failed", "unknown", "untold")}
    acked = by_outcome["acked"]

    forbid("outcomes never told", by_outcome["untold"])
    lost = {n for n in acked if not copies[n]}
    if promise not in MAY_LOSE:
        forbid("acknowledged and not in the log", lost)
    forbid("reported as certainly not appended, yet in the log", {n for n in by_outcome["failed"] if copies[n]})
    forbid("in the log and never sent", {n for n in copies if n not in numbers})
    # An offset is a promise too: the record is there. (-1 and "-": the client does not know.)
    if promise not in MAY_LOSE:
        forbid("acknowledged at an offset that holds something else",
               {n for n in acked if outcomes[n][1] not in ("-", "-1", "-1001") and int(outcomes[n][1]) not in offsets[n]})
    # A client that gives up for good may not say what went well before: kcat does not.
    if not acked and promise not in MAY_LOSE:
        problems.append("nothing was acknowledged")

    duplicates = {n for n, count in copies.items() if count > 1}
    reordered = inversions([number for _, number in log])
    if promise == "exactly-once":
        forbid("in the log more than once", duplicates)
        if reordered:
            problems.append(f"{reordered} behind a later one")

    found = (f"{records} sent, {len(acked)} acked, {len(by_outcome['failed'])} failed, {len(by_outcome['unknown'])} unknown; {len(lost)} lost; "
             f"log: {len(log)} records, {sum(copies[n] - 1 for n in duplicates)} duplicates of {len(duplicates)}, {reordered} out of order")
    return found, problems


def main():
    outcomes, log, records, promise = sys.argv[1:]
    found, problems = judge(read_outcomes(outcomes), read_log(log), int(records), promise)
    print(found)
    for problem in problems:
        print("VIOLATION:", problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()

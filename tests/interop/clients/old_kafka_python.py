"""One of the old clients that README.md describes: kafka-python, told how old its broker is."""
import sys

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

version, task, bootstrap, topic, codec_or_count = sys.argv[1:]
common = {"bootstrap_servers": bootstrap, "api_version": tuple(int(part) for part in version.split("."))}


def write(codec):
    producer = KafkaProducer(acks="all", compression_type=None if codec == "none" else codec, linger_ms=20, **common)
    sent = [producer.send(topic, line.rstrip(b"\n"), partition=0) for line in sys.stdin.buffer]
    producer.flush()
    for future in sent:
        future.get()


def read(count):
    consumer = KafkaConsumer(enable_auto_commit=False, group_id=None, **common)
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    for _ in range(count):
        sys.stdout.buffer.write(next(consumer).value + b"\n")


if task == "write":
    write(codec_or_count)
else:
    read(int(codec_or_count))

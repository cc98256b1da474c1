"""kafka-python's admin client against the cluster: see admin.sh."""
import sys
import time

from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewPartitions, NewTopic
from kafka.errors import TopicAlreadyExistsError, UnknownTopicOrPartitionError

bootstrap = sys.argv[1].split(",")
admin = KafkaAdminClient(bootstrap_servers=bootstrap)


def check(what, seen, wanted):
    if seen != wanted:
        sys.exit(f"{what}: {seen!r}, not {wanted!r}")


def eventually(what, look, wanted):
    """Other brokers learn of a change a moment after the one that was asked."""
    deadline = time.monotonic() + 20
    while look() != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    check(what, look(), wanted)


def config():
    (answer,) = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, "orders")])
    (resource,) = answer.resources
    check("describe_configs", resource[0], 0)
    return {entry[0]: entry[1] for entry in resource[4]}


def topics():
    return sorted(admin.list_topics())


def partitions():
    return len(admin.describe_topics(["orders"])[0]["partitions"])


admin.create_topics([NewTopic("orders", 2, 3, topic_configs={"retention.ms": "1000000", "min.insync.replicas": "2"})])
eventually("list_topics", topics, ["orders"])
try:
    admin.create_topics([NewTopic("orders", 2, 3)])
    sys.exit("a topic was created twice")
except TopicAlreadyExistsError:
    pass
eventually("retention.ms", lambda: config()["retention.ms"], "1000000")
check("cleanup.policy", config()["cleanup.policy"], "delete")

admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, "orders", {"retention.ms": "2000000"})])
eventually("retention.ms", lambda: config()["retention.ms"], "2000000")
check("min.insync.replicas, which was not named again", config()["min.insync.replicas"], "1")

admin.create_partitions({"orders": NewPartitions(4)})
eventually("partitions", partitions, 4)

producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", retries=100)
for partition in range(4):
    producer.send("orders", b"a record", partition=partition)
producer.flush(30)
consumer = KafkaConsumer("orders", bootstrap_servers=bootstrap, auto_offset_reset="earliest", group_id=None,
                         consumer_timeout_ms=20000)
for count, _ in enumerate(consumer, 1):
    if count == 4:
        break
else:
    sys.exit("not all four records were read")
producer.close()
consumer.close()

admin.delete_topics(["orders"])
eventually("list_topics", topics, [])
try:
    admin.delete_topics(["orders"])
    sys.exit("a topic was deleted twice")
except UnknownTopicOrPartitionError:
    pass

"""One of the producers that README.md describes: kafka-python, which has no idempotence."""
import functools
import sys
import time

from kafka import KafkaProducer

bootstrap, topic, records, pause_ms, idempotent = sys.argv[1:]
if idempotent == "yes":
    sys.exit("kafka-python has no idempotence")

producer = KafkaProducer(
    bootstrap_servers=bootstrap.split(","),
    client_id="kafka-python",
    acks="all",
    retries=1000,
    max_in_flight_requests_per_connection=5,
    batch_size=200,
    linger_ms=5,
    retry_backoff_ms=50,
    reconnect_backoff_ms=50,
    reconnect_backoff_max_ms=200,
    # Also the time after which a batch that found no leader is given up, so longer than a failover.
    request_timeout_ms=3000,
    max_block_ms=30000,
)


def acked(number, metadata):
    print("acked", number, metadata.offset, flush=True)


def unknown(number, error):
    print("unknown", number, " ".join(str(error).split()), flush=True)


for number in range(1, int(records) + 1):
    future = producer.send(topic, b"r-%06d" % number, partition=0)
    future.add_callback(functools.partial(acked, number))
    future.add_errback(functools.partial(unknown, number))
    time.sleep(int(pause_ms) / 1000)
producer.flush(40)
producer.close(5)
print("done")

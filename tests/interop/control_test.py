"""What a serving cluster shows of itself over HTTP, and that it can be watched without being harmed."""

import http.client
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request

ACKLAB, BOOTSTRAP, HTTP = sys.argv[1:]
# Not a promise about speed: only so that what never comes fails the test.
PATIENCE = 60


def ask(path, method="GET", body=None, kind=None):
    """Status, headers and text of the answer."""
    request = urllib.request.Request(HTTP + path, method=method, data=body)
    if kind:
        request.add_header("Content-Type", kind)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def page(path):
    status, _, text = ask(path)
    assert status == 200, (path, status, text)
    return json.loads(text)


def until(condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"{what}: has not come"
        time.sleep(0.05)


def run(*words, feed=None):
    return subprocess.run(words, input=feed, capture_output=True, text=True, timeout=PATIENCE)


def cluster():
    shown = page("/api/v1/cluster")
    assert shown["controller"] == {"alive": True}, shown
    assert [broker["id"] for broker in shown["brokers"]] == [0, 1, 2], shown
    assert ",".join(broker["address"] for broker in shown["brokers"]) == BOOTSTRAP, shown
    assert all(broker["alive"] and broker["usable"] and not broker["paused"] for broker in shown["brokers"]), shown
    [orders] = shown["partitions"]
    assert (orders["topic"], orders["partition"]) == ("orders", 0), orders
    assert orders["leader"] in (0, 1, 2) and orders["isr"] == [0, 1, 2] == orders["replicas"], orders
    return orders


def samples():
    """Every sample of /metrics by name and labels; read by Prometheus' own parser where it is installed."""
    status, headers, text = ask("/metrics")
    assert status == 200 and "version=0.0.4" in headers["Content-Type"], headers
    try:
        from prometheus_client.parser import text_string_to_metric_families
    except ImportError:
        print("python3-prometheus-client is not installed: the metrics are not parsed")
        return None
    found = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation, family.name
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in found, f"{key} stands there twice"
            found[key] = sample.value
    return found


def total(found, name, **labels):
    return sum(value for (sample, has), value in found.items() if sample == name and labels.items() <= dict(has).items())


def metrics(leader):
    before = samples()
    lines = "".join(f"order {i}\n" for i in range(500))
    sent = run("kcat", "-P", "-b", BOOTSTRAP, "-t", "orders", "-X", "acks=all", feed=lines)
    assert sent.returncode == 0, sent.stderr
    read = run("kcat", "-C", "-b", BOOTSTRAP, "-t", "orders", "-o", "beginning", "-e", "-q")
    assert read.stdout == lines, read.stderr
    refused = run("kcat", "-P", "-b", BOOTSTRAP, "-t", "orders", "-X", "acks=1", "-X", "message.max.bytes=3000000", feed="x" * 2_000_000)
    assert refused.returncode != 0
    if before is None:
        return
    after = samples()
    topic = "kafka_server_brokertopicmetrics_"
    assert total(after, topic + "messagesin_total") - total(before, topic + "messagesin_total") == 500
    assert total(after, topic + "messagesin_total", broker=str(leader)) == 500
    assert total(after, topic + "bytesin_total") >= len(lines)
    assert total(after, topic + "bytesout_total") >= len(lines)
    assert total(after, topic + "replicationbytesout_total") >= 2 * len(lines)
    assert total(after, topic + "totalproducerequests_total") > total(after, topic + "failedproducerequests_total") > 0
    assert total(after, "kafka_network_requestmetrics_requests_total", request="Produce") > 0
    assert total(after, "kafka_network_requestmetrics_errors_total", request="Produce", error="NONE") > 0
    assert total(after, "kafka_network_requestmetrics_errors_total", request="Produce", error="MESSAGE_TOO_LARGE") > 0
    assert total(after, "kafka_network_requestmetrics_totaltimems_count", request="Fetch") > 0
    assert total(after, "kafka_server_replicamanager_leadercount") == 1
    assert total(after, "kafka_server_replicamanager_partitioncount") == 3
    assert total(after, "kafka_server_replicamanager_underreplicatedpartitions") == 0
    assert total(after, "kafka_server_socket_server_metrics_connection_count") >= 2  # the followers'
    assert total(after, "kafka_controller_kafkacontroller_activebrokercount") == 3
    assert total(after, "kafka_controller_kafkacontroller_activecontrollercount") == 1
    assert total(after, "kafka_controller_kafkacontroller_offlinepartitionscount") == 0


def openapi():
    document = page("/api/v1/openapi.json")
    for path, methods in document["paths"].items():
        if "get" in methods and "{" not in path:
            assert ask(path)[0] == 200, path


def problems():
    for method, path, body, kind, status in [
        ("GET", "/nowhere", None, None, 404),
        ("DELETE", "/api/v1/faults/nowhere", None, None, 404),
        ("POST", "/metrics", b"{}", "application/json", 405),
        ("POST", "/api/v1/faults", b"{", "application/json", 400),
        ("POST", "/api/v1/faults", b"{}", "text/plain", 415),
        ("POST", "/api/v1/faults", b"{}", "application/json", 422),
        ("POST", "/api/v1/faults", b"{" + b" " * 100_000, "application/json", 413),
    ]:
        got, headers, text = ask(path, method, body, kind)
        assert got == status, (method, path, got, text)
        assert headers["Content-Type"] == "application/problem+json", headers
        problem = json.loads(text)
        assert problem["status"] == status and problem["title"] and problem["detail"], problem


def curl():
    """Another client's idea of HTTP: HEAD, a body that waits to be asked for, connections that are used again."""
    head = run("curl", "-sS", "-I", HTTP + "/metrics")
    assert head.stdout.startswith("HTTP/1.1 200") and "Content-Length" in head.stdout, head
    large = run("curl", "-sS", "-d", "@-", "-H", "Content-Type: application/json", HTTP + "/api/v1/faults", feed="x" * 60_000)
    assert json.loads(large.stdout)["status"] == 400, large
    again = run("curl", "-sS", "-w", "%{num_connects} ", "-o", "/dev/null", "-o", "/dev/null", HTTP + "/", HTTP + "/")
    assert again.stdout == "1 0 ", again.stdout


def crowd():
    """More connections than are served, silent ones among them: whoever is over the limit is told, and the others and Kafka go on."""
    place = HTTP.removeprefix("http://")
    silent = [http.client.HTTPConnection(place, timeout=PATIENCE) for _ in range(64)]
    for connection in silent:
        connection.connect()
    one_more = http.client.HTTPConnection(place, timeout=PATIENCE)
    one_more.request("GET", "/")
    answer = one_more.getresponse()
    assert answer.status == 503, answer.status
    read = run("kcat", "-C", "-b", BOOTSTRAP, "-t", "orders", "-o", "beginning", "-e", "-q")
    assert read.stdout.count("\n") == 500, read.stderr
    silent[0].request("GET", "/")
    assert silent[0].getresponse().status == 200
    for connection in silent:
        connection.close()
    until(lambda: ask("/")[0] == 200, "a place for one more")


leader = cluster()["leader"]
metrics(leader)
openapi()
problems()
curl()
crowd()

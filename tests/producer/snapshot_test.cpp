// The producer's metrics by Kafka's names: the names, and values after runs in which everything is known.
#include "producer/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "tests/producer/scripted_broker.h"
#include "tools/lab/metrics_text.h"

namespace acklab::producer {
namespace {

using namespace std::chrono_literals;
using protocol::ErrorCode;
using protocol::Time;
using testing::HasSubstr;

constexpr const char* totals = "producer-metrics";
constexpr const char* ours = "acklab-producer-metrics";
constexpr const char* topics = "producer-topic-metrics";
constexpr const char* nodes = "producer-node-metrics";

// One value; `tag` is a topic or a node.
double value_of(const std::vector<Metric>& list, std::string_view group, std::string_view name, const std::string& tag = "") {
  for (const Metric& metric : list) {
    if (metric.group == group && metric.name == name && (tag.empty() || metric.tags.back().second == tag)) return metric.value;
  }
  ADD_FAILURE() << "no " << name << " in " << group << " " << tag;
  return -1;
}

std::set<std::string> names(const std::vector<Metric>& list, std::string_view group) {
  std::set<std::string> found;
  for (const Metric& metric : list) {
    if (metric.group != group) continue;
    EXPECT_TRUE(found.insert(metric.name).second) << metric.name << " twice";
  }
  return found;
}

// Kafka's names for counts come in pairs, those for sizes and times too.
std::set<std::string> with(const std::set<std::string>& stems, const std::set<std::string>& endings) {
  std::set<std::string> all;
  for (const std::string& stem : stems) {
    for (const std::string& ending : endings) all.insert(stem + ending);
  }
  return all;
}

std::set<std::string> united(std::initializer_list<std::set<std::string>> sets) {
  std::set<std::string> all;
  for (const auto& set : sets) all.insert(set.begin(), set.end());
  return all;
}

TEST(Snapshot, HasKafkasNamesInKafkasGroups) {
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  cluster.configure({{"client.id", "till"}});
  cluster.send("one");
  ASSERT_TRUE(cluster.run_until_all_told(10s));

  const std::vector<Metric> list = cluster.producer().snapshot();

  EXPECT_EQ(
      names(list, totals),
      united({with({"record-send", "record-retry", "record-error", "batch-split", "request", "response", "outgoing-byte",
                    "buffer-exhausted"},
                   {"-rate", "-total"}),
              with({"record-size", "record-queue-time", "batch-size", "request-size", "request-latency", "produce-throttle-time"},
                   {"-avg", "-max"}),
              {"compression-rate-avg", "records-per-request-avg", "requests-in-flight", "connection-count", "metadata-age",
               "buffer-total-bytes", "buffer-available-bytes", "flush-time-ns-total"}}));
  EXPECT_EQ(names(list, topics),
            united({with({"record-send", "byte", "record-retry", "record-error"}, {"-rate", "-total"}), {"compression-rate"}}));
  EXPECT_EQ(names(list, nodes), united({with({"request", "response", "outgoing-byte"}, {"-rate", "-total"}),
                                        with({"request-latency"}, {"-avg", "-max"})}));
  EXPECT_EQ(names(list, ours),
            united({with({"record-ack", "record-unknown", "record-timeout"}, {"-rate", "-total"}),
                    with({"record-send-latency"}, {"-avg", "-max"}),
                    with({"record-send-latency", "record-queue-time", "request-latency"}, {"-p50", "-p95", "-p99"}),
                    {"records-per-batch-avg", "waiting-records"}}));
  for (const Metric& metric : list) {
    EXPECT_EQ(metric.tags.front(), Metric::Tag("client-id", "till"));
    EXPECT_FALSE(metric.meaning.empty()) << metric.name;
  }
}

TEST(Snapshot, CountsWhatHappenedByTopicAndNode) {
  ScriptedCluster cluster(2);
  cluster.add_topic("orders", 2);  // partition p is led by broker p
  cluster.add_topic("audit", 1);
  cluster.configure({{"linger.ms", "5"}});
  // The first batch is refused once; audit's for good.
  cluster.state.script = [](const SeenBatch& batch) {
    if (batch.partition.topic == "audit") return refuse(ErrorCode::invalid_record);
    return batch.number == 1 ? refuse(ErrorCode::not_enough_replicas) : Reaction{};
  };
  for (const int partition : {0, 0, 0, 1}) {
    cluster.send({.topic = "orders", .partition = partition, .key = {}, .value = "12345", .headers = {}});
  }
  ASSERT_TRUE(cluster.run_until_all_told(10s));
  cluster.send("never", "audit");
  ASSERT_TRUE(cluster.run_until_all_told(10s));

  const std::vector<Metric> list = cluster.producer().snapshot();

  EXPECT_EQ(value_of(list, ours, "record-ack-total"), 4);
  EXPECT_EQ(value_of(list, totals, "record-send-total"), 5 + value_of(list, totals, "record-retry-total"));
  EXPECT_EQ(value_of(list, totals, "record-error-total"), 1);
  EXPECT_GT(value_of(list, totals, "record-retry-total"), 0);
  EXPECT_EQ(value_of(list, topics, "record-retry-total", "audit"), 0);
  EXPECT_EQ(value_of(list, topics, "record-error-total", "audit"), 1);
  EXPECT_EQ(value_of(list, topics, "record-error-total", "orders"), 0);
  EXPECT_EQ(value_of(list, topics, "record-send-total", "audit"), 1);
  for (const char* name : {"request-total", "response-total", "outgoing-byte-total"}) {
    EXPECT_EQ(value_of(list, nodes, name, "0") + value_of(list, nodes, name, "1"), value_of(list, totals, name)) << name;
    EXPECT_GT(value_of(list, nodes, name, "1"), 0) << name;
  }
  EXPECT_EQ(value_of(list, totals, "request-total"), static_cast<double>(cluster.state.requests));
  EXPECT_EQ(value_of(list, topics, "byte-total", "orders") + value_of(list, topics, "byte-total", "audit"),
            value_of(list, totals, "outgoing-byte-total"));
  EXPECT_EQ(value_of(list, totals, "requests-in-flight"), 0);
  EXPECT_EQ(value_of(list, totals, "connection-count"), 2);
  EXPECT_EQ(value_of(list, totals, "buffer-available-bytes"), value_of(list, totals, "buffer-total-bytes"));
}

TEST(Snapshot, TellsTheThreeLatenciesApart) {
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  cluster.configure({{"linger.ms", "20"}});
  cluster.state.script = [](const SeenBatch&) { return Reaction{.delay = 300ms}; };
  for (int i = 0; i < 3; ++i) {
    cluster.send("one");
    ASSERT_TRUE(cluster.run_until_all_told(10s));
  }

  const std::vector<Metric> list = cluster.producer().snapshot();

  const double batch = value_of(list, ours, "record-queue-time-p50");
  const double network = value_of(list, ours, "request-latency-p50");
  EXPECT_NEAR(batch, 20, 1);
  EXPECT_NEAR(network, 300, 10);
  EXPECT_NEAR(value_of(list, ours, "record-send-latency-p50"), batch + network, 20);
  EXPECT_GE(value_of(list, ours, "record-send-latency-p99"), value_of(list, ours, "record-send-latency-p50"));
}

TEST(Snapshot, AThrottledProducerSaysForHowLong) {
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  cluster.state.throttle_ms = 250;
  cluster.send("one");
  ASSERT_TRUE(cluster.run_until_all_told(10s));

  EXPECT_EQ(value_of(cluster.producer().snapshot(), totals, "produce-throttle-time-max"), 250);
}

struct Windows {
  MetricWindows windows{ProducerConfig::from({{"metrics.sample.window.ms", "30000"}, {"metrics.num.samples", "2"}}).value(),
                        Time{}};
  ProducerMetrics metrics;

  void count(Duration at, std::int64_t records) {
    windows.roll(Time{at}, metrics);
    metrics.records_sent += records;
  }
  double rate(Duration at) const { return value_of(snapshot(metrics, windows, {}, "c", Time{at}), ours, "record-ack-rate"); }
};

TEST(MetricWindows, AYoungProducersRateIsOverItsLife) {
  Windows windows;
  windows.count(1s, 100);

  EXPECT_EQ(windows.rate(0s), 0);
  EXPECT_EQ(windows.rate(2s), 50);
  EXPECT_EQ(windows.rate(10s), 10);
}

TEST(MetricWindows, ARateForgetsWhatIsOlderThanItsWindows) {
  Windows windows;
  windows.count(1s, 6000);
  for (int second = 2; second <= 120; ++second) windows.count(std::chrono::seconds(second), 10);

  EXPECT_EQ(windows.rate(121s), 10);
}

TEST(MetricWindows, AnIdleProducersRateFallsToNothingAndABurstAfterwardsCountsWhole) {
  Windows windows;
  windows.count(1s, 6000);

  EXPECT_EQ(windows.rate(60s), 100);
  EXPECT_EQ(windows.rate(61s), 0);

  windows.count(600s, 50);
  EXPECT_EQ(windows.rate(610s), 5);
}

TEST(MetricsText, IsATableJsonAndPrometheusText) {
  const std::vector<Metric> list{
      {"producer-metrics", "record-send-rate", {{"client-id", "c"}}, 2.5, "records/s", "what is sent, a second"},
      {"producer-topic-metrics", "byte-total", {{"client-id", "c"}, {"topic", "a\"b"}}, 7, "bytes", "bytes, in all"}};

  EXPECT_EQ(lab::metrics_table(list),
            "producer-metrics {client-id=c}\n"
            "  record-send-rate            2.500 records/s    what is sent, a second\n"
            "\n"
            "producer-topic-metrics {client-id=c, topic=a\"b}\n"
            "  byte-total                      7 bytes        bytes, in all\n");
  EXPECT_THAT(
      lab::metrics_json(list),
      HasSubstr(
          R"({"group":"producer-metrics","name":"record-send-rate","tags":{"client-id":"c"},"value":2.5,"unit":"records/s"})"));
  EXPECT_EQ(lab::metrics_prometheus(list),
            "# HELP acklab_producer_record_send_rate what is sent, a second, in records/s\n"
            "# TYPE acklab_producer_record_send_rate gauge\n"
            "acklab_producer_record_send_rate{client_id=\"c\"} 2.5\n"
            "# HELP acklab_producer_topic_byte_total bytes, in all, in bytes\n"
            "# TYPE acklab_producer_topic_byte_total counter\n"
            "acklab_producer_topic_byte_total{client_id=\"c\",topic=\"a\\\"b\"} 7\n");
}

}  // namespace
}  // namespace acklab::producer

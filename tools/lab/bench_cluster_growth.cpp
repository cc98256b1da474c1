#include "tools/lab/bench_cluster_growth.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>

#include "producer/threaded_producer.h"
#include "protocol/check.h"
#include "protocol/runtime/asio_world.h"
#include "tools/lab/clock.h"
#include "tools/lab/load.h"

namespace acklab::lab {
namespace {

constexpr double mega = 1e6;

GrowthPoint grown(const BenchLoads& bench, const std::string& what, int size, const std::vector<std::string>& cluster) {
  const ServedCluster served(cluster);
  const ClusterRun run = bench.our_producer(served, bench.records_for(200'000), bench_kafka_batch);
  return {what, size, run.records_a_second, run.broker_cpu_us, static_cast<double>(served.resident_bytes()) / mega};
}

// Each connection is a producer of its own; all of them are in this process, whose time does not count. They linger until their batches are
// full: with many of them on few cores a short linger.ms would end long before, and the sizes of requests would be compared, not the
// numbers of connections.
GrowthPoint with_connections(const BenchLoads& bench, int connections) {
  const ServedCluster served(bench.ours(1));
  const std::size_t colon = served.bootstrap().rfind(':');
  const protocol::Address address{served.bootstrap().substr(0, colon),
                                  static_cast<std::uint16_t>(std::stoi(served.bootstrap().substr(colon + 1)))};
  const auto config = producer::ProducerConfig::from(
      {{"acks", "all"}, {"linger.ms", "1000"}, {"batch.size", std::to_string(bench_kafka_batch)}, {"buffer.memory", "1048576"}});
  CHECK(config);
  protocol::AsioWorld world({.seed = 1, .unread_entries = 1024});
  std::vector<std::unique_ptr<producer::ThreadedProducer>> producers;
  for (int i = 0; i < connections; ++i) {
    producers.push_back(
        std::make_unique<producer::ThreadedProducer>(world, protocol::NodeId::client(i), std::vector{address}, *config));
  }
  const std::vector<std::string> values = sized_orders(100, 20'000);
  const auto send_all = [&](std::int64_t records) {
    for (std::int64_t i = 0; i < records; ++i) {
      producer::ProducerRecordView record;
      record.topic = "bench";
      record.value = values[static_cast<std::size_t>(i) % values.size()];
      CHECK(producers[static_cast<std::size_t>(i) % producers.size()]->send(
          record, [](const producer::Outcome& outcome) { CHECK(outcome.kind == producer::Outcome::Kind::acked); }));
    }
    for (const auto& producer : producers) CHECK(producer->flush(std::chrono::minutes(1)) == 0);
  };
  send_all(connections);                      // all are connected
  constexpr std::int64_t of_each = 20 * 148;  // twenty full batches
  const std::int64_t records = std::max(bench.records_for(200'000), connections * of_each);
  const double cpu = served.cpu_seconds();
  const double began = seconds_on(CLOCK_MONOTONIC);
  send_all(records);
  const auto count = static_cast<double>(records);
  return {"connections", connections, count / (seconds_on(CLOCK_MONOTONIC) - began), (served.cpu_seconds() - cpu) * 1e6 / count,
          static_cast<double>(served.resident_bytes()) / mega};
}

}  // namespace

std::vector<std::function<GrowthPoint()>> growth_steps(const BenchLoads& bench) {
  std::vector<std::function<GrowthPoint()>> steps;
  for (const int partitions : {1, 10, 100, 1000}) {
    steps.emplace_back([&bench, partitions] { return grown(bench, "partitions", partitions, bench.ours(1, partitions)); });
  }
  for (const int brokers : {1, 3, 10, 50}) {
    steps.emplace_back([&bench, brokers] { return grown(bench, "brokers", brokers, bench.ours(brokers)); });
  }
  for (const int connections : {1, 10, 50, 200}) {
    steps.emplace_back([&bench, connections] { return with_connections(bench, connections); });
  }
  return steps;
}

}  // namespace acklab::lab

#include "tools/lab/bench_cluster.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include <nlohmann/json.hpp>

#include "producer/threaded_producer.h"
#include "protocol/check.h"
#include "protocol/runtime/asio_world.h"
#include "tools/lab/child.h"
#include "tools/lab/clock.h"
#include "tools/lab/load.h"
#include "tools/lab/loopback.h"
#include "tools/lab/null_cluster.h"
#include "tools/lab/progress.h"

namespace acklab::lab {
namespace {

constexpr double mega = 1e6;
constexpr int librdkafka_batch = 1'000'000;  // its default
constexpr int kafka_batch = 16384;           // Kafka's
constexpr int in_flight = 5;                 // Kafka's

// A log in memory that keeps to its retention writes into memory that it has used before. Without one, most of what is measured is the
// kernel that finds and clears fresh memory. The mock cluster keeps the last 5 MB.
constexpr std::int64_t kept_bytes = 64 << 20;           // of a topic
constexpr std::int64_t least_kept_bytes = 2 << 20;      // of a partition
constexpr std::int64_t warm_up_bytes = 3 * kept_bytes;  // more than is kept, with what waits to be deleted

// What one load needed.
struct ClusterRun {
  double records_a_second = 0;
  double broker_cpu_us = 0;  // for each record
};

// Bytes that three streams at once move over loopback, each with a thread at both ends, in units of all three together.
double three_streams_megabytes_a_second() {
  constexpr std::size_t at_once = 1u << 20;
  constexpr std::size_t bytes = 256u << 20;
  const std::array<LoopbackPair, 3> streams;
  const double began = seconds_on(CLOCK_MONOTONIC);
  std::vector<std::thread> threads;
  for (const LoopbackPair& stream : streams) {
    threads.emplace_back([&stream] {
      const std::vector<char> chunk(at_once, 'x');
      for (std::size_t sent = 0; sent < bytes;) {
        const ssize_t done = send(stream.client(), chunk.data(), chunk.size(), MSG_NOSIGNAL);
        CHECK(done > 0);
        sent += static_cast<std::size_t>(done);
      }
      shutdown(stream.client(), SHUT_WR);
    });
    threads.emplace_back([&stream] {
      std::vector<char> chunk(at_once);
      while (recv(stream.server(), chunk.data(), chunk.size(), 0) > 0) {
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = seconds_on(CLOCK_MONOTONIC) - began;
  return static_cast<double>(bytes) / mega / seconds;
}

class Bench {
 public:
  explicit Bench(const BenchClusterOptions& options)
      : options_(options), folder_(std::filesystem::temp_directory_path() / fmt::format("acklab-bench-{}", getpid())) {
    std::filesystem::create_directory(folder_);
    for (const int size : {100, 1000}) {
      std::ofstream file(payload(size));
      for (const std::string& line : sized_orders(static_cast<std::size_t>(size), 20'000)) file << line << '\n';
    }
  }
  ~Bench() { std::filesystem::remove_all(folder_); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  std::vector<std::string> ours(int brokers, int partitions = 1, int replicas = 1) const {
    const std::int64_t kept = std::max(kept_bytes / partitions, least_kept_bytes);
    std::vector<std::string> arguments{"--brokers", std::to_string(brokers), "--topic",
                                       fmt::format("bench:{}:{}", partitions, replicas)};
    for (const auto& [key, value] :
         std::initializer_list<std::pair<const char*, std::int64_t>>{{"log.retention.bytes", kept},
                                                                     {"log.segment.bytes", kept / 4},
                                                                     {"log.retention.check.interval.ms", 50},
                                                                     {"log.segment.delete.delay.ms", 0}}) {
      arguments.insert(arguments.end(), {"--set", fmt::format("{}={}", key, value)});
    }
    return serve_command(options_.acklab, arguments);
  }
  std::vector<std::string> mock() const { return {options_.librdkafka_mock, "1", "bench:1:1"}; }

  ClusterRun librdkafka(const ServedCluster& served, int size, const std::string& acks, std::int64_t records) const {
    // Here it is the load and not what is measured: its memory, too, shall be used again and not be handed back and fetched.
    return run(served, {"/usr/bin/env", "MALLOC_TRIM_THRESHOLD_=1000000000", "MALLOC_MMAP_THRESHOLD_=33554432",
                        "MALLOC_TOP_PAD_=67108864", options_.librdkafka_load, served.bootstrap(), "bench",
                        std::to_string(records), "0", payload(size), "acks=" + acks, "linger.ms=5",
                        fmt::format("batch.size={}", librdkafka_batch), "batch.num.messages=1000000"});
  }

  ClusterRun our_producer(const ServedCluster& served, std::int64_t records, int batch) const {
    return run(served, {options_.acklab, "perf", "-b", served.bootstrap(), "--topic", "bench", "--json", "--num-records",
                        std::to_string(records), "--throughput", "-1", "--payload-file", payload(100), "--producer-props",
                        "acks=all", "linger.ms=5", fmt::format("batch.size={}", batch),
                        fmt::format("max.in.flight.requests.per.connection={}", in_flight)});
  }

  // Throws if a replica has left the ISR meanwhile.
  void check_isr(const ServedCluster& served) const {
    constexpr std::string_view counter = "\nkafka_server_replicamanager_isrshrinks_total";
    const std::string page = options_.http_get(served.http(), "/metrics");
    for (std::size_t at = page.find(counter); at != std::string::npos; at = page.find(counter, at + 1)) {
      const std::size_t value = page.find(' ', at) + 1;
      if (page.compare(value, 2, "0\n") != 0) throw std::runtime_error("a replica left the ISR under load");
    }
  }

  std::int64_t records_for(double records_a_second) const {
    return std::max<std::int64_t>(10'000, static_cast<std::int64_t>(records_a_second * options_.seconds));
  }

 private:
  std::string payload(int size) const { return folder_ / fmt::format("values-{}", size); }

  static ClusterRun run(const ServedCluster& served, const std::vector<std::string>& command) {
    const double cpu = served.cpu_seconds();
    const nlohmann::json told = nlohmann::json::parse(output_of(command));
    ClusterRun run;
    run.records_a_second = told.at("throughput_records_s");
    const double records = run.records_a_second * told.at("seconds").get<double>();
    run.broker_cpu_us = (served.cpu_seconds() - cpu) * 1e6 / std::max(records, 1.0);
    return run;
  }

  const BenchClusterOptions& options_;
  std::filesystem::path folder_;
};

// A line for the speed and one for the broker's processor time: the runs are the same.
std::array<BenchLine, 2> against_the_mock(const Bench& bench, const BenchClusterOptions& options, const std::string& what,
                                          int size, const std::string& acks, const ServedCluster& cluster,
                                          const std::string& aim) {
  BenchLine speed{.what = what, .unit = "records/s", .peer = "its mock cluster", .ours = {}, .theirs = {}, .aim = aim};
  BenchLine cpu{.what = what + ": broker's processor time",
                .unit = "us/record",
                .peer = "its mock cluster",
                .ours = {},
                .theirs = {},
                .aim = ""};
  const ServedCluster mock(bench.mock());
  const std::int64_t warm_up = warm_up_bytes / size;
  bench.librdkafka(mock, size, acks, warm_up);
  const std::int64_t records = bench.records_for(bench.librdkafka(cluster, size, acks, warm_up).records_a_second);
  const auto run = [&](const ServedCluster& one_of_both, std::vector<double>& cpu_of) {
    const ClusterRun one = bench.librdkafka(one_of_both, size, acks, records);
    cpu_of.push_back(one.broker_cpu_us);
    return one.records_a_second;
  };
  measure_pairs(
      speed, options.pairs, [&] { return run(cluster, cpu.ours); }, [&] { return run(mock, cpu.theirs); });
  return {speed, cpu};
}

std::vector<BenchLine> one_broker(const Bench& bench, const BenchClusterOptions& options, int size) {
  const ServedCluster cluster(bench.ours(1));
  const auto lines = against_the_mock(bench, options, fmt::format("librdkafka, {} B, one broker, acks=1", size), size, "1",
                                      cluster, "at least 1.0");
  return {lines.begin(), lines.end()};
}

// Beside the mock, which replicates nothing: what this client can do at all. And beside three streams of bytes.
std::vector<BenchLine> three_brokers(const Bench& bench, const BenchClusterOptions& options, int size) {
  const ServedCluster cluster(bench.ours(3, 1, 3));
  const std::string what = fmt::format("librdkafka, {} B, three brokers, replication 3, acks=all", size);
  const auto beside_mock = against_the_mock(bench, options, what, size, "all", cluster, "");
  BenchLine line{.what = what, .unit = "MB/s", .peer = "three loopback streams", .ours = {}, .theirs = {}, .aim = "at least 0.6"};
  const std::int64_t records = bench.records_for(median(beside_mock.front().ours));
  measure_pairs(
      line, options.pairs, [&] { return bench.librdkafka(cluster, size, "all", records).records_a_second * size / mega; },
      three_streams_megabytes_a_second);
  bench.check_isr(cluster);
  return {beside_mock[0], beside_mock[1], line};
}

// Beside what two cores allow by the sum of BENCH_STORAGE.md, and beside the same messages without work, on this machine, in this run.
struct OwnLoad {
  const char* batches;
  std::int32_t batch_bytes;
  std::int32_t records_of_batch;
  int partitions;
  double limit;  // records a second that two cores allow
};

std::vector<BenchLine> our_own_producer(const Bench& bench, const BenchClusterOptions& options, const OwnLoad& load) {
  BenchLine allowed{
      .what = fmt::format("our producer, 100 B in batches of {}, {}, three brokers, replication 3, acks=all", load.batches,
                          load.partitions == 1 ? "one partition" : fmt::format("{} partitions", load.partitions)),
      .unit = "records/s",
      .peer = "what two cores allow",
      .ours = {},
      .theirs = {},
      .aim = ""};
  BenchLine no_work = allowed;
  no_work.peer = "the same messages without work";
  const ServedCluster cluster(bench.ours(3, load.partitions, 3));
  const std::int64_t records =
      bench.records_for(bench.our_producer(cluster, warm_up_bytes / 100, load.batch_bytes).records_a_second);
  measure_pairs(
      no_work, options.pairs, [&] { return bench.our_producer(cluster, records, load.batch_bytes).records_a_second; },
      [&] {
        const auto batches = static_cast<int>(records / load.records_of_batch);
        return null_cluster_batches_a_second(static_cast<std::size_t>(load.batch_bytes), in_flight, batches) *
               load.records_of_batch;
      });
  bench.check_isr(cluster);
  allowed.ours = no_work.ours;
  allowed.theirs.assign(allowed.ours.size(), load.limit);
  if (load.partitions > 1) return {allowed};  // a message then carries several batches
  return {allowed, no_work};
}

GrowthPoint grown(const Bench& bench, const std::string& what, int size, const std::vector<std::string>& cluster) {
  const ServedCluster served(cluster);
  const ClusterRun run = bench.our_producer(served, bench.records_for(200'000), kafka_batch);
  return {what, size, run.records_a_second, run.broker_cpu_us, static_cast<double>(served.resident_bytes()) / mega};
}

// Each connection is a producer of its own; all of them are in this process, whose time does not count. They linger until their batches are
// full: with many of them on few cores a short linger.ms would end long before, and the sizes of requests would be compared, not the
// numbers of connections.
GrowthPoint with_connections(const Bench& bench, int connections) {
  const ServedCluster served(bench.ours(1));
  const std::size_t colon = served.bootstrap().rfind(':');
  const protocol::Address address{served.bootstrap().substr(0, colon),
                                  static_cast<std::uint16_t>(std::stoi(served.bootstrap().substr(colon + 1)))};
  const auto config = producer::ProducerConfig::from(
      {{"acks", "all"}, {"linger.ms", "1000"}, {"batch.size", std::to_string(kafka_batch)}, {"buffer.memory", "1048576"}});
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

double idle_megabytes(const Bench& bench) {
  const ServedCluster served(bench.ours(3, 1, 3));
  std::this_thread::sleep_for(std::chrono::seconds(1));
  return static_cast<double>(served.resident_bytes()) / mega;
}

}  // namespace

BenchClusterResult bench_cluster(const BenchClusterOptions& options) {
  BenchClusterResult result;
  const Bench bench(options);
  std::vector<std::function<void()>> steps;
  const auto add = [&](auto measure) {
    steps.emplace_back([&result, measure] {
      for (BenchLine& line : measure()) result.lines.push_back(std::move(line));
    });
  };
  for (const int size : {100, 1000}) {
    add([&bench, &options, size] { return one_broker(bench, options, size); });
    add([&bench, &options, size] { return three_brokers(bench, options, size); });
  }
  for (const OwnLoad& load : {OwnLoad{"16 KiB", kafka_batch, 148, 1, 7.3e6}, OwnLoad{"16 KiB", kafka_batch, 148, 30, 7.3e6},
                              OwnLoad{"1 MB", librdkafka_batch, 9520, 1, 14e6}}) {
    add([&bench, &options, load] { return our_own_producer(bench, options, load); });
  }
  for (const int partitions : {1, 10, 100, 1000}) {
    steps.emplace_back(
        [&, partitions] { result.growth.push_back(grown(bench, "partitions", partitions, bench.ours(1, partitions))); });
  }
  for (const int brokers : {1, 3, 10, 50}) {
    steps.emplace_back([&, brokers] { result.growth.push_back(grown(bench, "brokers", brokers, bench.ours(brokers))); });
  }
  for (const int connections : {1, 10, 50, 200}) {
    steps.emplace_back([&, connections] { result.growth.push_back(with_connections(bench, connections)); });
  }
  steps.emplace_back([&] { result.idle_resident_mb = idle_megabytes(bench); });

  Progress progress("cluster", static_cast<std::int64_t>(steps.size()), options.quiet);
  for (const auto& step : steps) {
    if (options.interrupted && options.interrupted->load()) {
      result.interrupted = true;
      break;
    }
    step();
    progress.advance();
  }
  return result;
}

}  // namespace acklab::lab

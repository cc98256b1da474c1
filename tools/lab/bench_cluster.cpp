#include "tools/lab/bench_cluster.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <thread>

#include "protocol/check.h"
#include "tools/lab/bench_cluster_growth.h"
#include "tools/lab/bench_loads.h"
#include "tools/lab/child.h"
#include "tools/lab/clock.h"
#include "tools/lab/loopback.h"
#include "tools/lab/null_cluster.h"
#include "tools/lab/progress.h"

namespace acklab::lab {
namespace {

constexpr double mega = 1e6;
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

// A line for the speed and one for the broker's processor time: the runs are the same.
std::array<BenchLine, 2> against_the_mock(const BenchLoads& bench, const BenchClusterOptions& options, const std::string& what,
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
  const std::int64_t warm_up = bench_warm_up_bytes / size;
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

std::vector<BenchLine> one_broker(const BenchLoads& bench, const BenchClusterOptions& options, int size) {
  const ServedCluster cluster(bench.ours(1));
  const auto lines = against_the_mock(bench, options, fmt::format("librdkafka, {} B, one broker, acks=1", size), size, "1",
                                      cluster, "at least 1.0");
  return {lines.begin(), lines.end()};
}

// Beside the mock, which replicates nothing: what this client can do at all. And beside three streams of bytes.
std::vector<BenchLine> three_brokers(const BenchLoads& bench, const BenchClusterOptions& options, int size) {
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

std::vector<BenchLine> our_own_producer(const BenchLoads& bench, const BenchClusterOptions& options, const OwnLoad& load) {
  BenchLine allowed{
      .what = fmt::format("our producer, 100 B in batches of {}, {}, three brokers, replication 3, acks=all", load.batches,
                          load.partitions == 1 ? "one partition" : fmt::format("{} partitions", load.partitions)),
      .unit = "records/s",
      .peer = "what two cores allow",
      .ours = {},
      .theirs = {},
      .aim = ""};
  const ServedCluster cluster(bench.ours(3, load.partitions, 3));
  const std::int64_t records =
      bench.records_for(bench.our_producer(cluster, bench_warm_up_bytes / 100, load.batch_bytes).records_a_second);
  const auto ours = [&] { return bench.our_producer(cluster, records, load.batch_bytes).records_a_second; };
  if (load.partitions > 1) {  // a message then carries several batches
    measure_pairs(allowed, options.pairs, ours, [&] { return load.limit; });
    bench.check_isr(cluster);
    return {allowed};
  }
  BenchLine no_work = allowed;
  no_work.peer = "the same messages without work";
  measure_pairs(no_work, options.pairs, ours, [&] {
    const auto batches = static_cast<int>(records / load.records_of_batch);
    return null_cluster_batches_a_second(static_cast<std::size_t>(load.batch_bytes), bench_in_flight, batches) *
           load.records_of_batch;
  });
  bench.check_isr(cluster);
  allowed.ours = no_work.ours;
  allowed.theirs.assign(allowed.ours.size(), load.limit);
  return {allowed, no_work};
}

double idle_megabytes(const BenchLoads& bench) {
  const ServedCluster served(bench.ours(3, 1, 3));
  std::this_thread::sleep_for(std::chrono::seconds(1));
  return static_cast<double>(served.resident_bytes()) / mega;
}

}  // namespace

BenchClusterResult bench_cluster(const BenchClusterOptions& options) {
  BenchClusterResult result;
  const BenchLoads bench(options);
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
  for (const OwnLoad& load :
       {OwnLoad{"16 KiB", bench_kafka_batch, 148, 1, 7.3e6}, OwnLoad{"16 KiB", bench_kafka_batch, 148, 30, 7.3e6},
        OwnLoad{"1 MB", bench_librdkafka_batch, 9520, 1, 14e6}}) {
    add([&bench, &options, load] { return our_own_producer(bench, options, load); });
  }
  for (const auto& grow : growth_steps(bench)) {
    steps.emplace_back([&result, grow] { result.growth.push_back(grow()); });
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

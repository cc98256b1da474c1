#include "tools/lab/bench_producer.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include <nlohmann/json.hpp>

#include "protocol/check.h"
#include "protocol/records/batch_builder.h"
#include "tools/lab/bench_pairs.h"
#include "tools/lab/child.h"
#include "tools/lab/clock.h"
#include "tools/lab/load.h"
#include "tools/lab/loopback.h"
#include "tools/lab/progress.h"
#include "tools/lab/table.h"

namespace acklab::lab {
namespace {

using protocol::Codec;

constexpr int batch_size = 1'000'000;  // librdkafka's default, for both
constexpr std::array codecs{"none", "gzip", "snappy", "lz4", "zstd"};
// The level at which both compress: zlib's default, and zstd's.
const std::map<std::string, std::pair<std::string, std::string>> levels{
    {"gzip", {"compression.gzip.level=6", "compression.level=6"}}, {"zstd", {"compression.zstd.level=3", "compression.level=3"}}};

template <class Of>
std::vector<double> values_of(const std::vector<ProducerRun>& runs, Of of) {
  std::vector<double> values;
  for (const ProducerRun& run : runs) values.push_back(of(run));
  return values;
}

template <class Of>
double median(const std::vector<ProducerRun>& runs, Of of) {
  return lab::median(values_of(runs, of));
}

template <class Of>
double median_ratio(const ProducerCell& cell, Of of) {
  return median_of_ratios(values_of(cell.ours, of), values_of(cell.theirs, of));
}

std::vector<ProducerCell> cells_of(bool all) {
  std::vector<ProducerCell> cells;
  const auto at_full_speed = [&](int size, const std::string& codec, const std::string& acks, bool idempotence, int partitions) {
    ProducerCell cell;
    cell.size = size;
    cell.codec = codec;
    cell.acks = acks;
    cell.idempotence = idempotence;
    cell.partitions = partitions;
    cells.push_back(cell);
  };
  for (const int size : {100, 1000}) {
    for (const int partitions : {1, 3}) {
      for (const char* codec : codecs) {
        const bool telling = partitions == 1 || codec == std::string("none");
        for (const char* acks : {"0", "1", "all"}) {
          if (all || (telling && (acks == std::string("1") || codec == std::string("none")))) {
            at_full_speed(size, codec, acks, false, partitions);
          }
        }
        if (all || (telling && codec == std::string("none"))) at_full_speed(size, codec, "all", true, partitions);
      }
    }
  }
  for (const bool idempotence : {false, true}) {
    at_full_speed(100, "none", "all", idempotence, 1);
    cells.back().answer_after_ms = 20;
  }
  for (const int linger : {0, 5}) {
    for (const char* acks : {"1", "all"}) {
      at_full_speed(100, "none", acks, false, 1);
      cells.back().rate = 20000;
      cells.back().linger_ms = linger;
    }
  }
  return cells;
}

// More than a batch holds: a codec must not find the same ones again.
std::vector<std::string> orders_of(int size) {
  return sized_orders(static_cast<std::size_t>(size), static_cast<std::size_t>(4 * batch_size / size));
}

// What the codec alone takes for a record, in batches like those that are sent.
double bare_codec_us(Codec codec, int level, const std::vector<std::string>& values) {
  std::vector<std::byte> batch;
  int records = 0;
  while (batch.size() < static_cast<std::size_t>(batch_size)) {
    const std::string& value = values[static_cast<std::size_t>(records++) % values.size()];
    batch.resize(batch.size() + 10);  // what frames a record
    const auto bytes = std::as_bytes(std::span(value));
    batch.insert(batch.end(), bytes.begin(), bytes.end());
  }
  protocol::Compressor compressor(codec, level);
  compressor.compress(0, batch);
  int rounds = 0;
  const double began = seconds_on(CLOCK_PROCESS_CPUTIME_ID);
  double used = 0;
  for (; used < 0.3; ++rounds) {
    compressor.compress(0, batch);
    used = seconds_on(CLOCK_PROCESS_CPUTIME_ID) - began;
  }
  return used * 1e6 / (static_cast<double>(rounds) * records);
}

// The median of many round trips between two threads that do nothing else.
double loopback_round_trip_us() {
  const LoopbackPair pair;
  const int client = pair.client();
  const int server = pair.server();
  std::thread echo([server] {
    std::array<char, 64> bytes;
    while (recv(server, bytes.data(), bytes.size(), MSG_WAITALL) == static_cast<ssize_t>(bytes.size())) {
      if (send(server, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) return;
    }
  });
  std::vector<double> trips;
  std::array<char, 64> bytes{};
  for (int i = 0; i < 5000; ++i) {
    const double began = seconds_on(CLOCK_MONOTONIC);
    CHECK(send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
    CHECK(recv(client, bytes.data(), bytes.size(), MSG_WAITALL) == static_cast<ssize_t>(bytes.size()));
    trips.push_back((seconds_on(CLOCK_MONOTONIC) - began) * 1e6);
  }
  shutdown(client, SHUT_RDWR);
  echo.join();
  return lab::median(std::move(trips));
}

class Bench {
 public:
  explicit Bench(const BenchProducerOptions& options) : options_(options) {
    folder_ = std::filesystem::temp_directory_path() / fmt::format("acklab-bench-{}", getpid());
    std::filesystem::create_directory(folder_);
    for (const int size : {100, 1000}) {
      std::ofstream file(payload(size));
      for (const std::string& line : orders_of(size)) file << line << '\n';
    }
  }
  ~Bench() { std::filesystem::remove_all(folder_); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  void measure(ProducerCell& cell) {
    // A cluster of its own for each cell: its logs are in memory, and what one cell wrote would burden the next.
    const ServedCluster cluster(
        serve_command(options_.acklab, {"--brokers", "1", "--topic", fmt::format("bench:{}:1", cell.partitions)}));
    if (cell.answer_after_ms > 0) {
      output_of({options_.acklab, "fault", "--http", cluster.http(), "delay", "broker:0", "--api", "Produce", "--by",
                 fmt::format("{}ms", cell.answer_after_ms), "--times", "1000000000"});
    }
    std::int64_t records =
        cell.rate > 0 ? static_cast<std::int64_t>(cell.rate * options_.seconds * 2) : 200'000 / (cell.size / 100);
    if (cell.rate == 0) {
      // As many as the slower one gets through in about the time that is wanted; it warms both up.
      const double slower =
          std::min(ours(cell, cluster, records).records_a_second, theirs(cell, cluster, records).records_a_second);
      records = std::max<std::int64_t>(records, static_cast<std::int64_t>(slower * options_.seconds));
    }
    for (int pair = 0; pair < options_.pairs; ++pair) {
      if (options_.interrupted && options_.interrupted->load()) return;
      // Who goes first changes, so that neither gains by it.
      if (pair % 2 == 0) cell.theirs.push_back(theirs(cell, cluster, records));
      cell.ours.push_back(ours(cell, cluster, records));
      if (pair % 2 != 0) cell.theirs.push_back(theirs(cell, cluster, records));
    }
  }

 private:
  std::string payload(int size) const { return folder_ / fmt::format("values-{}", size); }

  std::vector<std::string> settings(const ProducerCell& cell) const {
    return {"acks=" + cell.acks, fmt::format("enable.idempotence={}", cell.idempotence),
            fmt::format("linger.ms={}", cell.linger_ms), fmt::format("batch.size={}", batch_size),
            "compression.type=" + cell.codec};
  }

  ProducerRun ours(const ProducerCell& cell, const ServedCluster& cluster, std::int64_t records) const {
    std::vector<std::string> command{options_.acklab,
                                     "perf",
                                     "-b",
                                     cluster.bootstrap(),
                                     "--topic",
                                     "bench",
                                     "--json",
                                     "--num-records",
                                     std::to_string(records),
                                     "--throughput",
                                     cell.rate > 0 ? std::to_string(cell.rate) : "-1",
                                     "--payload-file",
                                     payload(cell.size),
                                     "--producer-props"};
    for (const std::string& setting : settings(cell)) command.push_back(setting);
    if (const auto level = levels.find(cell.codec); level != levels.end()) command.push_back(level->second.first);
    return run(command, cluster);
  }

  ProducerRun theirs(const ProducerCell& cell, const ServedCluster& cluster, std::int64_t records) const {
    std::vector<std::string> command{options_.librdkafka,     cluster.bootstrap(),       "bench",
                                     std::to_string(records), std::to_string(cell.rate), payload(cell.size)};
    for (const std::string& setting : settings(cell)) command.push_back(setting);
    // Not the number of records, but the size ends a batch, as with ours.
    command.push_back("batch.num.messages=1000000");
    command.push_back("max.in.flight=5");
    if (const auto level = levels.find(cell.codec); level != levels.end()) command.push_back(level->second.second);
    return run(command, cluster);
  }

  static ProducerRun run(const std::vector<std::string>& command, const ServedCluster& cluster) {
    const double sink = cluster.cpu_seconds();
    const nlohmann::json told = nlohmann::json::parse(output_of(command));
    ProducerRun run;
    run.records_a_second = told.at("throughput_records_s");
    run.cpu_us_per_record = told.at("cpu_us_per_record");
    run.sink_share = (cluster.cpu_seconds() - sink) / std::max(told.at("seconds").get<double>(), 1e-9);
    if (told.contains("latency_ms")) {
      run.p50_ms = told["latency_ms"]["p50"];
      run.p99_ms = told["latency_ms"]["p99"];
    }
    return run;
  }

  const BenchProducerOptions& options_;
  std::filesystem::path folder_;
};

double speed(const ProducerRun& run) { return run.records_a_second; }
double cpu(const ProducerRun& run) { return run.cpu_us_per_record; }
double p50(const ProducerRun& run) { return run.p50_ms; }
double p99(const ProducerRun& run) { return run.p99_ms; }
double sink(const ProducerRun& run) { return run.sink_share; }

std::string setting_text(const ProducerCell& cell) {
  std::string text = fmt::format("{} B, {}, acks={}{}, {} partition{}", cell.size, cell.codec, cell.acks,
                                 cell.idempotence ? ", idempotent" : "", cell.partitions, cell.partitions > 1 ? "s" : "");
  if (cell.answer_after_ms > 0) text += fmt::format(", answers after {} ms", cell.answer_after_ms);
  if (cell.rate > 0) text += fmt::format(", linger {}", cell.linger_ms);
  return text;
}

}  // namespace

BenchProducerResult bench_producer(const BenchProducerOptions& options) {
  BenchProducerResult result;
  for (std::size_t i = 1; i < codecs.size(); ++i) {
    const auto codec = static_cast<Codec>(i);
    const int level = codec == Codec::gzip ? 6 : protocol::levels(codec).preset;
    result.bare_codec_us[i] = bare_codec_us(codec, level, orders_of(100));
    result.bare_codec_us_1000[i] = bare_codec_us(codec, level, orders_of(1000));
  }
  result.loopback_us = loopback_round_trip_us();

  Bench bench(options);
  result.cells = cells_of(options.all);
  Progress progress("cells", static_cast<std::int64_t>(result.cells.size()), options.quiet);
  for (ProducerCell& cell : result.cells) {
    if (options.interrupted && options.interrupted->load()) {
      result.interrupted = true;
      break;
    }
    bench.measure(cell);
    progress.advance();
  }
  std::erase_if(result.cells,
                [](const ProducerCell& cell) { return cell.ours.empty() || cell.ours.size() != cell.theirs.size(); });
  return result;
}

std::string bench_producer_text(const BenchProducerOptions& options, const BenchProducerResult& result) {
  std::string text = fmt::format(
      "Our producer and librdkafka in turn, into one broker with replication 1 in a process of its own; medians of {} pairs, "
      "batches of\n"
      "{} bytes, JSON orders. CPU is of the whole process, in microseconds for each record. Where the broker used more than 80 % "
      "of\n"
      "a core it was the limit, and not the producer.\n\n",
      options.pairs, grouped(batch_size));
  Table full({"as fast as possible", "records/s", "librdkafka", "ratio", "CPU", "librdkafka", "ratio", "broker", "limit"});
  Table paced({"20,000 records a second", "p50 ms", "librdkafka", "p99 ms", "librdkafka"});
  for (const ProducerCell& cell : result.cells) {
    if (cell.rate > 0) {
      paced.row({setting_text(cell), fmt::format("{:.3f}", median(cell.ours, p50)),
                 fmt::format("{:.3f}", median(cell.theirs, p50)), fmt::format("{:.3f}", median(cell.ours, p99)),
                 fmt::format("{:.3f}", median(cell.theirs, p99))});
      continue;
    }
    full.row({setting_text(cell), grouped(std::llround(median(cell.ours, speed))),
              grouped(std::llround(median(cell.theirs, speed))), fmt::format("{:.2f}", median_ratio(cell, speed)),
              fmt::format("{:.3f}", median(cell.ours, cpu)), fmt::format("{:.3f}", median(cell.theirs, cpu)),
              fmt::format("{:.2f}", median_ratio(cell, cpu)), fmt::format("{:.2f}", median(cell.ours, sink)),
              median(cell.ours, sink) > 0.8 ? "the broker" : ""});
  }
  text += full.text("  ") + "\n" + paced.text("  ");
  text +=
      fmt::format("\n  a bare loopback round trip: {:.3f} ms\n  the bare codec, microseconds a record of 100 and of 1000 bytes:",
                  result.loopback_us / 1000);
  for (std::size_t i = 1; i < codecs.size(); ++i) {
    text += fmt::format(" {} {:.3f} {:.3f}{}", codecs[i], result.bare_codec_us[i], result.bare_codec_us_1000[i],
                        i + 1 < codecs.size() ? "," : "\n");
  }
  if (result.interrupted) text += "\nInterrupted: what was known by then.\n";
  return text;
}

std::string bench_producer_json(const BenchProducerResult& result) {
  nlohmann::ordered_json json;
  json["benchmark"] = "producer";
  json["loopback_round_trip_us"] = result.loopback_us;
  for (std::size_t i = 1; i < codecs.size(); ++i) {
    json["bare_codec_us"][codecs[i]] = {{"100", result.bare_codec_us[i]}, {"1000", result.bare_codec_us_1000[i]}};
  }
  const auto side = [](const std::vector<ProducerRun>& runs) {
    return nlohmann::ordered_json{{"records_s", median(runs, speed)},
                                  {"cpu_us_per_record", median(runs, cpu)},
                                  {"p50_ms", median(runs, p50)},
                                  {"p99_ms", median(runs, p99)},
                                  {"broker_share", median(runs, sink)}};
  };
  json["cells"] = nlohmann::ordered_json::array();
  for (const ProducerCell& cell : result.cells) {
    json["cells"].push_back({{"size", cell.size},
                             {"codec", cell.codec},
                             {"acks", cell.acks},
                             {"idempotence", cell.idempotence},
                             {"partitions", cell.partitions},
                             {"rate", cell.rate},
                             {"linger_ms", cell.linger_ms},
                             {"answer_after_ms", cell.answer_after_ms},
                             {"pairs", cell.ours.size()},
                             {"acklab", side(cell.ours)},
                             {"librdkafka", side(cell.theirs)},
                             {"ratio", {{"records_s", median_ratio(cell, speed)}, {"cpu", median_ratio(cell, cpu)}}}});
  }
  if (result.interrupted) json["interrupted"] = true;
  return json.dump();
}

}  // namespace acklab::lab

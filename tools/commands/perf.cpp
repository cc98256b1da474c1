// acklab perf: how fast this producer is, with the flags and the output lines of Kafka's own tool.

#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "tools/commands/command.h"
#include "tools/commands/network.h"
#include "tools/commands/producer_settings.h"
#include "tools/lab/load.h"
#include "tools/lab/metrics_text.h"

namespace acklab {
namespace {

constexpr double window_seconds = 5;
constexpr double mebibyte = 1024.0 * 1024.0;
constexpr std::size_t different_values = 1000;  // records beyond these repeat them

double in_ms(std::int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e6; }

struct Perf {
  std::string bootstrap = "127.0.0.1:9092";
  std::string topic;
  std::int64_t records = 0;
  std::int64_t record_size = 0;
  std::string payload_file;
  bool orders = false;
  bool monotonic = false;
  std::string config_file;
  double throughput = -1;
  std::vector<std::string> props;
  std::string preset;
  int threads = 1;
  bool print_metrics = false;
  std::string metrics_file;
  JsonOutput json;

  std::vector<std::string> values() const {
    if (monotonic) return {};
    if (!payload_file.empty()) return read_lines(payload_file);
    const auto size = static_cast<std::size_t>(record_size);
    if (orders) return lab::sized_orders(size, different_values);
    std::vector<std::string> made;
    for (std::size_t i = 0; i < different_values; ++i) made.push_back(lab::random_letters(size, i));
    return made;
  }

  // Lines KEY=VALUE; empty ones and those that begin with # say nothing.
  static ProducerSettings read_properties(const std::string& path) {
    std::vector<std::string> items;
    for (const std::string& line : read_lines(path)) {
      if (!line.empty() && line.front() != '#') items.push_back(line);
    }
    return parse_producer_settings(items, "--producer.config " + path);
  }

  void run() {
    if ((record_size > 0) + !payload_file.empty() + monotonic != 1) {
      throw BadInput("perf: give one of --record-size BYTES, --payload-file FILE and --payload-monotonic");
    }
    auto [set, servers] = parse_producer_settings(props, "--producer-props");
    if (!preset.empty()) set["preset"] = preset;
    if (!config_file.empty()) {
      // What is given on the command line goes before what stands in the file.
      ProducerSettings of_file = read_properties(config_file);
      set.merge(of_file.set);
      if (!servers) servers = of_file.bootstrap;
    }
    if (servers) bootstrap = *servers;
    set.try_emplace("client.id", "acklab-perf");

    lab::LoadOptions options;
    options.bootstrap = parse_bootstrap(bootstrap);
    options.producer = producer_config(set, "--producer-props, --preset");
    options.topic = topic;
    options.values = values();
    options.records = records;
    options.rate = std::max(throughput, 0.0);
    options.threads = threads;
    options.seed = system_seed();
    ask_metadata(bootstrap, std::vector{topic}, 10);
    json.begin();
    if (!metrics_file.empty()) write_file("--metrics", metrics_file, "");  // what cannot be written is told before the work
    options.interrupted = &notice_interrupt();
    const lab::LoadResult result = run_load(options, window_seconds, [this](const lab::LoadWindow& window) { print(window); });
    if (!json.to_stdout()) print(result);
    if (json.wanted()) json.write(as_json(result));
    if (!metrics_file.empty()) write_file("--metrics", metrics_file, lab::metrics_prometheus(result.snapshot));
    if (options.interrupted->load()) throw Exit{ExitCode::interrupted};
    if (result.delivered() < result.sent + result.refused) throw Exit{ExitCode::unexpected};
  }

  void print(const lab::LoadWindow& window) const {
    if (json.to_stdout()) return;
    fmt::print("{} records sent, {:.1f} records/sec ({:.2f} MB/sec), {:.1f} ms avg latency, {:.1f} ms max latency.\n",
               window.records, static_cast<double>(window.records) / window.seconds,
               static_cast<double>(window.bytes) / mebibyte / window.seconds, window.mean_latency_ms, window.max_latency_ms);
    std::fflush(stdout);
  }

  void print(const lab::LoadResult& result) const {
    const producer::Histogram& latency = result.metrics.send_latency;
    const auto percentile = [&](std::int64_t permille) { return std::lround(in_ms(latency.quantile(permille))); };
    const double seconds = std::max(result.seconds, 1e-9);
    fmt::print(
        "{} records sent, {:.1f} records/sec ({:.2f} MB/sec), {:.1f} ms avg latency, {:.1f} ms max latency, {} ms 50th, {} ms "
        "95th, "
        "{} ms 99th, {} ms 99.9th.\n",
        result.delivered(), result.records_a_second(), static_cast<double>(result.bytes) / mebibyte / seconds,
        latency.mean() / 1e6, in_ms(latency.max()), percentile(500), percentile(950), percentile(990), percentile(999));
    const std::int64_t undelivered = result.sent + result.refused - result.delivered();
    if (undelivered > 0) {
      fmt::print("{} records were not delivered: {} failed, {} unknown, {} found no room.\n", undelivered,
                 result.metrics.records_failed, result.metrics.records_unknown, result.refused);
    }
    if (print_metrics) fmt::print("\n{}", lab::metrics_table(result.snapshot));
  }

  static nlohmann::ordered_json spread(const producer::Histogram& nanoseconds) {
    return {{"p50", in_ms(nanoseconds.quantile(500))}, {"p95", in_ms(nanoseconds.quantile(950))},
            {"p99", in_ms(nanoseconds.quantile(990))}, {"p999", in_ms(nanoseconds.quantile(999))},
            {"mean", nanoseconds.mean() / 1e6},        {"max", in_ms(nanoseconds.max())}};
  }

  static std::string as_json(const lab::LoadResult& result) {
    const double delivered = static_cast<double>(std::max<std::int64_t>(result.delivered(), 1));
    nlohmann::ordered_json json;
    json["records"] = {{"sent", result.delivered()},
                       {"failed", result.metrics.records_failed},
                       {"unknown", result.metrics.records_unknown},
                       {"refused", result.refused}};
    json["seconds"] = result.seconds;
    json["throughput_records_s"] = result.records_a_second();
    json["throughput_mb_s"] = static_cast<double>(result.bytes) / mebibyte / std::max(result.seconds, 1e-9);
    json["cpu_us_per_record"] = result.cpu_seconds * 1e6 / delivered;
    json["node_cpu_us_per_record"] = result.node_cpu_seconds * 1e6 / delivered;
    json["latency_ms"] = spread(result.metrics.send_latency);
    json["queue_time_ms"] = spread(result.metrics.queue_time);
    json["request_latency_ms"] = spread(result.metrics.request_latency);
    json["wire_bytes"] = result.metrics.batch_bytes;
    json["records_per_batch"] = result.metrics.batch_records.mean();
    json["requests"] = result.metrics.requests;
    json["retries"] = result.metrics.record_retries;
    json["metrics"] = nlohmann::ordered_json::parse(lab::metrics_json(result.snapshot));
    return json.dump();
  }
};

}  // namespace

void add_perf(CLI::App& program) {
  auto perf = std::make_shared<Perf>();
  CLI::App* command = program.add_subcommand("perf", "how fast the producer is, with the flags of Kafka's own tool");
  command->add_option("-b,--bootstrap-server", perf->bootstrap, "brokers, as HOST:PORT,...")->capture_default_str();
  command->add_option("-t,--topic", perf->topic, "where the records go")->required();
  command->add_option("--num-records", perf->records, "how many records")->required()->check(CLI::Range(1L, 1'000'000'000'000L));
  command->add_option("--record-size", perf->record_size, "bytes of each value; random letters")->check(CLI::Range(1L, 1L << 30));
  command->add_option("--payload-file", perf->payload_file, "values are the lines of this file, in turn")->type_name("FILE");
  command->add_flag("--orders", perf->orders, "values are JSON orders, cut to --record-size, which compress as real data does");
  command->add_option("--throughput", perf->throughput, "records a second; -1: as many as possible")->capture_default_str();
  command->add_option("--producer-props,-X", perf->props, "producer settings, KEY=VALUE ...")->type_name("KEY=VALUE");
  command->add_option("--producer.config", perf->config_file, "a file of producer settings, a line KEY=VALUE each")
      ->type_name("FILE");
  command->add_flag("--payload-monotonic", perf->monotonic, "values are the numbers 0, 1, 2 and so on");
  command->add_option("--preset", perf->preset, "throughput, latency or memory; acklab config --preset NAME tells");
  command->add_option("--threads", perf->threads, "threads that send")->check(CLI::Range(1, 256))->capture_default_str();
  command->add_flag("--print-metrics", perf->print_metrics, "the producer's own metrics at the end");
  command->add_option("--metrics", perf->metrics_file, "writes them to this file, as Prometheus text")->type_name("FILE");
  perf->json.add_to(*command);
  command->callback([perf] { perf->run(); });
}

}  // namespace acklab

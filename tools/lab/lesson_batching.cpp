#include "tools/lab/lesson_batching.h"

#include <algorithm>

#include <fmt/format.h>

#include "producer/presets.h"
#include "tools/lab/experiment.h"
#include "tools/lab/load.h"
#include "tools/lab/or_reject.h"
#include "tools/lab/progress.h"
#include "tools/lab/table.h"
#include "tools/lab/workload.h"

namespace acklab::lab {
namespace {

// Latency is measured at a rate that every row can keep up with: at full speed it would be that of a full buffer.
constexpr double calm_rate = 2000;
constexpr std::int64_t calm_records = 2000;
constexpr std::int64_t different_orders = 20000;  // records beyond these repeat them

constexpr std::string_view topic = "orders";

// Whoever waits for each record does not get far.
constexpr std::int64_t sync_records = 2000;

std::int64_t records_of(const BatchingCase& one, const LessonOptions& options) {
  return one.sending == Sending::sync ? std::min(options.records, sync_records) : options.records;
}

std::vector<std::string> values(const LessonOptions& options) {
  if (!options.lines.empty()) return options.lines;
  std::vector<std::string> orders;
  const Values generated = Values::generated(1);
  for (std::int64_t i = 0; i < std::min(options.records, different_orders); ++i) orders.push_back(generated.value(i));
  return orders;
}

LoadResult load_on(const LoadOptions& options) {
  constexpr double no_windows = 3600;  // seconds; nobody watches
  return run_load(options, no_windows, [](const LoadWindow&) {});
}

LoadMeasurement measured(const LoadResult& full_speed, const LoadResult& calm) {
  const producer::ProducerMetrics& metrics = full_speed.metrics;
  const auto records = static_cast<double>(std::max<std::int64_t>(full_speed.delivered(), 1));
  const auto percentiles = [](const producer::Histogram& histogram) {
    const auto ms = [&](std::int64_t permille) { return static_cast<double>(histogram.quantile(permille)) / 1e6; };
    return Percentiles{ms(500), ms(990)};
  };
  LoadMeasurement result;
  result.records_s = full_speed.records_a_second();
  result.send_latency = percentiles(calm.metrics.send_latency);
  result.batch_latency = percentiles(calm.metrics.queue_time);
  result.network_latency = percentiles(calm.metrics.request_latency);
  result.wire_bytes = metrics.batch_bytes;
  result.ratio =
      metrics.batch_bytes > 0 ? static_cast<double>(metrics.uncompressed_bytes) / static_cast<double>(metrics.batch_bytes) : 1;
  result.producer_cpu_us = full_speed.node_cpu_seconds * 1e6 / records;
  result.process_cpu_us = full_speed.cpu_seconds * 1e6 / records;
  result.records_per_batch = metrics.batch_records.mean();
  result.requests = metrics.requests;
  return result;
}

const LessonRow* row_named(const LessonResult& result, std::string_view label) {
  const auto found =
      std::find_if(result.rows.begin(), result.rows.end(), [&](const LessonRow& row) { return row.label == label; });
  return found == result.rows.end() ? nullptr : &*found;
}

std::string label_of(std::string_view codec) { return fmt::format("batching, {}", codec); }

double saved(const LoadMeasurement& load) { return 1 - 1 / load.ratio; }

std::string claims_table(const LessonResult& result) {
  Table table({"codec", "lesson: saves", "measured", "lesson: speed", "records/s", "CPU us/record"});
  const auto row = [&](std::string_view codec, std::string_view saves, std::string_view speed, std::string_view label) {
    const LessonRow* found = row_named(result, label);
    if (!found) return;
    table.row({std::string(codec), std::string(saves), fmt::format("{:.0f} %", 100 * saved(*found->load)), std::string(speed),
               grouped(static_cast<std::int64_t>(found->load->records_s)), fmt::format("{:.2f}", found->load->producer_cpu_us)});
  };
  row("none", "", "", "batching");
  for (const CodecClaim& claim : codec_claims()) row(claim.codec, claim.saves, claim.speed, label_of(claim.codec));
  return table.text();
}

// The codec that is best by a measure; the lower the better.
template <class Measure>
std::string_view best_codec(const LessonResult& result, Measure measure) {
  const std::vector<CodecClaim> claims = codec_claims();
  const auto best = std::min_element(claims.begin(), claims.end(), [&](const CodecClaim& a, const CodecClaim& b) {
    return measure(*row_named(result, label_of(a.codec))->load) < measure(*row_named(result, label_of(b.codec))->load);
  });
  return best->codec;
}

std::vector<std::string> differences(const LessonResult& result) {
  const LessonRow* single = row_named(result, "no batching");
  const LessonRow* batched = row_named(result, "batching");
  const LessonRow* sync = row_named(result, "sync send");
  if (!sync || !single || !batched || result.interrupted) return {};
  const LoadMeasurement& one = *single->load;
  const LoadMeasurement& many = *batched->load;
  const auto cpu = [](const LoadMeasurement& load) { return load.producer_cpu_us; };
  const auto size = [](const LoadMeasurement& load) { return 1 / load.ratio; };
  return {
      fmt::format(
          "Batching does more than any codec: {:.0f} records a batch instead of one gave {:.1f} times the records a second "
          "for {:.0f} % of the producer's processor time. A request costs the same whatever is in it.",
          many.records_per_batch, many.records_s / std::max(one.records_s, 1.0),
          100 * many.producer_cpu_us / std::max(one.producer_cpu_us, 1e-9)),
      fmt::format("Smallest here: {}; least processor time: {}. The lesson's ratios hold for no data in particular: what a codec "
                  "saves depends on what is sent and on how much of it is in one batch. Try your own with --lines FILE.",
                  best_codec(result, size), best_codec(result, cpu)),
      "Each byte that a codec saves need not be copied, checksummed, sent and appended, so a fast one may cost less than none "
      "even "
      "here, where the network is free. Over a real one, in the page cache and in every replica bytes are what is paid for.",
      fmt::format("A sync send waits for each record's acknowledgement before the next: {} records a second, which is one for "
                  "each round trip, whatever the producer could do ({} without batching).",
                  grouped(static_cast<std::int64_t>(sync->load->records_s)), grouped(static_cast<std::int64_t>(one.records_s))),
      "linger.ms is the price of batching when records come slowly, and only then: at full speed batches fill before it has "
      "passed. "
      "The batch latency above is at a calm rate, where a batch waits for linger.ms; the network latency does not care."};
}

}  // namespace

std::vector<BatchingCase> batching_cases() {
  const Settings batching{{"acks", "all"}, {"linger.ms", "5"}, {"batch.size", "65536"}, {"compression.type", "none"}};
  std::vector<BatchingCase> all;
  const Settings no_batching{{"acks", "all"}, {"linger.ms", "0"}, {"batch.size", "0"}, {"compression.type", "none"}};
  all.push_back({"sync send", no_batching, Sending::sync});
  all.push_back({"no batching", no_batching});
  all.push_back({"batching", batching});
  for (const CodecClaim& claim : codec_claims()) {
    Settings settings = batching;
    settings["compression.type"] = claim.codec;
    all.push_back({label_of(claim.codec), settings});
  }
  for (const producer::Preset& preset : producer::presets()) {
    all.push_back({fmt::format("preset {}", preset.name), {{std::string(producer::preset_key), std::string(preset.name)}}});
  }
  return all;
}

std::vector<CodecClaim> codec_claims() {
  return {
      {"gzip", "70-80 %", "slowest"}, {"snappy", "40-50 %", "fast"}, {"lz4", "45-55 %", "fastest"}, {"zstd", "65-75 %", "fast"}};
}

LessonResult lesson_batching(const LessonOptions& options) {
  LessonResult result;
  const std::vector<BatchingCase> cases = batching_cases();
  Progress progress("lesson-batching", static_cast<std::int64_t>(cases.size()), options.quiet);
  for (const BatchingCase& one : cases) {
    // A cluster for each row, so that none finds what an earlier one left. One broker: what is measured is the producer.
    Experiment lab(WorldKind::tcp, {.brokers = 1, .era = options.era, .watch = Watch::nothing});
    lab.create_topic(std::string(topic), {.partitions = 1, .replicas = 1});
    LoadOptions load;
    load.bootstrap = lab.cluster().bootstrap();
    load.producer = or_reject(producer::ProducerConfig::from(one.settings, era_of(options)));
    load.topic = topic;
    load.values = values(options);
    load.interrupted = options.interrupted;
    load.records = calm_records;
    load.rate = calm_rate;
    const LoadResult calm = load_on(load);
    load.records = records_of(one, options);
    load.rate = 0;
    load.sending = one.sending;
    const LoadResult full_speed = load_on(load);

    LessonRow row{one.label, one.settings, {}, measured(full_speed, calm)};
    row.summary.runs = 1;
    row.summary.records.sent = full_speed.sent;
    row.summary.records.acked = full_speed.metrics.records_sent;
    row.summary.records.failed = full_speed.metrics.records_failed;
    row.summary.records.unknown = full_speed.metrics.records_unknown;
    result.rows.push_back(std::move(row));
    progress.advance();
    if (options.interrupted && *options.interrupted) {
      result.interrupted = true;
      break;
    }
  }
  for (std::size_t i = 0; i < result.rows.size() && !result.interrupted; ++i) {
    const RecordCounts& records = result.rows[i].summary.records;
    const std::int64_t wanted = records_of(cases[i], options);
    if (records.sent == wanted && records.acked == wanted) continue;
    result.judgement = Judgement::violation;
    result.reason = fmt::format("{}: {} of {} records were acknowledged, though nothing was broken", result.rows[i].label,
                                records.acked, wanted);
    break;
  }
  return result;
}

std::string lesson_batching_text(const LessonOptions& options, const LessonResult& result) {
  LessonPage page;
  page.title = "Batching and compression: what does a record cost?";
  page.goal = fmt::format(
      "Send {} records ({}) over loopback sockets to a broker in this process, as fast as it goes: one by one, in batches, with "
      "each codec, with each preset. And {} by sync sends.",
      grouped(options.records), options.lines.empty() ? "JSON orders" : "the lines of a file",
      grouped(std::min(options.records, sync_records)));
  page.expected =
      "batching raises throughput and costs latency; compression saves bytes and costs processor time: gzip saves most and is "
      "slowest, lz4 is fastest, zstd saves nearly as much as gzip and is fast.";
  page.measured = fmt::format(
      "one run for each row, in this machine's time. Latencies are those of another run, of {} records at {:.0f} a second.",
      grouped(calm_records), calm_rate);
  Table speed({"", "records/s", "records/batch", "requests", "wire bytes", "ratio", "CPU us/record", "of process"});
  Table latency({"latency, ms", "send p50", "send p99", "batch p50", "batch p99", "network p50", "network p99"});
  for (const LessonRow& row : result.rows) {
    const LoadMeasurement& load = *row.load;
    speed.row({row.label, grouped(static_cast<std::int64_t>(load.records_s)), fmt::format("{:.1f}", load.records_per_batch),
               grouped(load.requests), grouped(load.wire_bytes), fmt::format("{:.2f}", load.ratio),
               fmt::format("{:.2f}", load.producer_cpu_us), fmt::format("{:.2f}", load.process_cpu_us)});
    const auto ms = [](double milliseconds) { return fmt::format("{:.2f}", milliseconds); };
    latency.row({row.label, ms(load.send_latency.p50), ms(load.send_latency.p99), ms(load.batch_latency.p50),
                 ms(load.batch_latency.p99), ms(load.network_latency.p50), ms(load.network_latency.p99)});
  }
  page.table = speed.text() + "\n" + latency.text() + "\n" + claims_table(result);
  page.legend =
      "wire bytes: of all batches as they were sent. ratio: bytes before compression to bytes after. CPU: of the producer's own "
      "thread; of process: with the application and the broker, which share the machine with it. send: from send() to the "
      "acknowledgement; batch: from a batch's first record until it is sent; network: from a request to its answer.";
  page.differences = differences(result);
  return page_text(page, result);
}

}  // namespace acklab::lab

// What the experiments of the lesson share: what a user may ask of one, a row of its table, and the page that a person reads. Each
// experiment says its goal, what the lesson expects, what was measured, and what differs and why.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/lab/sweep.h"

namespace acklab::lab {

struct LessonOptions {
  SeedRange seeds{1, 200};  // of this shard
  Shard shard;
  int jobs = 0;
  WorldKind world = WorldKind::sim;
  bool quiet = false;
  std::int64_t records = 200'000;  // that the batching experiment sends for each row
  std::string era;
  std::vector<std::string> lines;                  // values of the records; empty: JSON orders
  const std::atomic<bool>* interrupted = nullptr;  // as in SweepOptions
  OnResult on_result;                              // hears of every run, row after row; may be empty
};

// What a load over real sockets measured.
struct Percentiles {
  double p50 = 0;  // milliseconds
  double p99 = 0;
};
struct LoadMeasurement {
  double records_s = 0;
  Percentiles send_latency;     // from send() to the outcome
  Percentiles batch_latency;    // from a batch's first record to its request
  Percentiles network_latency;  // from a request to its answer
  std::int64_t wire_bytes = 0;  // of all batches, as they were sent
  double ratio = 1;             // bytes before compression to bytes after
  double producer_cpu_us = 0;   // for each record: of the producer's own thread
  double process_cpu_us = 0;    // ... of the process, with the application and the broker
  double records_per_batch = 0;
  std::int64_t requests = 0;
};

// One row of a lesson's table.
struct LessonRow {
  std::string label;
  Settings settings;
  Summary summary;
  std::optional<LoadMeasurement> load{};  // of the batching experiment, instead of the summary's times
};

// Something that the lesson says one needs, tried.
struct Requirement {
  std::string says;
  Settings settings;  // that were tried
  bool accepted = false;
  std::string answer;  // what came of it
  std::string whose;   // whose rule it is: Kafka's, or one client's
};

struct LessonResult {
  std::vector<LessonRow> rows;
  std::vector<Requirement> requirements;
  // One record with the anomaly that the experiment is about, told; empty if there was none.
  std::string told_record;
  std::vector<std::string> story;
  bool interrupted = false;  // the rows are what was known by then
  Judgement judgement{};
  std::string reason;
};

// ---- Running

// Throws std::invalid_argument when there is none of that version.
protocol::Era era_of(const LessonOptions& options);

// A sweep is long enough that what the lesson expects to happen must have happened in it.
bool must_show(const LessonOptions& options, const LessonResult& result);

// The word of the catalogue for what a scenario's own promise permits, so that its verdict is against that promise and nothing else.
Expectation expectation_of_promise(const Scenario& scenario, const protocol::Era& era);

// Runs the scenarios of a row, one for each seed, and adds the row. `look` sees every result; it may be empty.
using ScenarioOfSeed = std::function<Scenario(std::uint64_t seed)>;
void add_row(LessonResult& result, const LessonOptions& options, std::string label, const ScenarioOfSeed& scenario_of,
             const OnResult& look);

// Tells the first finding of that anomaly in one run, and what would have happened otherwise.
void tell(LessonResult& result, const LessonOptions& options, const Scenario& scenario, const RunResult& found, Anomaly anomaly);

// The first row that is not as expected decides.
void judge(LessonResult& result);

std::int64_t runs_with(const Summary& summary, Anomaly anomaly);

// ---- The page

inline constexpr std::size_t page_width = 100;

// How a sweep measured.
std::string measured_by_sweep(const LessonOptions& options);

// Breaks a paragraph into lines; those after the first are indented by so many spaces.
std::string wrapped(std::string_view text, std::size_t indent = 0);

struct LessonPage {
  std::string title;
  std::string goal;
  std::string expected;  // by the lesson
  std::string measured;  // how
  std::string table;
  std::string legend;
  std::vector<std::string> differences;  // from what the lesson expects, and why
};
std::string page_text(const LessonPage& page, const LessonResult& result);

}  // namespace acklab::lab

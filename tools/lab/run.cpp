#include "tools/lab/run.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "producer/unsafe_variant.h"
#include "tools/lab/lines_file.h"
#include "tools/lab/or_reject.h"
#include "tools/lab/promise.h"

namespace acklab::lab {

using protocol::Result;

namespace {

ProduceOptions produce_options(const ScenarioProducer& producer, const RunOptions& options) {
  ProduceOptions produce;
  produce.set = producer.set;
  produce.rate = producer.rate;
  produce.keys = producer.keys;
  produce.resend = producer.resend;
  produce.copies = producer.copies;
  produce.lines = !options.lines.empty() ? options.lines : producer.lines;
  if (produce.lines.empty() && producer.lines_file) produce.lines = or_reject(read_lines_file(*producer.lines_file));
  const auto lines = static_cast<std::int64_t>(produce.lines.size());
  produce.records = static_cast<int>(std::min(producer.records > 0 ? producer.records : lines, max_records));
  return produce;
}

// Faults reach a cluster of our own only.
Result<void, std::string> check_bootstrap(const Scenario& scenario, const RunOptions& options) {
  if (options.bootstrap.empty() || scenario.faults.empty() || options.by_hand) return {};
  return protocol::failure(fmt::format(
      "scenario {} has faults ({} first), and nobody but you can inject them into a cluster that is not ours; do so and say "
      "--by-hand, or choose a scenario without faults, such as steady",
      scenario.name, scenario.faults.front().id));
}

// Why a run proves nothing; empty if it proves something.
std::string vacuity(const Scenario& scenario, const protocol::Era& era, const RunOptions& options, const Verdict& verdict) {
  if (verdict.records.sent == 0) return "no record was sent";
  if (!options.bootstrap.empty()) return "";
  for (const broker::Fault& fault : scenario.faults) {
    if (duty(fault, era) != broker::Fires::always) continue;
    const auto counted =
        std::find_if(verdict.faults.begin(), verdict.faults.end(), [&](const FaultCount& one) { return one.id == fault.id; });
    if (counted == verdict.faults.end() || counted->fired == 0) return fmt::format("fault {} did not fire", fault.id);
  }
  return "";
}

// The first anomaly that is not allowed, in one line; empty if there is none.
std::string breach(const std::set<Anomaly>& allowed, Expectation expected, const Verdict& verdict) {
  const auto is_breach = [&](const Finding& finding) { return !allowed.contains(finding.anomaly); };
  const auto first = std::find_if(verdict.findings.begin(), verdict.findings.end(), is_breach);
  if (first == verdict.findings.end()) return "";
  const auto alike = std::count_if(verdict.findings.begin(), verdict.findings.end(),
                                   [&](const Finding& finding) { return finding.anomaly == first->anomaly; });
  const std::string where = first->record < 0 ? to_string(first->partition)
                                              : fmt::format("{} of {}", record_name(first->record), to_string(first->partition));
  return fmt::format("{} {}, where \"{}\" allows none; first {}: {}", alike, name(first->anomaly), name(expected), where,
                     first->detail);
}

// Why a cluster without faults is not as it must be; empty if it is.
std::string unrest(WorldKind world, Expectation expected, const Verdict& verdict) {
  if (verdict.at_rest || world != WorldKind::sim) return "";
  if (expected == Expectation::stall_ok || expected == Expectation::violation) return "";
  return "the faults are over, and the cluster has not come to rest: some partition has no leader, or not all of its replicas in "
         "sync and all of its records committed";
}

}  // namespace

std::string_view name(Judgement judgement) {
  switch (judgement) {
    case Judgement::as_expected:
      return "as-expected";
    case Judgement::violation:
      return "violation";
    case Judgement::vacuous:
      return "vacuous";
  }
  return "";
}

std::string unsafe_settings(const Scenario& scenario) {
  std::string all;
  for (std::size_t i = 0; i < scenario.producers.size(); ++i) {
    for (const auto& [key, value] : scenario.producers[i].set) {
      if (!key.starts_with(producer::unsafe_prefix)) continue;
      all += fmt::format("{}{}: {}={}", all.empty() ? "" : ", ", client_id(scenario, i), key, value);
    }
  }
  return all;
}

RunResult run(const Scenario& scenario, const RunOptions& options) {
  const protocol::Era era = options.era.empty() ? protocol::newest_era() : or_reject(protocol::era_of(options.era));
  or_reject(check_expectation(scenario, era));
  or_reject(check_bootstrap(scenario, options));

  RunResult result;
  result.scenario = scenario.name;
  result.unsafe = unsafe_settings(scenario);
  result.seed = options.seed;
  result.world = options.world == WorldKind::sim ? "sim" : "tcp";
  if (options.bootstrap.empty()) result.era = era.from;
  result.expected = scenario.expected(era).expect;
  {
    Experiment lab(options.world, {.brokers = scenario.brokers,
                                   .seed = options.seed,
                                   .set = scenario.set,
                                   .era = options.era,
                                   .listener = options.listener,
                                   .tap = options.tap,
                                   .bootstrap = options.bootstrap});
    for (const ScenarioTopic& topic : scenario.topics) {
      lab.create_topic(topic.name, {.partitions = topic.partitions, .replicas = topic.replicas, .set = topic.set});
    }
    // Faults first: a trigger counts from the first record on.
    if (options.bootstrap.empty()) lab.plan(scenario.faults);
    for (const ScenarioProducer& producer : scenario.producers) lab.produce(producer.topic, produce_options(producer, options));
    lab.run_for(scenario.run_for);
    result.verdict = lab.check(options.tell ? Tell::first_of_each_anomaly : Tell::nothing);
  }

  std::string broken = breach(allowed(result.expected, promise(scenario, era)), result.expected, result.verdict);
  if (broken.empty()) broken = unrest(options.world, result.expected, result.verdict);
  const std::string nothing_proved = vacuity(scenario, era, options, result.verdict);
  if (!nothing_proved.empty()) {
    result.judgement = Judgement::vacuous;
    result.reason = broken.empty() ? nothing_proved : fmt::format("{}; and yet {}", nothing_proved, broken);
  } else if (!broken.empty()) {
    result.judgement = Judgement::violation;
    result.reason = broken;
  } else {
    result.judgement = Judgement::as_expected;
  }
  return result;
}

}  // namespace acklab::lab

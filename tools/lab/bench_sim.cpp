#include "tools/lab/bench_sim.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/lab/clock.h"
#include "tools/lab/table.h"

namespace acklab::lab {
namespace {

using protocol::BrokerId;
using protocol::Entry;
using protocol::Event;
using protocol::NodeId;

constexpr int records = 1150;
constexpr double rate = 500;            // records per second ...
constexpr const char* linger_ms = "4";  // ... of which three make a batch, but for those that wait for a leader
constexpr std::int64_t killed_at_batch = 100;
// With the defaults, chance would decide how much is still to be sent when a new leader is elected, and found.
constexpr const char* session_timeout_ms = "500";
constexpr const char* heartbeat_interval_ms = "100";
constexpr const char* retry_backoff_max_ms = "100";

// Watches the journal for all that an experiment must go through.
class Conditions {
 public:
  void observe(const Entry& entry) {
    ++entries_;
    switch (entry.event) {
      case Event::acked:
        ++batches_acked_;
        acked_after_failover_ = acked_after_failover_ || failed_over_;
        return;
      case Event::killed:
        if (entry.node.is_broker()) killed_ = entry.node;
        return;
      case Event::led:
        failed_over_ = failed_over_ || (killed_.known() && entry.node != killed_);
        return;
      case Event::started:
        restarted_ = restarted_ || (failed_over_ && entry.node == killed_);
        return;
      case Event::replicated:
        caught_up_ = caught_up_ || (restarted_ && entry.node == killed_);
        return;
      case Event::isr_changed:
        back_in_isr_ = back_in_isr_ || (restarted_ && entry.brokers.contains(BrokerId{killed_.value}));
        return;
      default:
        return;
    }
  }

  // The first that did not hold; empty if all did.
  std::string unmet(const Verdict& verdict, Watch watch) const {
    if (batches_acked_ < bench_sim_batches) return fmt::format("only {} batches were acknowledged", batches_acked_);
    if (!killed_.known()) return "no leader was killed";
    if (!failed_over_) return "no follower took over";
    if (!acked_after_failover_) return "nothing was acknowledged after the failover";
    if (!restarted_) return "the killed broker did not come back";
    if (!caught_up_) return "the killed broker replicated nothing after it came back";
    if (!back_in_isr_) return "the killed broker did not come back in sync";
    if (!verdict.settled || !verdict.at_rest) return "the cluster did not come to rest";
    if (verdict.records.acked != records)
      return fmt::format("{} records of {} were acknowledged", verdict.records.acked, records);
    if (!verdict.findings.empty()) return verdict.story();
    if (watch == Watch::invariants && verdict.invariants_checked == 0) return "no invariant was checked";
    return "";
  }

  std::int64_t batches_acked() const { return batches_acked_; }
  std::uint64_t entries() const { return entries_; }

 private:
  std::uint64_t entries_ = 0;
  std::int64_t batches_acked_ = 0;
  NodeId killed_{};
  bool failed_over_ = false;
  bool acked_after_failover_ = false;
  bool restarted_ = false;
  bool caught_up_ = false;
  bool back_in_isr_ = false;
};

broker::FaultPlan faults() {
  broker::Fault kill;
  kill.id = "kill-leader";
  kill.when.event = Event::appended;
  kill.when.at = *broker::Target::parse("leader:orders-0");
  kill.when.batches = killed_at_batch;
  kill.verb = broker::Verb::kill;
  kill.target = kill.when.at;
  broker::Fault restart;
  restart.id = "restart";
  restart.when.after = kill.id;
  restart.when.delay = std::chrono::seconds(1);
  restart.verb = broker::Verb::restart;
  restart.target.kind = broker::Target::Kind::killed;
  return {kill, restart};
}

double median_rate(std::vector<BenchSimRepetition> repetitions) {
  const auto middle = repetitions.begin() + static_cast<std::ptrdiff_t>(repetitions.size() / 2);
  std::nth_element(repetitions.begin(), middle, repetitions.end(),
                   [](const BenchSimRepetition& a, const BenchSimRepetition& b) { return a.rate() < b.rate(); });
  return middle->rate();
}

struct Extremes {
  double least;
  double most;
};
Extremes extremes(const std::vector<BenchSimRepetition>& repetitions) {
  Extremes found{repetitions.front().rate(), repetitions.front().rate()};
  for (const BenchSimRepetition& one : repetitions) {
    found.least = std::min(found.least, one.rate());
    found.most = std::max(found.most, one.rate());
  }
  return found;
}

}  // namespace

BenchSimExperiment bench_sim_experiment(std::uint64_t seed, const std::string& compression, Watch watch) {
  Conditions conditions;
  Experiment lab(WorldKind::sim, {.brokers = 3,
                                  .seed = seed,
                                  .set = {{"broker.session.timeout.ms", session_timeout_ms},
                                          {"broker.heartbeat.interval.ms", heartbeat_interval_ms}},
                                  .watch = watch});
  lab.world().subscribe([&](const Entry& entry, std::string_view) { conditions.observe(entry); });
  lab.create_topic("orders", {.partitions = 1, .replicas = 3, .set = {{"min.insync.replicas", "2"}}});
  lab.plan(faults());
  lab.produce("orders", {.records = records,
                         .rate = rate,
                         .set = {{"acks", "all"},
                                 {"enable.idempotence", "true"},
                                 {"linger.ms", linger_ms},
                                 {"retry.backoff.max.ms", retry_backoff_max_ms},
                                 {"compression.type", compression}}});
  lab.run_for(std::chrono::seconds(3));
  BenchSimExperiment experiment;
  experiment.verdict = lab.check(Tell::nothing);
  experiment.batches_acked = conditions.batches_acked();
  experiment.entries = conditions.entries();
  experiment.unmet = conditions.unmet(experiment.verdict, watch);
  return experiment;
}

BenchSimResult bench_sim(const BenchSimOptions& options) {
  using Clock = std::chrono::steady_clock;
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const int jobs = options.jobs > 0 ? options.jobs : cores;
  BenchSimResult result;
  // The first run of a process pays for cold caches and fresh memory; it is checked, and not counted.
  const BenchSimExperiment first = bench_sim_experiment(1, options.compression, options.watch);
  result.trace_hash = first.verdict.trace_hash;
  result.unmet = first.unmet.empty() ? "" : fmt::format("seed 1: {}", first.unmet);

  std::mutex mutex;
  std::uint64_t next_seed = 2;
  std::exception_ptr error;
  const auto stopped = [&] { return error || !result.unmet.empty() || result.interrupted; };  // under the mutex

  const auto repetition = [&] {
    BenchSimRepetition sum;
    const Clock::time_point began = Clock::now();
    const Clock::time_point deadline = began + options.duration / options.repetitions;
    const auto work = [&] {
      const double cpu_before = seconds_on(CLOCK_THREAD_CPUTIME_ID);
      std::unique_lock lock(mutex);
      // At least one experiment, however short the time.
      do {
        const std::uint64_t seed = next_seed++;
        lock.unlock();
        BenchSimExperiment experiment;
        std::exception_ptr failed;
        try {
          experiment = bench_sim_experiment(seed, options.compression, options.watch);
        } catch (...) {
          failed = std::current_exception();
        }
        lock.lock();
        if (failed) {
          error = failed;
          break;
        }
        ++sum.experiments;
        result.batches_acked += experiment.batches_acked;
        result.records += experiment.verdict.records.sent;
        result.events += experiment.verdict.events;
        result.entries += experiment.entries;
        result.invariants_checked += experiment.verdict.invariants_checked;
        result.virtual_seconds += std::chrono::duration<double>(experiment.verdict.virtual_time).count();
        if (!experiment.unmet.empty() && result.unmet.empty()) result.unmet = fmt::format("seed {}: {}", seed, experiment.unmet);
        if (options.interrupted != nullptr && *options.interrupted) result.interrupted = true;
      } while (!stopped() && Clock::now() < deadline);
      sum.cpu_seconds += seconds_on(CLOCK_THREAD_CPUTIME_ID) - cpu_before;
    };
    {
      std::vector<std::jthread> workers;
      for (int i = 0; i < jobs; ++i) workers.emplace_back(work);
    }
    sum.seconds = std::chrono::duration<double>(Clock::now() - began).count();
    return sum;
  };

  for (int i = 0; i < options.repetitions && !(i > 0 && stopped()); ++i) {
    const BenchSimRepetition one = repetition();
    if (error) std::rethrow_exception(error);
    result.experiments += one.experiments;
    result.seconds += one.seconds;
    result.cpu_seconds += one.cpu_seconds;
    result.repetitions.push_back(one);
  }
  return result;
}

std::string bench_sim_text(const BenchSimOptions& options, const BenchSimResult& result) {
  const auto each = [&](auto sum) { return static_cast<double>(sum) / static_cast<double>(result.experiments); };
  const auto whole = [](double number) { return grouped(static_cast<std::int64_t>(number + 0.5)); };
  const Extremes range = extremes(result.repetitions);
  std::string text = fmt::format(
      "Three brokers, replication 3, acks=all, idempotent, compression {}; the leader is killed, a follower takes over, the dead "
      "broker\n"
      "comes back in sync. Every request encoded and decoded, invariants {}, trace hashed. {} at a time, {} experiments.\n\n",
      options.compression, options.watch == Watch::invariants ? "checked" : "NOT CHECKED",
      options.jobs > 0 ? std::to_string(options.jobs) : "one for each core", grouped(result.experiments));
  Table table({"", "median", "least", "most"});
  table.row({"experiments/s", whole(median_rate(result.repetitions)), whole(range.least), whole(range.most)});
  text += table.text("  ");
  text += fmt::format(
      "  {} experiments per second of a core's time\n"
      "  {} events/s of the world, {} simulated seconds per real second\n\n"
      "  one experiment: {} events, {} journal entries, {} invariants checked, {} records in {} batches acknowledged, {:.1f} "
      "simulated seconds\n",
      whole(static_cast<double>(result.experiments) / result.cpu_seconds),
      whole(static_cast<double>(result.events) / result.seconds), whole(result.virtual_seconds / result.seconds),
      whole(each(result.events)), whole(each(result.entries)), whole(each(result.invariants_checked)),
      whole(each(result.records)), whole(each(result.batches_acked)), each(result.virtual_seconds));
  text += result.unmet.empty() ? "  in every one: at least " + std::to_string(bench_sim_batches) +
                                     " batches acknowledged, failover, catch-up, back in sync, no anomaly\n"
                               : "\nproves nothing: " + result.unmet + "\n";
  if (result.interrupted) text += "\nInterrupted: what was known by then.\n";
  return text;
}

std::string bench_sim_json(const BenchSimOptions& options, const BenchSimResult& result) {
  const auto each = [&](auto sum) { return static_cast<double>(sum) / static_cast<double>(result.experiments); };
  const Extremes range = extremes(result.repetitions);
  nlohmann::ordered_json json;
  json["benchmark"] = "sim";
  json["compression"] = options.compression;
  json["invariants"] = options.watch == Watch::invariants;
  json["jobs"] = options.jobs;
  json["repetitions"] = result.repetitions.size();
  json["experiments"] = result.experiments;
  json["seconds"] = result.seconds;
  json["cpu_seconds"] = result.cpu_seconds;
  json["experiments_s"] = {{"median", median_rate(result.repetitions)}, {"min", range.least}, {"max", range.most}};
  json["experiments_cpu_s"] = static_cast<double>(result.experiments) / result.cpu_seconds;
  json["events_s"] = static_cast<double>(result.events) / result.seconds;
  json["simulated_to_real"] = result.virtual_seconds / result.seconds;
  json["per_experiment"] = {{"events", each(result.events)},
                            {"journal_entries", each(result.entries)},
                            {"invariants_checked", each(result.invariants_checked)},
                            {"records", each(result.records)},
                            {"batches_acked", each(result.batches_acked)},
                            {"virtual_ms", each(result.virtual_seconds) * 1000}};
  json["trace_hash"] = fmt::format("{:016x}", result.trace_hash);
  json["conditions_held"] = result.unmet.empty();
  if (!result.unmet.empty()) json["reason"] = result.unmet;
  if (result.interrupted) json["interrupted"] = true;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace acklab::lab

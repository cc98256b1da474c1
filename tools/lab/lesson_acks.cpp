#include "tools/lab/lesson_acks.h"

#include <array>
#include <optional>

#include <fmt/format.h>

#include "protocol/runtime/random.h"
#include "tools/lab/or_reject.h"
#include "tools/lab/table.h"

namespace acklab::lab {

using broker::Fault;
using broker::Target;
using broker::Verb;
using protocol::Duration;
using protocol::Random;

namespace {

constexpr std::int64_t records = 2000;
constexpr double rate = 2000;  // records per second

constexpr std::string_view leader = "leader:orders-0";
constexpr std::string_view followers = "followers:orders-0";

constexpr std::array stops{LeaderStop::kill, LeaderStop::controlled_shutdown, LeaderStop::power_loss, LeaderStop::cut_off,
                           LeaderStop::cut_off_power_loss};

std::string_view in_the_table(LeaderStop stop) {
  switch (stop) {
    case LeaderStop::kill:
      return "killed";
    case LeaderStop::controlled_shutdown:
      return "shut down";
    case LeaderStop::power_loss:
      return "without power";
    case LeaderStop::cut_off:
      return "cut off";
    case LeaderStop::cut_off_power_loss:
      return "cut off, no power";
  }
  return "";
}

Fault on(Verb verb, std::string id, std::string_view target) {
  Fault fault;
  fault.id = std::move(id);
  fault.verb = verb;
  fault.target = or_reject(Target::parse(target));
  return fault;
}

Fault cut(std::string id, std::string_view other_end) {
  Fault fault;
  fault.id = std::move(id);
  fault.verb = Verb::cut;
  fault.link = {or_reject(Target::parse(leader)), or_reject(Target::parse(other_end)), false};
  return fault;
}

Fault heal() {
  Fault fault;
  fault.id = "heal";
  fault.verb = Verb::heal;
  return fault;
}

Fault after(std::string id, Duration delay, Fault fault) {
  fault.when.after = std::move(id);
  fault.when.delay = delay;
  return fault;
}

// In the middle of the send.
Fault midway(Random& random, Fault fault) {
  fault.when.event = protocol::Event::appended;
  fault.when.at = or_reject(Target::parse(leader));
  fault.when.records = random.between(200, 1800);
  fault.when.delay = std::chrono::microseconds(random.between(0, 3000));
  return fault;
}

broker::FaultPlan plan(LeaderStop stop, Random& random) {
  using std::chrono::milliseconds;
  const auto stop_and_restart = [&](Verb verb) -> broker::FaultPlan {
    return {midway(random, on(verb, "stop", leader)), after("stop", milliseconds(2000), on(Verb::restart, "restart", "killed"))};
  };
  switch (stop) {
    case LeaderStop::kill:
      return stop_and_restart(Verb::kill);
    case LeaderStop::controlled_shutdown:
      return stop_and_restart(Verb::controlled_shutdown);
    case LeaderStop::power_loss:
      return stop_and_restart(Verb::power_loss);
    case LeaderStop::cut_off:
      return {midway(random, cut("cut-from-followers", followers)),
              after("cut-from-followers", Duration::zero(), cut("cut-from-controller", "controller")),
              after("cut-from-controller", milliseconds(2500), heal())};
    case LeaderStop::cut_off_power_loss: {
      Fault cut_early = midway(random, cut("cut-from-followers", followers));
      cut_early.when.records = random.between(100, 500);
      Fault alone;
      alone.id = "alone";
      alone.verb = Verb::mark;
      alone.when.after = "cut-from-followers";
      alone.when.event = protocol::Event::isr_changed;
      alone.when.at = or_reject(Target::parse("controller"));
      return {cut_early, alone, after("alone", milliseconds(random.between(50, 300)), on(Verb::power_loss, "stop", leader)),
              after("stop", milliseconds(500), heal()), after("heal", milliseconds(500), on(Verb::restart, "restart", "killed"))};
    }
  }
  return {};
}

std::string label(const AcksCase& one) {
  return fmt::format("{} acks={} min.insync.replicas={}", name(one.stop), one.acks, one.min_insync_replicas);
}

// In the order of the table.
std::vector<AcksCase> cases() {
  std::vector<AcksCase> all;
  for (const LeaderStop stop : stops) {
    for (const char* acks : {"0", "1", "all"}) {
      for (const int min_insync_replicas : {1, 2}) all.push_back({stop, acks, min_insync_replicas});
    }
  }
  return all;
}

const Summary& summary_of(const LessonResult& result, LeaderStop stop, std::string_view acks, int min_insync_replicas) {
  const std::vector<AcksCase> all = cases();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].stop == stop && all[i].acks == acks && all[i].min_insync_replicas == min_insync_replicas) {
      return result.rows[i].summary;
    }
  }
  CHECK(false);
}

std::string acknowledged(std::int64_t records) {
  if (records > 0) return grouped(records) + " acknowledged records";
  return "nothing this time (the window may be a fraction of a millisecond; many seeds find it)";
}

std::string milliseconds(Duration duration) { return fmt::format("{:.1f}", protocol::in_milliseconds(duration)); }

}  // namespace

std::span<const LeaderStop> leader_stops() { return stops; }

std::string_view name(LeaderStop stop) {
  switch (stop) {
    case LeaderStop::kill:
      return "kill";
    case LeaderStop::controlled_shutdown:
      return "controlled-shutdown";
    case LeaderStop::power_loss:
      return "power-loss";
    case LeaderStop::cut_off:
      return "cut-off";
    case LeaderStop::cut_off_power_loss:
      return "cut-off-power-loss";
  }
  return "";
}

Scenario acks_scenario(const AcksCase& one, std::uint64_t seed) {
  Scenario scenario;
  scenario.name = fmt::format("lesson-acks-{}-{}-min-isr-{}", one.acks, name(one.stop), one.min_insync_replicas);
  scenario.story = fmt::format("The leader is {} in the middle of the send, and comes back later.", in_the_table(one.stop));
  scenario.set = {{"broker.session.timeout.ms", "1500"},
                  {"broker.heartbeat.interval.ms", "300"},
                  {"replica.lag.time.max.ms", one.stop == LeaderStop::cut_off_power_loss ? "300" : "1500"},
                  {"replica.fetch.backoff.ms", "200"}};
  scenario.topics = {{"orders", 1, 3, {{"min.insync.replicas", std::to_string(one.min_insync_replicas)}}}};
  ScenarioProducer producer;
  producer.topic = "orders";
  producer.set = {{"acks", one.acks},
                  {"linger.ms", "1"},
                  {"enable.idempotence", "false"},
                  {"max.in.flight.requests.per.connection", "1"},
                  {"request.timeout.ms", "1000"},
                  {"delivery.timeout.ms", "2000"}};
  producer.records = records;
  producer.rate = rate;
  scenario.producers = {producer};
  Random random = Random::stream(seed, "lesson-acks", 0);
  scenario.faults = plan(one.stop, random);
  scenario.run_for = std::chrono::seconds(4);
  return scenario;
}

LessonResult lesson_acks(const LessonOptions& options) {
  LessonResult result;
  std::optional<RunResult> lossy;  // the first run with acks=1 and a kill that lost a record
  for (const AcksCase& one : cases()) {
    const bool to_tell = one.stop == LeaderStop::kill && one.acks == "1" && one.min_insync_replicas == 2;
    const OnResult look = [&](const RunResult& run) {
      if (run.verdict.records.lost > 0 && !lossy) lossy = run;
    };
    add_row(
        result, options, label(one), [&](std::uint64_t seed) { return acks_scenario(one, seed); }, to_tell ? look : OnResult{});
  }
  if (lossy) {
    Scenario scenario = acks_scenario({LeaderStop::kill, "1", 2}, lossy->seed);
    scenario.expect = Expectation::loss_ok;
    tell(result, options, scenario, *lossy, Anomaly::lost_write);
  }
  judge(result);
  if (result.judgement == Judgement::as_expected && must_show(options, result) &&
      (summary_of(result, LeaderStop::kill, "0", 2).records.missing.unanswered == 0 ||
       summary_of(result, LeaderStop::kill, "1", 2).records.lost == 0)) {
    result.judgement = Judgement::vacuous;
    result.reason = "acks=0 or acks=1 lost nothing in any run in which the leader was killed";
  }
  return result;
}

std::string lesson_acks_text(const LessonOptions& options, const LessonResult& result) {
  LessonPage page;
  page.title = "Acks: what is an acknowledgement worth?";
  page.goal = fmt::format(
      "Send {} records, {:.0f} a second, to a partition with three replicas, and stop its leader in the middle. What is gone "
      "although it was acknowledged? The moment is drawn from the seed; the leader comes back seconds later.",
      records, rate);
  page.expected =
      "acks=0 is fastest and may lose records; acks=1 waits for the leader alone and loses what a dying leader had not passed "
      "on; acks=all waits for all replicas in sync, is slowest, and loses nothing.";
  page.measured = measured_by_sweep(options);
  Table table({"the leader is", "acks", "min.isr", "lost", "in runs", "duplicated", "unknown", "records/s", "p50 ms", "p99 ms"});
  const std::vector<AcksCase> all = cases();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Summary& summary = result.rows[i].summary;
    const bool first = i == 0 || all[i].stop != all[i - 1].stop;
    const std::int64_t lost = summary.records.lost + summary.records.missing.unanswered;
    const std::int64_t runs = runs_with(summary, all[i].acks == "0" ? Anomaly::unanswered_loss : Anomaly::lost_write);
    table.row({first ? std::string(in_the_table(all[i].stop)) : "", all[i].acks, std::to_string(all[i].min_insync_replicas),
               grouped(lost), fmt::format("{}/{}", runs, summary.runs), grouped(summary.records.duplicated),
               grouped(summary.records.unknown), fmt::format("{:.0f}", summary.throughput()), milliseconds(summary.latency(0.50)),
               milliseconds(summary.latency(0.99))});
  }
  page.table = table.text();
  page.legend = fmt::format(
      "{} records were sent in each row. lost: acknowledged, and no consumer can read it; with acks=0, where nobody promised "
      "anything, not in the log. unknown: given up after delivery.timeout.ms; it may be in the log or not. without power: what "
      "was not flushed to disk is gone. cut off: from the followers and the controller, but not from the producer, and so "
      "without "
      "knowing that another leads. cut off, no power: from the followers alone, until no other replica is in sync, and then "
      "without power.",
      grouped(result.rows.front().summary.records.sent));

  const auto of = [&](LeaderStop stop, std::string_view acks, int min_isr) -> const RecordCounts& {
    return summary_of(result, stop, acks, min_isr).records;
  };
  page.differences = {fmt::format(
      "acks=1 is not only about crashes. A planned shutdown lost {}: leadership moves, and what the followers had not fetched "
      "yet "
      "is gone. A leader that was merely cut off lost {}: it goes on answering, and all of that is truncated when it is back. "
      "min.insync.replicas does not help: the rows with 1 and with 2 are alike, because it is asked only when acks=all.",
      acknowledged(of(LeaderStop::controlled_shutdown, "1", 2).lost), acknowledged(of(LeaderStop::cut_off, "1", 2).lost))};
  page.differences.push_back(
      fmt::format("acks=all means all that are in sync, and that may be the leader alone. With min.insync.replicas=1 it goes on "
                  "acknowledging "
                  "when its followers have dropped out, and lost {}; with 2 it refuses to, and lost {}.",
                  acknowledged(of(LeaderStop::cut_off_power_loss, "all", 1).lost),
                  acknowledged(of(LeaderStop::cut_off_power_loss, "all", 2).lost)));
  if (of(LeaderStop::cut_off_power_loss, "all", 2).lost > 0) {
    page.differences.back() +=
        " It had acknowledged them before: both followers still have them, but the last replica in sync is elected whatever its "
        "disk has left, and the others truncate theirs. Kafka does so up to 4.0; eligible leader replicas (KIP-966, on by "
        "default "
        "from 4.1) are not emulated here.";
  }
  page.differences.push_back(fmt::format(
      "acks=all without idempotence loses nothing and yet is not exact: when the leader was killed, {} records were appended "
      "twice, because their answers were lost and the producer sent them again.",
      grouped(of(LeaderStop::kill, "all", 2).duplicated)));
  page.differences.emplace_back(
      "The latency of acks=0 is that of handing bytes to a connection. It says nothing about when a record arrives, or whether.");
  page.differences.emplace_back(
      "acks=all does not wait for disks: in sync means in memory. When all replicas lose power at once it loses records, too: "
      "acklab run rack-power-cut.");
  return page_text(page, result);
}

}  // namespace acklab::lab

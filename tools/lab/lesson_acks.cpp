#include "tools/lab/lesson_acks.h"

#include <optional>

#include <fmt/format.h>

#include "protocol/runtime/random.h"
#include "tools/lab/counterfactual.h"
#include "tools/lab/table.h"

namespace acklab::lab {
namespace {

constexpr std::int64_t records = 1000;
constexpr double rate = 2000;  // records per second: the send takes half a second

broker::Target leader() {
  broker::Target target;
  target.kind = broker::Target::Kind::leader;
  target.partition = {"orders", 0};
  return target;
}

}  // namespace

Scenario acks_scenario(const std::string& acks, std::uint64_t seed) {
  Scenario scenario;
  scenario.name = "lesson-acks-" + acks;
  scenario.story = "The leader dies in the middle of the send and comes back two seconds later.";
  scenario.set = {{"broker.session.timeout.ms", "1500"}, {"broker.heartbeat.interval.ms", "300"}};
  scenario.topics = {{"orders", 1, 3, {{"min.insync.replicas", "2"}}}};
  ScenarioProducer producer;
  producer.topic = "orders";
  producer.set = {
      {"acks", acks}, {"linger.ms", "1"}, {"enable.idempotence", "false"}, {"max.in.flight.requests.per.connection", "1"}};
  producer.records = records;
  producer.rate = rate;
  scenario.producers = {producer};

  protocol::Random random = protocol::Random::stream(seed, "lesson-acks", 0);
  broker::Fault kill;
  kill.id = "kill-leader";
  kill.when.event = protocol::Event::appended;
  kill.when.at = leader();
  kill.when.records = random.between(100, 900);
  kill.when.delay = std::chrono::microseconds(random.between(0, 3000));
  kill.verb = broker::Verb::kill;
  kill.target = leader();
  broker::Fault restart;
  restart.id = "restart";
  restart.when.after = "kill-leader";
  restart.when.delay = std::chrono::seconds(2);
  restart.verb = broker::Verb::restart;
  restart.target.kind = broker::Target::Kind::killed;
  scenario.faults = {kill, restart};
  scenario.run_for = std::chrono::seconds(5);
  scenario.expect = acks == "all" ? Expectation::dup_ok : Expectation::loss_ok;
  return scenario;
}

LessonResult lesson_acks(const LessonOptions& options) {
  LessonResult result;
  std::optional<RunResult> lossy;  // the first run with acks=1 that lost a record
  for (const std::string acks : {"0", "1", "all"}) {
    const auto run_one = [&](std::uint64_t seed) {
      RunOptions one;
      one.seed = seed;
      one.world = options.world;
      one.tell = acks == "1" && options.world == WorldKind::tcp;  // it cannot be run again to be told
      one.era = options.era;
      one.lines = options.lines;
      return run(acks_scenario(acks, seed), one);
    };
    LessonRow row;
    row.label = "acks=" + acks;
    row.settings = acks_scenario(acks, 1).producers.front().set;
    row.summary =
        sweep({options.seeds, options.jobs, options.quiet, row.label, options.interrupted}, run_one, [&](const RunResult& one) {
          if (acks == "1" && one.verdict.records.lost > 0 && !lossy) lossy = one;
          if (options.on_result) options.on_result(one);
        });
    if (row.summary.runs < options.seeds.count()) result.interrupted = true;
    result.rows.push_back(std::move(row));
  }
  if (lossy) {
    RunOptions again;
    again.seed = lossy->seed;
    again.era = options.era;
    again.lines = options.lines;
    again.tell = true;
    const Scenario scenario = acks_scenario("1", lossy->seed);
    const RunResult told = options.world == WorldKind::sim ? run(scenario, again) : *std::move(lossy);
    for (const Finding& finding : told.verdict.findings) {
      if (finding.anomaly != Anomaly::lost_write) continue;
      result.lost_record = fmt::format("{} of {} (acks=1, seed {}): {}", record_name(finding.record),
                                       to_string(finding.partition), told.seed, finding.detail);
      result.story = finding.story;
      result.story.push_back(counterfactual(scenario, again, Anomaly::lost_write));
      break;
    }
  }

  const auto judged = [&](Judgement judgement, std::string reason) {
    result.judgement = judgement;
    result.reason = std::move(reason);
    return result;
  };
  for (LessonRow& row : result.rows) {
    if (row.summary.judgements[Judgement::violation] > 0) {
      return judged(Judgement::violation,
                    fmt::format("{}, seed {}: {}", row.label, row.summary.first_bad_seed, row.summary.first_bad_reason));
    }
    if (row.summary.judgements[Judgement::vacuous] > 0) {
      return judged(Judgement::vacuous,
                    fmt::format("{}, seed {}: {}", row.label, row.summary.first_bad_seed, row.summary.first_bad_reason));
    }
  }
  // A few seeds, or a shard of them, may well show no loss; a whole sweep must.
  if (!result.interrupted && options.shard.whole() && options.seeds.count() >= 100 &&
      (result.rows[0].summary.records.missing.unanswered == 0 || result.rows[1].summary.records.lost == 0)) {
    return judged(Judgement::vacuous, "acks=0 or acks=1 lost nothing in any run");
  }
  return judged(Judgement::as_expected, "");
}

std::string lesson_acks_text(const LessonOptions& options, const LessonResult& result) {
  std::string text = fmt::format(
      "What is an ack worth?  {} records to a partition with three replicas (min.insync.replicas=2), {:.0f} a second; the leader "
      "dies in the\n"
      "middle of the send and comes back later. {} seeds for each mode. The moment of death is drawn from the seed.\n\n",
      records, rate, options.seeds.count());
  Table table(
      {"mode", "sent", "acked", "unanswered", "unknown", "lost", "duplicated", "runs with loss", "records/s", "p50", "p99"});
  for (const LessonRow& row : result.rows) {
    const Summary& summary = row.summary;
    const Anomaly loss = row.label == "acks=0" ? Anomaly::unanswered_loss : Anomaly::lost_write;
    const auto found = summary.anomalies.find(loss);
    const std::int64_t lost = summary.records.lost + summary.records.missing.unanswered;
    table.row({row.label, grouped(summary.records.sent), grouped(summary.records.acked), grouped(summary.records.unanswered),
               grouped(summary.records.unknown), grouped(lost), grouped(summary.records.duplicated),
               fmt::format("{} / {}", found == summary.anomalies.end() ? 0 : found->second.runs, summary.runs),
               fmt::format("{:.0f}", summary.throughput()),
               fmt::format("{:.2f} ms", protocol::in_milliseconds(summary.latency(0.50))),
               fmt::format("{:.2f} ms", protocol::in_milliseconds(summary.latency(0.99)))});
  }
  text += table.text();
  text += options.world == WorldKind::sim ? "\nrecords/s and latencies are virtual time of the simulated world: compare them "
                                            "with each other, not with your machine.\n"
                                          : "\nrecords/s and latencies are this machine's, over loopback sockets.\n";
  text +=
      "lost: for acks=1 and acks=all records that were acknowledged and that no consumer can read; for acks=0, where nobody\n"
      "promised anything, records that are not in the log.\n";
  if (!result.lost_record.empty()) {
    text += "\nOne lost record: " + result.lost_record + "\n";
    for (const std::string& line : result.story) text += line + "\n";
  }
  if (result.interrupted) text += "\nInterrupted: the table holds what was known by then.\n";
  if (!result.reason.empty()) text += fmt::format("\n{}: {}\n", name(result.judgement), result.reason);
  return text;
}

}  // namespace acklab::lab

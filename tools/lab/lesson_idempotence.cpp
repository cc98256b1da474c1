#include "tools/lab/lesson_idempotence.h"

#include <array>
#include <optional>

#include <fmt/format.h>

#include "protocol/runtime/random.h"
#include "tools/lab/lesson_requirements.h"
#include "tools/lab/or_reject.h"
#include "tools/lab/table.h"

namespace acklab::lab {

using broker::Fault;
using broker::Verb;
using protocol::Random;

namespace {

constexpr std::int64_t records = 1000;
constexpr double rate = 2000;  // records per second
constexpr int strikes = 3;     // requests that are struck in each run

constexpr std::array all_repetitions{Repetition::lost_answer, Repetition::lost_in_commit, Repetition::refused,
                                     Repetition::sent_twice, Repetition::after_time_out};

bool by_the_application(Repetition repetition) {
  return repetition == Repetition::sent_twice || repetition == Repetition::after_time_out;
}

std::string_view in_the_table(Repetition repetition) {
  switch (repetition) {
    case Repetition::lost_answer:
      return "answer lost after commit";
    case Repetition::lost_in_commit:
      return "answer lost after append";
    case Repetition::refused:
      return "refused, to be retried";
    case Repetition::sent_twice:
      return "application sends twice";
    case Repetition::after_time_out:
      return "application tries again";
  }
  return "";
}

// Requests far enough from each other that the producer is done with one before the next is struck.
broker::FaultPlan strike(Verb verb, Random& random) {
  broker::FaultPlan plan;
  for (int i = 0; i < strikes; ++i) {
    Fault fault;
    fault.id = fmt::format("{}-{}", name(verb), i + 1);
    fault.verb = verb;
    fault.target = or_reject(broker::Target::parse("leader:orders-0"));
    fault.request.nth = 10 + 20 * i + random.between(0, 15);
    if (verb == Verb::error_on_nth) fault.code = protocol::ErrorCode::not_enough_replicas;
    plan.push_back(std::move(fault));
  }
  return plan;
}

broker::FaultPlan plan(Repetition repetition, Random& random) {
  switch (repetition) {
    case Repetition::lost_answer:
      return strike(Verb::drop_answer, random);
    case Repetition::lost_in_commit:
      return strike(Verb::drop_after_append, random);
    case Repetition::refused:
      return strike(Verb::error_on_nth, random);
    case Repetition::sent_twice:
      return {};
    case Repetition::after_time_out: {
      broker::FaultPlan late = strike(Verb::hold_answer, random);
      late.resize(1);
      return late;
    }
  }
  return {};
}

// In the order of the table. What the application does by itself is shown with idempotence only: it is no use there.
std::vector<IdempotenceCase> cases() {
  std::vector<IdempotenceCase> all;
  for (const Repetition repetition : all_repetitions) {
    for (const bool idempotent : {false, true}) {
      for (const int in_flight : {1, 5}) {
        if (by_the_application(repetition) && (!idempotent || in_flight == 1)) continue;
        all.push_back({repetition, idempotent, in_flight});
      }
    }
  }
  return all;
}

// The rows for which `wanted` is true, added up.
template <class Wanted>
Summary added_up(const LessonResult& result, Wanted wanted) {
  Summary sum;
  const std::vector<IdempotenceCase> all = cases();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!wanted(all[i])) continue;
    sum.runs += result.rows[i].summary.runs;
    sum.records += result.rows[i].summary.records;
  }
  return sum;
}

}  // namespace

std::span<const Repetition> repetitions() { return all_repetitions; }

std::string_view name(Repetition repetition) {
  switch (repetition) {
    case Repetition::lost_answer:
      return "lost-answer";
    case Repetition::lost_in_commit:
      return "lost-in-commit";
    case Repetition::refused:
      return "refused";
    case Repetition::sent_twice:
      return "sent-twice";
    case Repetition::after_time_out:
      return "after-time-out";
  }
  return "";
}

Scenario idempotence_scenario(const IdempotenceCase& one, std::uint64_t seed) {
  Scenario scenario;
  scenario.name =
      fmt::format("lesson-{}-{}-in-flight-{}", one.idempotent ? "idempotent" : "plain", name(one.repetition), one.in_flight);
  scenario.story = fmt::format("{}.", in_the_table(one.repetition));
  scenario.set = {{"broker.session.timeout.ms", "1500"},
                  {"broker.heartbeat.interval.ms", "300"},
                  {"replica.lag.time.max.ms", "1500"},
                  {"replica.fetch.backoff.ms", "200"}};
  scenario.topics = {{"orders", 1, 3, {{"min.insync.replicas", "2"}}}};
  ScenarioProducer producer;
  producer.topic = "orders";
  producer.set = {{"acks", "all"},
                  {"linger.ms", "0"},
                  {"enable.idempotence", one.idempotent ? "true" : "false"},
                  {"max.in.flight.requests.per.connection", std::to_string(one.in_flight)}};
  producer.records = records;
  producer.rate = rate;
  producer.copies = one.repetition == Repetition::sent_twice ? 2 : 1;
  if (one.repetition == Repetition::after_time_out) {
    producer.resend = true;
    producer.set["request.timeout.ms"] = "1000";
    producer.set["delivery.timeout.ms"] = "1050";
  }
  scenario.producers = {producer};
  Random random = Random::stream(seed, "lesson-idempotence", 0);
  scenario.faults = plan(one.repetition, random);
  scenario.run_for = std::chrono::seconds(one.repetition == Repetition::after_time_out ? 4 : 3);
  return scenario;
}

LessonResult lesson_idempotence(const LessonOptions& options) {
  LessonResult result;
  std::optional<RunResult> doubled;  // the first run that appended a record twice without idempotence
  for (const IdempotenceCase& one : cases()) {
    const bool to_tell = one.repetition == Repetition::lost_answer && !one.idempotent && one.in_flight == 1;
    const OnResult look = [&](const RunResult& run) {
      if (run.verdict.records.duplicated > 0 && !doubled) doubled = run;
    };
    add_row(
        result, options,
        fmt::format("{} enable.idempotence={} in-flight={}", name(one.repetition), one.idempotent, one.in_flight),
        [&](std::uint64_t seed) { return idempotence_scenario(one, seed); }, to_tell ? look : OnResult{});
  }
  if (doubled) {
    Scenario scenario = idempotence_scenario({Repetition::lost_answer, false, 1}, doubled->seed);
    scenario.expect = Expectation::dup_ok;
    tell(result, options, scenario, *doubled, Anomaly::duplicate);
  }
  const Summary five_in_flight = added_up(result, [](const IdempotenceCase& one) {
    return one.idempotent && one.in_flight == 5 && !by_the_application(one.repetition);
  });
  result.requirements = idempotence_requirements(five_in_flight, era_of(options));
  judge(result);
  if (result.judgement != Judgement::as_expected || !must_show(options, result)) return result;
  const auto shown = [&](bool idempotent, std::int64_t RecordCounts::*what, bool application) {
    return added_up(
               result,
               [&](const IdempotenceCase& one) {
                 return one.idempotent == idempotent && by_the_application(one.repetition) == application;
               }).records.*
               what >
           0;
  };
  if (!shown(false, &RecordCounts::duplicated, false) || !shown(false, &RecordCounts::reordered, false) ||
      !shown(true, &RecordCounts::duplicated, true)) {
    result.judgement = Judgement::vacuous;
    result.reason = "no run without idempotence, or none of an application that sends again, showed what idempotence is about";
  }
  return result;
}

std::string lesson_idempotence_text(const LessonOptions& options, const LessonResult& result) {
  LessonPage page;
  page.title = "Idempotence: what does exactly-once mean?";
  page.goal = fmt::format(
      "Send {} records, {:.0f} a second, with acks=all, and make the producer send some again: {} requests in each run lose "
      "their "
      "answer, or are refused. Which records are in the log twice, or out of order?",
      grouped(records), rate, strikes);
  page.expected =
      "with idempotence every message is written exactly once, in order. Test: send the same message multiple times and verify "
      "that there are no duplicates. It requires acks=all, max in flight = 1, retries > 0 and version >= 0.11.";
  page.measured = measured_by_sweep(options);
  Table table({"what happens", "idempotence", "in flight", "duplicated", "in runs", "reordered", "in runs", "lost"});
  const std::vector<IdempotenceCase> all = cases();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Summary& summary = result.rows[i].summary;
    const bool first = i == 0 || all[i].repetition != all[i - 1].repetition;
    const auto in_runs = [&](Anomaly anomaly) { return fmt::format("{}/{}", runs_with(summary, anomaly), summary.runs); };
    table.row({first ? std::string(in_the_table(all[i].repetition)) : "", all[i].idempotent ? "on" : "off",
               std::to_string(all[i].in_flight), grouped(summary.records.duplicated), in_runs(Anomaly::duplicate),
               grouped(summary.records.reordered), in_runs(Anomaly::nonmonotonic_send), grouped(summary.records.lost)});
  }
  page.table = table.text();
  page.legend = fmt::format(
      "{} records were sent in each row. duplicated: in the log at two offsets or more. reordered: behind a record that was sent "
      "later. The application that tries again does so when delivery.timeout.ms has passed without an answer.",
      grouped(result.rows.front().summary.records.sent));

  const auto by_itself = [&](Repetition repetition) {
    return grouped(added_up(result, [&](const IdempotenceCase& one) { return one.repetition == repetition; }).records.duplicated);
  };
  const Summary retried =
      added_up(result, [](const IdempotenceCase& one) { return one.idempotent && !by_the_application(one.repetition); });
  page.differences = {
      fmt::format(
          "The promise holds for what the producer itself sends again: with idempotence on, {} runs with retries showed {} "
          "duplicates, {} records out of order and {} lost. A retry carries the same producer id, epoch and sequence "
          "number, and the leader recognises it.",
          grouped(retried.runs), grouped(retried.records.duplicated), grouped(retried.records.reordered),
          grouped(retried.records.lost)),
      fmt::format(
          "The lesson's test, as it is worded, fails on every Kafka, and rightly so. Two calls of send() are two records, "
          "however equal their bytes: each gets a sequence number of its own. Sent twice by the application, {} records "
          "are there twice. A better test loses an answer, as above, and lets the producer retry.",
          by_itself(Repetition::sent_twice)),
      fmt::format("Nor does it help an application that sends again what it was not told of: {} duplicates. A key that consumers "
                  "know, or a transaction, is what helps there.",
                  by_itself(Repetition::after_time_out)),
      "One request in flight keeps the order even without idempotence, but does not keep duplicates out. Idempotence does both, "
      "with "
      "five in flight, too."};
  std::string text = page_text(page, result) + "\nThe lesson's requirements of idempotence, each tried\n";
  for (const Requirement& each : result.requirements) {
    std::string settings;
    for (const auto& [key, value] : each.settings) settings += fmt::format("{}{}={}", settings.empty() ? "" : ", ", key, value);
    text += "- " + wrapped(fmt::format("{}. Tried: {}.", each.says, settings), 2);
    text += "  " + wrapped("Answer: " + each.answer + ".", 4) + "  " + wrapped("Whose rule: " + each.whose + ".", 4);
  }
  return text;
}

}  // namespace acklab::lab

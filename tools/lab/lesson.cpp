#include "tools/lab/lesson.h"

#include <algorithm>

#include <fmt/format.h>

#include "tools/lab/counterfactual.h"
#include "tools/lab/or_reject.h"
#include "tools/lab/promise.h"

namespace acklab::lab {
namespace {

// Fewer seeds, or a shard of them, may honestly show nothing.
constexpr std::int64_t telling_runs = 100;

std::string runs_in_words(std::int64_t runs) {
  return runs == 1 ? "one run for each row" : fmt::format("{} runs for each row, a seed each", runs);
}

RunOptions run_options(const LessonOptions& options, std::uint64_t seed) {
  RunOptions one;
  one.seed = seed;
  one.world = options.world;
  one.era = options.era;
  one.lines = options.lines;
  return one;
}

}  // namespace

protocol::Era era_of(const LessonOptions& options) {
  return options.era.empty() ? protocol::newest_era() : or_reject(protocol::era_of(options.era));
}

bool must_show(const LessonOptions& options, const LessonResult& result) {
  return !result.interrupted && options.shard.whole() && options.seeds.count() >= telling_runs;
}

Expectation expectation_of_promise(const Scenario& scenario, const protocol::Era& era) {
  const std::set<Anomaly> may_show = promise(scenario, era).may_show;
  if (may_show.contains(Anomaly::lost_write) || may_show.contains(Anomaly::unanswered_loss)) return Expectation::loss_ok;
  if (may_show.contains(Anomaly::duplicate)) return Expectation::dup_ok;
  if (may_show.contains(Anomaly::nonmonotonic_send)) return Expectation::reorder_ok;
  return Expectation::safe;
}

void add_row(LessonResult& result, const LessonOptions& options, std::string label, const ScenarioOfSeed& scenario_of,
             const OnResult& look) {
  const protocol::Era era = era_of(options);
  const auto judged_by_its_promise = [&](std::uint64_t seed) {
    Scenario scenario = scenario_of(seed);
    scenario.expect = expectation_of_promise(scenario, era);
    return scenario;
  };
  const Scenario any = scenario_of(options.seeds.first);
  LessonRow row;
  row.label = std::move(label);
  row.settings = any.producers.front().set;
  for (const auto& [key, value] : any.topics.front().set) row.settings[key] = value;
  const auto run_one = [&](std::uint64_t seed) {
    RunOptions one = run_options(options, seed);
    one.tell = options.world == WorldKind::tcp && look;  // it cannot be run again to be told
    return run(judged_by_its_promise(seed), one);
  };
  row.summary =
      sweep({options.seeds, options.jobs, options.quiet, any.name, options.interrupted}, run_one, [&](const RunResult& one) {
        if (look) look(one);
        if (options.on_result) options.on_result(one);
      });
  if (row.summary.runs < options.seeds.count()) result.interrupted = true;
  result.rows.push_back(std::move(row));
}

void tell(LessonResult& result, const LessonOptions& options, const Scenario& scenario, const RunResult& found, Anomaly anomaly) {
  RunOptions again = run_options(options, found.seed);
  again.world = WorldKind::sim;
  again.tell = true;
  const RunResult told = options.world == WorldKind::sim ? run(scenario, again) : found;
  const std::vector<Finding>& findings = told.verdict.findings;
  const auto finding =
      std::find_if(findings.begin(), findings.end(), [&](const Finding& each) { return each.anomaly == anomaly; });
  if (finding == findings.end()) return;
  result.told_record = fmt::format("{} of {} ({}, seed {}): {}", record_name(finding->record), to_string(finding->partition),
                                   scenario.name, told.seed, finding->detail);
  result.story = finding->story;
  result.story.push_back(counterfactual(scenario, again, anomaly));
}

void judge(LessonResult& result) {
  for (const LessonRow& row : result.rows) {
    for (const Judgement bad : {Judgement::violation, Judgement::vacuous}) {
      if (!row.summary.judgements.contains(bad)) continue;
      result.judgement = bad;
      result.reason = fmt::format("{}, seed {}: {}", row.label, row.summary.first_bad_seed, row.summary.first_bad_reason);
      return;
    }
  }
  result.judgement = Judgement::as_expected;
}

std::int64_t runs_with(const Summary& summary, Anomaly anomaly) {
  const auto found = summary.anomalies.find(anomaly);
  return found == summary.anomalies.end() ? 0 : found->second.runs;
}

std::string wrapped(std::string_view text, std::size_t indent) {
  std::string lines;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (column > indent && column + 1 + word.size() > page_width) {
      lines += "\n" + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      lines += ' ';
      ++column;
    }
    lines += word;
    column += word.size();
  }
  return lines + "\n";
}

std::string measured_by_sweep(const LessonOptions& options) {
  return fmt::format("{}, {}.", runs_in_words(options.seeds.count()),
                     options.world == WorldKind::sim ? "in the simulator: its times are virtual, to be compared with each other"
                                                     : "over loopback sockets, in this machine's time");
}

std::string page_text(const LessonPage& page, const LessonResult& result) {
  constexpr std::size_t margin = 10;  // as wide as "Expected  "
  std::string text = page.title + "\n" + std::string(page.title.size(), '=') + "\n\n";
  text += "Goal      " + wrapped(page.goal, margin);
  text += "Expected  " + wrapped("by the lesson: " + page.expected, margin);
  text += "Measured  " + wrapped(page.measured, margin);
  text += "\n" + page.table + "\n" + wrapped(page.legend);
  if (!result.told_record.empty()) {
    text += "\nOne record: " + result.told_record + "\n";
    for (const std::string& line : result.story) text += line + "\n";
  }
  if (!page.differences.empty()) text += "\nWhat differs from what the lesson expects, and why\n";
  for (const std::string& difference : page.differences) text += "- " + wrapped(difference, 2);
  if (result.interrupted) text += "\nInterrupted: the table holds what was known by then.\n";
  if (!result.reason.empty()) text += fmt::format("\n{}: {}\n", name(result.judgement), result.reason);
  return text;
}

}  // namespace acklab::lab

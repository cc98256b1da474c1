// acklab run: one scenario, under one seed or a sweep of them, judged against its promise.

#include <cstdio>
#include <memory>
#include <set>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "tools/commands/command.h"
#include "tools/commands/network.h"
#include "tools/commands/sweep_flags.h"
#include "tools/lab/capture_file.h"
#include "tools/lab/catalogue.h"
#include "tools/lab/counterfactual.h"
#include "tools/lab/json.h"
#include "tools/lab/promise.h"
#include "tools/lab/repeat.h"
#include "tools/lab/run.h"
#include "tools/lab/sweep.h"
#include "tools/lab/table.h"
#include "tools/lab/trace_file.h"

namespace acklab {
namespace {

struct Run {
  std::string scenario_name;
  SweepFlags sweep{"1"};
  std::string era;
  std::string lines;
  std::string world = "sim";
  std::string bootstrap;
  bool by_hand = false;
  std::vector<std::string> set;
  std::string trace;
  std::string pcap;
  bool check_determinism = false;
  bool promise = false;
  JsonOutput json;

  lab::Scenario load() const {
    auto scenario = lab::open_scenario(scenario_name, set);
    if (!scenario) throw BadInput(scenario.error());
    return *std::move(scenario);
  }

  // The command that runs one seed again, with all that changes a run.
  std::string replay(const lab::RunResult& result) const {
    std::string command = fmt::format("acklab run {} --seed {}", shell_word(scenario_name), result.seed);
    if (!bootstrap.empty()) command += " --bootstrap " + shell_word(bootstrap) + (by_hand ? " --by-hand" : "");
    if (world != "sim") command += " --world " + world;
    if (!era.empty()) command += " --era " + shell_word(era);
    for (const std::string& one : set) command += " --set " + shell_word(one);
    if (!lines.empty()) command += " --lines " + shell_word(lines);
    if (result.repeated) command += " --check-determinism";
    return command;
  }

  void print_promise(const lab::Scenario& scenario, const protocol::Era& rules) const {
    const lab::Promise promised = lab::promise(scenario, rules);
    std::printf("%s, era %s, promises:\n", scenario.name.c_str(), std::string(rules.from).c_str());
    print_unsafe(lab::unsafe_settings(scenario));
    for (const std::string& reason : promised.promised) std::printf("  %s\n", reason.c_str());
    std::printf("%s\n", promised.reasons.empty() ? "and so may show no anomaly." : "and may show:");
    for (const std::string& reason : promised.reasons) std::printf("  %s\n", reason.c_str());
  }

  // In which world, and under whose rules.
  static std::string where(const lab::RunResult& result) {
    if (result.era.empty()) return "a cluster that runs already";
    return (result.world == "sim" ? "era " : "over sockets, era ") + result.era;
  }

  static void print_unsafe(const std::string& settings) {
    if (!settings.empty()) std::printf("  UNSAFE ON PURPOSE: %s\n", settings.c_str());
  }

  static void print_run(const lab::RunResult& result, const std::vector<std::string>& endings) {
    const lab::RecordCounts& counts = result.verdict.records;
    std::printf("%s, seed %llu, %s: %s (expected %s)\n", result.scenario.c_str(), static_cast<unsigned long long>(result.seed),
                where(result).c_str(), std::string(name(result.judgement)).c_str(), std::string(name(result.expected)).c_str());
    print_unsafe(result.unsafe);
    if (!result.reason.empty()) std::printf("  %s\n", result.reason.c_str());
    lab::Table table({"sent", "acked", "unanswered", "failed", "unknown", "lost", "duplicated", "reordered"});
    table.row({lab::grouped(counts.sent), lab::grouped(counts.acked), lab::grouped(counts.unanswered),
               lab::grouped(counts.failed), lab::grouped(counts.unknown), lab::grouped(counts.lost),
               lab::grouped(counts.duplicated), lab::grouped(counts.reordered)});
    std::fputs(table.text("  ").c_str(), stdout);
    for (const lab::FaultCount& fault : result.verdict.faults)
      std::printf("  fault %s: fired %d of %d\n", fault.id.c_str(), fault.fired, fault.planned);
    std::size_t ending = 0;
    for (const lab::Finding& finding : result.verdict.findings) {
      if (finding.story.empty()) continue;
      std::printf("\n%s: %s of %s, %s\n", std::string(name(finding.anomaly)).c_str(), lab::record_name(finding.record).c_str(),
                  to_string(finding.partition).c_str(), finding.detail.c_str());
      for (const std::string& line : finding.story) std::printf("%s\n", line.c_str());
      if (ending < endings.size() && !endings[ending].empty()) std::printf("  %s\n", endings[ending].c_str());
      ++ending;
    }
    if (result.world == "sim") {
      std::printf("\ntrace hash %016llx%s, %s events, %s invariants checked, %.0f ms of virtual time in %.1f ms\n",
                  static_cast<unsigned long long>(result.verdict.trace_hash), result.repeated ? " (run twice and compared)" : "",
                  lab::grouped(static_cast<std::int64_t>(result.verdict.events)).c_str(),
                  lab::grouped(static_cast<std::int64_t>(result.verdict.invariants_checked)).c_str(),
                  protocol::in_milliseconds(result.verdict.virtual_time), result.verdict.wall_ms);
    }
  }

  void print_sweep(const lab::Scenario& scenario, const lab::Summary& summary, const lab::SweepOutcome& outcome,
                   const lab::RunResult& any) const {
    if (outcome.interrupted) {
      std::printf("interrupted after %s of %s seeds; so far:\n", lab::grouped(summary.runs).c_str(),
                  lab::grouped(sweep.seeds().count()).c_str());
      if (summary.runs == 0) return;
    }
    const std::string part = outcome.shard.whole() ? "" : fmt::format(", shard {}", outcome.shard.text());
    std::printf("%s%s, %lld seeds, %s: %s (expected %s)\n", scenario.name.c_str(), part.c_str(),
                static_cast<long long>(summary.runs), where(any).c_str(), std::string(name(outcome.judgement)).c_str(),
                std::string(name(any.expected)).c_str());
    print_unsafe(any.unsafe);
    if (!outcome.reason.empty()) std::printf("  %s\n", outcome.reason.c_str());
    lab::Table table({"sent", "acked", "unanswered", "failed", "unknown", "lost", "duplicated", "reordered"});
    const lab::RecordCounts& counts = summary.records;
    table.row({lab::grouped(counts.sent), lab::grouped(counts.acked), lab::grouped(counts.unanswered),
               lab::grouped(counts.failed), lab::grouped(counts.unknown), lab::grouped(counts.lost),
               lab::grouped(counts.duplicated), lab::grouped(counts.reordered)});
    std::fputs(table.text("  ").c_str(), stdout);
    if (summary.repeated > 0) std::printf("  %s of them run twice and compared\n", lab::grouped(summary.repeated).c_str());
    if (summary.anomalies.empty()) return;
    lab::Table found({"anomaly", "runs", "records", "first seed"});
    for (const auto& [anomaly, count] : summary.anomalies) {
      found.row({std::string(name(anomaly)), lab::grouped(count.runs), lab::grouped(count.records), std::to_string(count.seed)});
    }
    std::printf("\n%s", found.text("  ").c_str());
  }

  void take_bootstrap(lab::RunOptions& options) const {
    if (!era.empty()) throw BadInput("--era: the cluster at --bootstrap has the rules that it has; leave one of the two out");
    options.world = lab::WorldKind::tcp;
    options.bootstrap = parse_bootstrap(bootstrap);
    options.by_hand = by_hand;
  }

  void run() {
    const lab::Scenario scenario = load();
    const auto rules = era.empty() ? protocol::newest_era() : [this] {
      const auto chosen = protocol::era_of(era);
      if (!chosen) throw BadInput("--era: " + chosen.error());
      return *chosen;
    }();
    if (promise) return print_promise(scenario, rules);
    if (const auto honest = lab::check_expectation(scenario, rules); !honest)
      throw BadInput(scenario_name + ": " + honest.error());

    lab::RunOptions options;
    options.era = era;
    if (world == "tcp") options.world = lab::WorldKind::tcp;
    if (!bootstrap.empty()) take_bootstrap(options);
    const bool simulated = options.world == lab::WorldKind::sim;
    if (!simulated && check_determinism) {
      throw BadInput("--check-determinism: over sockets no two runs are alike; leave it out, or choose --world sim");
    }
    if (!simulated) sweep.take_real_time();
    sweep.begin();
    if (!lines.empty()) options.lines = read_lines(lines);
    const bool single = sweep.single();
    options.tell = single;
    json.begin();
    lab::TraceFile traced;
    if (!trace.empty()) {
      if (!single) throw BadInput("--trace: a trace is of one run; say which with --seed N");
      if (const auto opened = traced.open(trace); !opened) throw BadInput("--trace " + opened.error());
    }
    lab::CaptureFile captured;
    if (!pcap.empty()) {
      if (!single) throw BadInput("--pcap: a capture is of one run; say which with --seed N");
      if (const auto opened = captured.open(pcap); !opened) throw BadInput("--pcap " + opened.error());
    }
    // A single run is over before there is anything to say; Ctrl-C just ends it.
    const std::atomic<bool>* interrupted = single ? nullptr : &notice_interrupt();
    lab::RunResult last;
    const lab::Summary summary = lab::sweep(
        {sweep.seeds(), sweep.jobs(), sweep.quiet(), scenario.name, interrupted},
        [&](std::uint64_t seed) {
          lab::RunOptions one = options;
          one.seed = seed;
          if (!trace.empty()) one.listener = traced.listener();
          if (!pcap.empty()) one.tap = captured.tap();
          const bool twice = check_determinism || (simulated && !single && lab::repeated_in_a_sweep(seed));
          return twice ? lab::run_twice(scenario, one) : lab::run(scenario, one);
        },
        [&](const lab::RunResult& result) {
          if (json.wanted()) json.write(lab::run_json(result));
          sweep.report(result, replay(result));
          last = result;
        });

    if (!trace.empty()) {
      if (const auto closed = traced.close(); !closed) throw BadInput("--trace " + closed.error());
    }
    if (!pcap.empty()) {
      if (const auto closed = captured.close(); !closed) throw BadInput("--pcap " + closed.error());
    }
    lab::SweepOutcome outcome{last.judgement, last.reason, sweep.shard(), summary.runs < sweep.seeds().count()};
    if (!single) {
      const bool whole = outcome.shard.whole() && !outcome.interrupted;
      const lab::SweepJudgement judged = lab::judge(scenario, rules, summary, whole ? lab::Extent::whole : lab::Extent::part);
      outcome.judgement = judged.judgement;
      outcome.reason = judged.reason;
      if (json.wanted()) json.write(lab::summary_json(last, summary, outcome));
    }
    sweep.finish_report(scenario.name, outcome.judgement, outcome.reason, outcome.interrupted);
    if (!json.to_stdout()) {
      if (single) {
        options.seed = sweep.seeds().first;
        std::vector<std::string> endings;
        for (const lab::Finding& finding : last.verdict.findings) {
          if (!finding.story.empty()) endings.push_back(lab::counterfactual(scenario, options, finding.anomaly));
        }
        print_run(last, endings);
      } else {
        print_sweep(scenario, summary, outcome, last);
      }
    }
    if (outcome.interrupted) throw Exit{ExitCode::interrupted};
    if (outcome.judgement == lab::Judgement::violation) throw Exit{ExitCode::unexpected};
    if (outcome.judgement == lab::Judgement::vacuous) throw Exit{ExitCode::proves_nothing};
  }
};

}  // namespace

void add_run(CLI::App& program) {
  auto run = std::make_shared<Run>();
  CLI::App* command = program.add_subcommand("run", "a scenario, under one seed or many, judged against its promise");
  command->add_option("scenario", run->scenario_name, "a name from `acklab scenarios`, or a TOML file")->required();
  run->sweep.add_to(*command);
  command->add_option("--era", run->era, "rules and defaults of a Kafka version");
  command->add_option("--world", run->world, "sim: virtual time; tcp: the same cluster on loopback sockets, in real time")
      ->check(CLI::IsMember({"sim", "tcp"}))
      ->capture_default_str();
  command->add_option("--bootstrap", run->bootstrap, "the workload and the checker against a cluster that runs already")
      ->type_name("HOST:PORT");
  command->add_flag("--by-hand", run->by_hand, "with --bootstrap: you inject the faults of the scenario yourself");
  command->add_option("--set", run->set, "override a value of the scenario")->type_name("PATH=VALUE")->allow_extra_args(false);
  command->add_option("--lines", run->lines, "records from the lines of a text file")->type_name("FILE");
  command->add_option("--trace", run->trace, "write every event, a line each (protocol/runtime/events.md)")->type_name("FILE");
  command->add_option("--pcap", run->pcap, "write all traffic as a capture, for `acklab dissect` and Wireshark")
      ->type_name("FILE");
  command->add_flag("--check-determinism", run->check_determinism,
                    "run every seed twice and compare all events; a sweep does so with every 20th");
  command->add_flag("--promise", run->promise, "print what the configuration promises, and do not run");
  run->json.add_to(*command);
  command->get_option("--promise")->excludes("--json");
  command->get_option("--by-hand")->needs("--bootstrap");
  command->get_option("--bootstrap")->excludes("--world");
  command->callback([run] { run->run(); });
}

}  // namespace acklab

// acklab lesson: the experiments of the lesson, with tables.

#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "protocol/era.h"
#include "tools/commands/command.h"
#include "tools/commands/sweep_flags.h"
#include "tools/lab/json.h"
#include "tools/lab/lesson_acks.h"
#include "tools/lab/lesson_batching.h"
#include "tools/lab/lesson_idempotence.h"

namespace acklab {
namespace {

struct Experiment {
  std::string_view name;
  lab::LessonResult (*run)(const lab::LessonOptions&);
  std::string (*text)(const lab::LessonOptions&, const lab::LessonResult&);
};
constexpr Experiment experiments[] = {{"batching", lab::lesson_batching, lab::lesson_batching_text},
                                      {"acks", lab::lesson_acks, lab::lesson_acks_text},
                                      {"idempotence", lab::lesson_idempotence, lab::lesson_idempotence_text}};

struct Lesson {
  std::string experiment = "all";
  std::string world = "sim";
  SweepFlags sweep{"1..200"};
  std::int64_t records = lab::LessonOptions{}.records;
  std::string lines;
  std::string era;
  JsonOutput json;

  // The command that runs one seed again, in all rows.
  std::string replay(std::string_view name, std::uint64_t seed) const {
    std::string command = fmt::format("acklab lesson {} --seed {}", name, seed);
    if (world != "sim") command += " --world " + world;
    if (!era.empty()) command += " --era " + shell_word(era);
    if (!lines.empty()) command += " --lines " + shell_word(lines);
    return command;
  }

  lab::LessonOptions options() {
    lab::LessonOptions options;
    if (world == "tcp") {
      options.world = lab::WorldKind::tcp;
      sweep.take_real_time("1");
    }
    sweep.begin();
    options.seeds = sweep.seeds();
    options.shard = sweep.shard();
    options.jobs = sweep.jobs();
    options.quiet = sweep.quiet();
    options.records = records;
    options.era = era;
    if (!era.empty()) {
      if (const auto known = protocol::era_of(era); !known) throw BadInput("--era: " + known.error());
    }
    if (!lines.empty()) options.lines = read_lines(lines);
    return options;
  }

  void run() {
    lab::LessonOptions options = this->options();
    json.begin();
    options.interrupted = &notice_interrupt();
    lab::Judgement worst = lab::Judgement::as_expected;
    std::string reason;
    bool interrupted = false;
    std::string printed;
    for (const Experiment& one : experiments) {
      if (interrupted || (experiment != "all" && experiment != one.name)) continue;
      options.on_result = [&](const lab::RunResult& result) { sweep.report(result, replay(one.name, result.seed)); };
      const lab::LessonResult result = one.run(options);
      if (!json.to_stdout()) {
        if (!printed.empty()) std::fputs("\n\n", stdout);
        printed = one.text(options, result);
        std::fputs(printed.c_str(), stdout);
        std::fflush(stdout);
      }
      if (json.wanted()) json.write(lab::lesson_json(one.name, options, result));
      interrupted = result.interrupted;
      // A violation says more than a run that proves nothing.
      if (worst != lab::Judgement::violation && result.judgement != lab::Judgement::as_expected) {
        worst = result.judgement;
        reason = result.reason;
      }
    }
    sweep.finish_report("lesson-" + experiment, worst, reason, interrupted);
    if (interrupted) throw Exit{ExitCode::interrupted};
    if (worst == lab::Judgement::violation) throw Exit{ExitCode::unexpected};
    if (worst == lab::Judgement::vacuous) throw Exit{ExitCode::proves_nothing};
  }
};

}  // namespace

void add_lesson(CLI::App& program) {
  auto lesson = std::make_shared<Lesson>();
  CLI::App* command = program.add_subcommand("lesson", "the experiments of the lesson, with tables");
  command
      ->add_option("experiment", lesson->experiment,
                   "batching: what a record costs, always over real sockets; acks: what an acknowledgement is worth when the "
                   "leader stops; idempotence: what is written twice, or out of order; "
                   "all: one after the other")
      ->check(CLI::IsMember({"batching", "acks", "idempotence", "all"}))
      ->capture_default_str();
  command->add_option("--world", lesson->world, "sim: virtual time; tcp: the same cluster on loopback sockets, in real time")
      ->check(CLI::IsMember({"sim", "tcp"}))
      ->capture_default_str();
  lesson->sweep.add_to(*command);
  command->add_option("--records", lesson->records, "that the batching experiment sends for each row")
      ->check(CLI::Range(std::int64_t{1}, lab::max_records))
      ->capture_default_str();
  command->add_option("--era", lesson->era, "rules and defaults of a Kafka version");
  command->add_option("--lines", lesson->lines, "records from the lines of a text file")->type_name("FILE");
  lesson->json.add_to(*command);
  command->callback([lesson] { lesson->run(); });
}

}  // namespace acklab

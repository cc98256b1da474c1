// acklab lesson: the experiments of the lesson, with tables.

#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "protocol/era.h"
#include "tools/commands/command.h"
#include "tools/commands/sweep_flags.h"
#include "tools/lab/lesson_acks.h"

namespace acklab {
namespace {

struct Lesson {
  std::string experiment = "acks";
  std::string world = "sim";
  SweepFlags sweep{"1..200"};
  std::string lines;
  std::string era;
  JsonOutput json;

  // The command that runs one seed again, in all three modes.
  std::string replay(std::uint64_t seed) const {
    std::string command = fmt::format("acklab lesson {} --seed {}", experiment, seed);
    if (world != "sim") command += " --world " + world;
    if (!era.empty()) command += " --era " + shell_word(era);
    if (!lines.empty()) command += " --lines " + shell_word(lines);
    return command;
  }

  void run() {
    lab::LessonOptions options;
    if (world == "tcp") {
      options.world = lab::WorldKind::tcp;
      sweep.take_real_time("1..5");
    }
    sweep.begin();
    options.seeds = sweep.seeds();
    options.shard = sweep.shard();
    options.jobs = sweep.jobs();
    options.quiet = sweep.quiet();
    options.era = era;
    if (!era.empty()) {
      if (const auto known = protocol::era_of(era); !known) throw BadInput("--era: " + known.error());
    }
    if (!lines.empty()) options.lines = read_lines(lines);
    json.begin();
    options.interrupted = &notice_interrupt();
    options.on_result = [this](const lab::RunResult& one) { sweep.report(one, replay(one.seed)); };
    const lab::LessonResult result = lab::lesson_acks(options);
    sweep.finish_report("lesson-acks", result.judgement, result.reason, result.interrupted);
    if (!json.to_stdout()) std::fputs(lab::lesson_acks_text(options, result).c_str(), stdout);
    if (json.wanted()) json.write(lab::lesson_json("acks", world, result.rows, options.shard, result.interrupted));
    if (result.interrupted) throw Exit{ExitCode::interrupted};
    if (result.judgement == lab::Judgement::violation) throw Exit{ExitCode::unexpected};
    if (result.judgement == lab::Judgement::vacuous) throw Exit{ExitCode::proves_nothing};
  }
};

}  // namespace

void add_lesson(CLI::App& program) {
  auto lesson = std::make_shared<Lesson>();
  CLI::App* command = program.add_subcommand("lesson", "the experiments of the lesson, with tables");
  command->add_option("experiment", lesson->experiment, "acks: the three acks modes while the leader dies")
      ->check(CLI::IsMember({"acks"}))
      ->capture_default_str();
  command->add_option("--world", lesson->world, "sim: virtual time; tcp: the same cluster on loopback sockets, in real time")
      ->check(CLI::IsMember({"sim", "tcp"}))
      ->capture_default_str();
  lesson->sweep.add_to(*command);
  command->add_option("--era", lesson->era, "rules and defaults of a Kafka version");
  command->add_option("--lines", lesson->lines, "records from the lines of a text file")->type_name("FILE");
  lesson->json.add_to(*command);
  command->callback([lesson] { lesson->run(); });
}

}  // namespace acklab

// acklab lesson: the experiments of the lesson, with tables.

#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "protocol/era.h"
#include "tools/commands/command.h"
#include "tools/lab/lesson_acks.h"

namespace acklab {
namespace {

struct Lesson {
  std::string experiment = "acks";
  std::string seeds;  // empty: what suits the world
  std::string world = "sim";
  std::string lines;
  std::string era;
  int jobs = 0;
  bool quiet = false;
  JsonOutput json;

  void run() {
    lab::LessonOptions options;
    const bool tcp = world == "tcp";
    // In real time a run takes seconds, and worlds that share the machine would disturb each other.
    const auto range = lab::SeedRange::parse(!seeds.empty() ? seeds : tcp ? "1..5" : "1..200");
    if (!range) throw BadInput(range.error());
    options.seeds = *range;
    options.jobs = tcp && jobs == 0 ? 1 : jobs;
    options.world = tcp ? lab::WorldKind::tcp : lab::WorldKind::sim;
    options.quiet = quiet;
    options.era = era;
    if (!era.empty()) {
      if (const auto known = protocol::era_of(era); !known) throw BadInput("--era: " + known.error());
    }
    if (!lines.empty()) options.lines = read_lines(lines);
    json.begin();
    options.interrupted = &notice_interrupt();
    const lab::LessonResult result = lab::lesson_acks(options);
    if (!json.to_stdout()) std::fputs(lab::lesson_acks_text(options, result).c_str(), stdout);
    if (json.wanted()) json.write(lab::lesson_json("acks", world, result.rows, result.interrupted));
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
  command->add_option("--seeds,--seed", lesson->seeds, "seeds to run: A..B, or one (1..200; over tcp 1..5)");
  command->add_option("--world", lesson->world, "sim: virtual time; tcp: the same cluster on loopback sockets, in real time")
      ->check(CLI::IsMember({"sim", "tcp"}))
      ->capture_default_str();
  command->add_option("--jobs", lesson->jobs, "worlds at a time; 0: one for each core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command->add_option("--era", lesson->era, "rules and defaults of a Kafka version");
  command->add_option("--lines", lesson->lines, "records from the lines of a text file")->type_name("FILE");
  command->add_flag("--quiet", lesson->quiet, "no progress bar");
  lesson->json.add_to(*command);
  command->callback([lesson] { lesson->run(); });
}

}  // namespace acklab

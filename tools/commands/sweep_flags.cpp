#include "tools/commands/sweep_flags.h"

#include <algorithm>
#include <cctype>

#include <CLI/CLI.hpp>

#include "tools/commands/command.h"

namespace acklab {
namespace {

template <class T>
T or_bad_input(protocol::Result<T, std::string> result) {
  if (!result) throw BadInput(result.error());
  return *std::move(result);
}

}  // namespace

void SweepFlags::add_to(CLI::App& command) {
  command.add_option("--seeds,--seed", seeds_text_, "one seed, or a sweep A..B")->default_str(default_seeds_);
  command.add_option("--jobs", jobs_, "worlds at a time; 0: one for each core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command
      .add_option(
          "--shard", shard_text_,
          "this machine's part of the sweep: every N-th seed from the I-th on; what only a whole sweep owes is not asked of it")
      ->type_name("I/N");
  command
      .add_option("--junit", junit_path_,
                  "a JUnit report: a case for each seed, a failure for a violation, an error for a run that proves nothing")
      ->type_name("FILE");
  command.add_flag("--quiet", quiet_, "no progress bar");
}

void SweepFlags::take_real_time(const std::string& default_seeds) {
  if (!default_seeds.empty()) default_seeds_ = default_seeds;
  if (jobs_ == 0) jobs_ = 1;
}

void SweepFlags::begin() {
  range_ = or_bad_input(lab::SeedRange::parse(seeds_text_.value_or(default_seeds_)));
  if (shard_text_) {
    shard_ = or_bad_input(lab::Shard::parse(*shard_text_));
    range_ = or_bad_input(range_.part(shard_));
  }
  if (!junit_path_.empty()) write_file("--junit", junit_path_, "");
}

void SweepFlags::report(const lab::RunResult& result, const std::string& replay) {
  if (junit_path_.empty()) return;
  junit_.add(result, replay);
  a_seed_was_bad_ = a_seed_was_bad_ || result.judgement != lab::Judgement::as_expected;
}

void SweepFlags::finish_report(const std::string& scenario, lab::Judgement judgement, const std::string& reason,
                               bool interrupted) {
  if (junit_path_.empty()) return;
  if (interrupted) junit_.add_sweep(scenario, "interrupted: the seeds that follow were not run");
  if (judgement == lab::Judgement::vacuous && !a_seed_was_bad_) junit_.add_sweep(scenario, reason);
  write_file("--junit", junit_path_, junit_.text());
}

std::string shell_word(const std::string& word) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::strchr("-_./=:,+@%", c) != nullptr;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace acklab

// What all commands that run many seeds let a user say about it: which seeds, how many at a time, which part of them, and a report for CI.
#pragma once

#include <optional>
#include <string>

#include "tools/lab/junit.h"
#include "tools/lab/seed_range.h"
#include "tools/lab/sweep.h"

namespace CLI {
class App;
}

namespace acklab {

class SweepFlags {
 public:
  explicit SweepFlags(std::string default_seeds) : default_seeds_(std::move(default_seeds)) {}

  // Adds --seeds, --jobs, --shard, --junit and --quiet to a command.
  void add_to(CLI::App& command);

  // To be called before begin() for runs over sockets, which take seconds and share the machine's time: one at a time unless --jobs says
  // otherwise, and fewer seeds unless --seeds does.
  void take_real_time(const std::string& default_seeds = "");

  // Reads the flags, and empties the file of --junit: its path is checked before the work and not after it. Throws BadInput.
  void begin();

  // After begin():
  const lab::SeedRange& seeds() const { return range_; }  // of this machine
  const lab::Shard& shard() const { return shard_; }
  // One run, to be told by itself; a shard of one seed is a sweep.
  bool single() const { return range_.count() == 1 && shard_.whole(); }
  int jobs() const { return jobs_; }
  bool quiet() const { return quiet_; }

  // For the report; without --junit they do nothing. `replay`: the command that runs this seed again.
  void report(const lab::RunResult& result, const std::string& replay);
  // Writes the report. An interrupted sweep, and one that proves nothing although each of its seeds does, is not all green.
  void finish_report(const std::string& scenario, lab::Judgement judgement, const std::string& reason, bool interrupted);

 private:
  std::string default_seeds_;
  std::optional<std::string> seeds_text_;
  std::optional<std::string> shard_text_;
  lab::SeedRange range_;
  lab::Shard shard_;
  int jobs_ = 0;
  bool quiet_ = false;
  std::string junit_path_;
  lab::JunitReport junit_;
  bool a_seed_was_bad_ = false;
};

// A word of a command line as a shell reads it back.
std::string shell_word(const std::string& word);

}  // namespace acklab

// The lesson's second experiment: the same producer under acks=0, acks=1 and acks=all, while the leader dies in the middle of the send.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "tools/lab/json.h"
#include "tools/lab/sweep.h"

namespace acklab::lab {

struct LessonOptions {
  SeedRange seeds{1, 200};  // of this shard
  Shard shard;
  int jobs = 0;
  WorldKind world = WorldKind::sim;
  bool quiet = false;
  std::string era;
  std::vector<std::string> lines;                  // values of the records; empty: JSON orders
  const std::atomic<bool>* interrupted = nullptr;  // as in SweepOptions
  OnResult on_result;                              // hears of every run, mode after mode; may be empty
};

struct LessonResult {
  std::vector<LessonRow> rows;
  // One record that was acknowledged and lost, told; empty if there was none.
  std::string lost_record;
  std::vector<std::string> story;
  bool interrupted = false;  // the rows are what was known by then
  Judgement judgement{};     // acks=0 and acks=1 lost records, acks=all none
  std::string reason;
};

// The scenario of one acks mode; the moment of the leader's death is drawn from the seed.
Scenario acks_scenario(const std::string& acks, std::uint64_t seed);

LessonResult lesson_acks(const LessonOptions& options);

// Everything that a person reads: goal, expectation, table, the lost record, what it means.
std::string lesson_acks_text(const LessonOptions& options, const LessonResult& result);

}  // namespace acklab::lab

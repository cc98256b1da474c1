// The lesson's second experiment: what is an ack worth? The same producer under acks=0, 1 and all, with min.insync.replicas 1 and 2, while
// its leader stops in one way or another in the middle of the send.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tools/lab/lesson.h"

namespace acklab::lab {

// How the leader stops.
enum class LeaderStop {
  kill,                 // the process ends; what it wrote to its disk's cache stays
  controlled_shutdown,  // planned: it hands its leadership over, and ends
  power_loss,           // what it had not flushed is gone, too
  cut_off,              // nobody but the producer reaches it: it does not know that another leads
  cut_off_power_loss,   // its followers do not reach it; when it is the only replica in sync it loses power
};
std::span<const LeaderStop> leader_stops();
std::string_view name(LeaderStop stop);  // "kill", as it stands in names of scenarios

struct AcksCase {
  LeaderStop stop{};
  std::string acks;
  int min_insync_replicas = 1;
};

// One scenario of the experiment; the moment at which the leader stops is drawn from the seed.
Scenario acks_scenario(const AcksCase& one, std::uint64_t seed);

LessonResult lesson_acks(const LessonOptions& options);
std::string lesson_acks_text(const LessonOptions& options, const LessonResult& result);

}  // namespace acklab::lab

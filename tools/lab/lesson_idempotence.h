// The lesson's third experiment: lost answers and retries, with idempotence and without, with one request in flight and with five; the
// application that sends again by itself, which idempotence cannot help; and the lesson's requirements, each tried.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/era.h"
#include "tools/lab/lesson.h"

namespace acklab::lab {

// Why a record is sent again.
enum class Repetition {
  lost_answer,     // it was committed, and the connection broke instead of answering
  lost_in_commit,  // it was appended, and the connection broke before it was replicated
  refused,         // it was answered with an error that passes, before anything was appended
  sent_twice,      // nothing happened: the application sends every record twice
  after_time_out,  // the answer came too late, and the application sends again what it was not told of
};
std::span<const Repetition> repetitions();
std::string_view name(Repetition repetition);  // "lost-answer", as it stands in names of scenarios

struct IdempotenceCase {
  Repetition repetition{};
  bool idempotent = false;
  int in_flight = 1;
};

// One scenario of the experiment; which requests are struck is drawn from the seed.
Scenario idempotence_scenario(const IdempotenceCase& one, std::uint64_t seed);

LessonResult lesson_idempotence(const LessonOptions& options);
std::string lesson_idempotence_text(const LessonOptions& options, const LessonResult& result);

}  // namespace acklab::lab

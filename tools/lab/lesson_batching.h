// The lesson's first experiment: what batching, compression and the presets do to throughput, latency, bytes and processor time. It is
// measured over real sockets, since virtual time says nothing about processors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/lab/lesson.h"
#include "tools/lab/load.h"

namespace acklab::lab {

struct BatchingCase {
  std::string label;  // "batching, lz4"
  Settings settings;
  Sending sending = Sending::async;
};
// In the order of the table.
std::vector<BatchingCase> batching_cases();

// What the lesson expects of a codec.
struct CodecClaim {
  std::string_view codec;
  std::string_view saves;  // of the bytes
  std::string_view speed;
};
std::vector<CodecClaim> codec_claims();

LessonResult lesson_batching(const LessonOptions& options);
std::string lesson_batching_text(const LessonOptions& options, const LessonResult& result);

}  // namespace acklab::lab

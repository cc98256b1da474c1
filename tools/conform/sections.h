// The questions, a section each. The files are in questions/.
#pragma once

#include <span>
#include <vector>

#include "tools/conform/question.h"

namespace acklab::conform {

std::span<const Question> produce_requests();
std::span<const Question> produce_batches();
std::span<const Question> produce_storage();
std::span<const Question> message_sets();
std::span<const Question> idempotence();
std::span<const Question> fetch_reads();
std::span<const Question> fetch_waits();
std::span<const Question> fetch_sessions();
std::span<const Question> topic_ids();
std::span<const Question> list_offsets_questions();
std::span<const Question> api_versions();
std::span<const Question> connections();
std::span<const Question> old_reads();
std::span<const Question> recorded();

// In the order in which they are asked and printed.
std::vector<Section> sections();

}  // namespace acklab::conform

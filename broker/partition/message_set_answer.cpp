#include "broker/partition/message_set_answer.h"

#include <algorithm>

#include "broker/partition/delayed_fetch.h"
#include "protocol/records/down_convert.h"

namespace acklab::broker {

using protocol::FetchResponse;
using protocol::FirstBatch;

namespace {

constexpr std::int16_t first_fetch_with_timestamps = 2;  // magic 1 (KIP-32)

std::int8_t magic_of(std::int16_t fetch_version) { return fetch_version < first_fetch_with_timestamps ? 0 : 1; }

}  // namespace

// Messages take more room than the records that they were, so the limits are kept once more.
void answer_with_message_sets(PendingFetch& fetch) {
  const std::int16_t version = fetch.call.version();
  std::size_t given = 0;
  for (const PendingFetch::Question& question : fetch.questions) {
    FetchResponse::Partition& answer = fetch.response.topics[question.topic].partitions[question.partition];
    if (!answer.records || answer.records->empty()) continue;
    const bool whole = version >= first_fetch_with_a_whole_batch && given == 0;
    const std::size_t left = fetch.max_bytes - std::min(fetch.max_bytes, given);
    const auto set = down_convert(*answer.records, {.magic = magic_of(version),
                                                    .from = question.read.from,
                                                    .max_bytes = std::min(question.read.max_bytes, left),
                                                    .first = whole ? FirstBatch::whole : FirstBatch::may_be_cut});
    if (set) {
      answer.records = *set;
      given += set->size();
    } else {
      answer = without_records(answer.partition_index, set.error());
    }
  }
}

}  // namespace acklab::broker

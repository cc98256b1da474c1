// Fetch: batches from an offset on, for consumers up to the high watermark, for followers up to the log's end.
//
// Fetch sessions (KIP-227) are declined: every answer has session id 0, which is the whole of the minimal legal behaviour. A client
// that goes on with a session of its own imagination is told that it does not exist.
#include <algorithm>
#include <set>
#include <utility>

#include "broker/broker.h"
#include "broker/handlers/handlers.h"
#include "broker/partition/delayed_fetch.h"
#include "broker/partition/replica_manager.h"

namespace acklab::broker {

using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;

namespace {

std::size_t bytes(std::int32_t wire_count) { return static_cast<std::size_t>(std::max(wire_count, 0)); }

FetchResponse::Partition without_records(std::int32_t index, ErrorCode code) {
  FetchResponse::Partition answer;
  answer.partition_index = index;
  answer.error_code = code;
  answer.high_watermark = -1;
  return answer;
}

}  // namespace

void handle(Services& services, const Call& call, const FetchRequest& request) {
  if (request.session_epoch > 0) {
    FetchResponse response;
    response.error_code = ErrorCode::fetch_session_id_not_found;
    call.answer(response);
    return;
  }

  PendingFetch fetch;
  fetch.call = call;
  fetch.max_bytes = std::min(bytes(request.max_bytes), bytes(services.options.config.fetch_max_bytes));
  fetch.min_bytes = std::min(bytes(request.min_bytes), fetch.max_bytes);
  const Reader reader{.replica = {request.replica_id}, .follower_may_answer = request.replica_id < 0 && call.version() >= 11};
  for (const auto& topic : request.topics) {
    FetchResponse::Topic& answers = fetch.response.topics.emplace_back();
    answers.topic = topic.topic;
    for (const auto& asked : topic.partitions) {
      const auto partition = services.replicas.find(topic.topic, asked.partition);
      if (!partition) {
        answers.partitions.push_back(without_records(asked.partition, partition.error()));
        // A partition that exists elsewhere is worth an answer at once; one that exists nowhere does not cut the wait of others short.
        if (partition.error() != ErrorCode::unknown_topic_or_partition) fetch.min_bytes = 0;
        continue;
      }
      fetch.questions.push_back({.topic = fetch.response.topics.size() - 1,
                                 .partition = answers.partitions.size(),
                                 .key = (*partition)->key(),
                                 .read = {.reader = reader,
                                          .from = {asked.fetch_offset},
                                          .current_leader_epoch = {asked.current_leader_epoch},
                                          .last_fetched_epoch = {asked.last_fetched_epoch},
                                          .max_bytes = bytes(asked.partition_max_bytes)}});
      answers.partitions.push_back(without_records(asked.partition, ErrorCode::none));
    }
  }
  services.delayed_fetches.wait(std::move(fetch), std::chrono::milliseconds(request.max_wait_ms));
}

void refuse(Services&, const Call& call, const FetchRequest& request, ErrorCode code) {
  FetchResponse response;
  for (const auto& topic : request.topics) {
    FetchResponse::Topic& answers = response.topics.emplace_back();
    answers.topic = topic.topic;
    for (const auto& asked : topic.partitions) answers.partitions.push_back(without_records(asked.partition, code));
  }
  call.answer(response);
}

}  // namespace acklab::broker

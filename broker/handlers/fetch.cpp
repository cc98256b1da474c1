// Fetch: batches from an offset on, for consumers up to the high watermark or the last stable offset, for followers up to the log's
// end. Which partitions a request is about is its session's business (partition/fetch_session.h).
#include <algorithm>
#include <utility>

#include "broker/broker.h"
#include "broker/controller/controller_link.h"
#include "broker/handlers/handlers.h"
#include "broker/partition/delayed_fetch.h"
#include "broker/partition/replica_manager.h"

namespace acklab::broker {

using protocol::ErrorCode;
using protocol::failure;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::Result;

namespace {

constexpr int first_version_from_followers = 11;  // KIP-392
constexpr int first_version_with_zstd = 10;       // KIP-110

std::size_t bytes(std::int32_t wire_count) { return static_cast<std::size_t>(std::max(wire_count, 0)); }

// Partitions of one topic that follow one another stand together, as in the request.
FetchResponse::Topic& topic_of(FetchResponse& response, const FetchSessions::Asked& asked) {
  const auto is_last = [&](const FetchResponse::Topic& topic) {
    return topic.topic == asked.name.topic && topic.topic_id == asked.topic_id;
  };
  if (response.topics.empty() || !is_last(response.topics.back())) {
    response.topics.push_back({.topic = asked.name.topic, .topic_id = asked.topic_id, .partitions = {}});
  }
  return response.topics.back();
}

// A name can be found for an id that is not the topic's any more: the session remembers it.
Result<Partition*> find(Services& services, const Call& call, const FetchSessions::Asked& asked) {
  const bool by_id = call.version() > FetchRequest::last_version_by_name;
  if (by_id && asked.name.topic.empty()) return failure(ErrorCode::unknown_topic_id);
  const TopicState* const topic = services.controller.image().find_topic(asked.name.topic);
  if (by_id && topic && topic->id != asked.topic_id) return failure(ErrorCode::inconsistent_topic_id);
  return services.replicas.find(asked.name.topic, asked.name.partition);
}

// A partition that exists elsewhere is worth an answer at once; one that exists nowhere does not cut the wait of others short.
bool exists(ErrorCode code) { return code != ErrorCode::unknown_topic_or_partition && code != ErrorCode::unknown_topic_id; }

FetchSessions::Context begin(Services& services, const Call& call, const FetchRequest& request) {
  const FetchSessions::TopicNames& names = services.controller.image().topic_names;
  return services.fetch_sessions.begin(request, call.version(), names, services.runtime.now());
}

// It is not known, then, which partitions were meant.
void refuse_session(const Call& call, ErrorCode code) {
  FetchResponse response;
  response.error_code = code;
  call.answer(response);
}

}  // namespace

void handle(Services& services, const Call& call, const FetchRequest& request) {
  PendingFetch fetch;
  fetch.call = call;
  fetch.session = begin(services, call, request);
  if (fetch.session.code != ErrorCode::none) return refuse_session(call, fetch.session.code);

  fetch.max_bytes = std::min(bytes(request.max_bytes), bytes(services.options.config.fetch_max_bytes));
  fetch.min_bytes = std::min(bytes(request.min_bytes), fetch.max_bytes);
  const bool follower_may_answer = request.replica() < 0 && call.version() >= first_version_from_followers;
  const Reader reader{.replica = {request.replica()},
                      .incarnation = {request.replica_state ? request.replica_state->replica_epoch : -1},
                      .follower_may_answer = follower_may_answer,
                      .isolation = static_cast<Isolation>(request.isolation_level)};
  for (const FetchSessions::Asked& asked : fetch.session.asked) {
    FetchResponse::Topic& answers = topic_of(fetch.response, asked);
    const auto partition = find(services, call, asked);
    const std::int32_t index = asked.name.partition;
    if (!partition) {
      answers.partitions.push_back(without_records(index, partition.error()));
      if (exists(partition.error())) fetch.min_bytes = 0;
      continue;
    }
    if (call.version() < first_version_with_zstd && (*partition)->config().compression == protocol::Codec::zstd) {
      answers.partitions.push_back(without_records(index, ErrorCode::unsupported_compression_type));
      fetch.min_bytes = 0;
      continue;
    }
    fetch.questions.push_back({.topic = fetch.response.topics.size() - 1,
                               .partition = answers.partitions.size(),
                               .key = (*partition)->key(),
                               .read = {.reader = reader,
                                        .from = {asked.how.fetch_offset},
                                        .log_start = {asked.how.log_start_offset},
                                        .current_leader_epoch = {asked.how.current_leader_epoch},
                                        .last_fetched_epoch = {asked.how.last_fetched_epoch},
                                        .max_bytes = bytes(asked.how.partition_max_bytes)}});
    answers.partitions.push_back(without_records(index, ErrorCode::none));
  }
  services.delayed_fetches.wait(std::move(fetch), std::chrono::milliseconds(request.max_wait_ms));
}

void refuse(Services& services, const Call& call, const FetchRequest& request, ErrorCode code) {
  const auto session = begin(services, call, request);
  if (session.code != ErrorCode::none) return refuse_session(call, session.code);
  FetchResponse response;
  for (const auto& asked : session.asked) {
    topic_of(response, asked).partitions.push_back(without_records(asked.name.partition, code));
  }
  services.fetch_sessions.complete(session, response, services.runtime.now());
  call.answer(response);
}

}  // namespace acklab::broker

#include "tools/conform/fetch_call.h"

namespace acklab::conform {

using protocol::FetchRequest;
using protocol::FetchResponse;

FetchRequest fetch_request(const std::vector<Wanted>& wanted, const FetchCall& call) {
  FetchRequest request;
  request.max_wait_ms = call.max_wait_ms;
  request.min_bytes = call.min_bytes;
  request.max_bytes = call.max_bytes;
  request.isolation_level = call.isolation_level;
  request.session_id = call.session_id;
  request.session_epoch = call.session_epoch;
  for (const Wanted& one : wanted) {
    if (request.topics.empty() || request.topics.back().topic != one.place.topic) {
      request.topics.push_back({.topic = one.place.topic, .topic_id = one.place.topic_id, .partitions = {}});
    }
    request.topics.back().partitions.push_back({.partition = one.place.partition,
                                                .current_leader_epoch = call.current_leader_epoch,
                                                .fetch_offset = one.offset,
                                                .last_fetched_epoch = call.last_fetched_epoch,
                                                .partition_max_bytes = call.partition_max_bytes});
  }
  return request;
}

Answer<FetchResponse> fetch(const Witness& witness, const protocol::Address& broker, const std::vector<Wanted>& wanted,
                            const FetchCall& call) {
  const std::int16_t version = witness.version<FetchRequest>(call.versions);
  return witness.ask<FetchResponse>(broker, fetch_request(wanted, call), version);
}

Answer<Fetched> fetch(const Witness& witness, const Wanted& wanted, const FetchCall& call) {
  return only_partition(fetch(witness, wanted.place.broker, {wanted}, call));
}

Answer<Fetched> only_partition(const Answer<FetchResponse>& answer) {
  if (!answer) return protocol::failure(answer.error());
  if (answer->error_code != protocol::ErrorCode::none)
    return protocol::failure(code(answer->error_code) + " of the whole request");
  if (answer->topics.size() != 1 || answer->topics[0].partitions.size() != 1) {
    return protocol::failure(std::string("an answer about something else"));
  }
  return answer->topics[0].partitions[0];
}

Batches batches_in(const Fetched& fetched) {
  if (!fetched.records) return {};
  auto batches = protocol::split_batches(*fetched.records);
  if (!batches) throw Unexpected{"unreadable batches: " + batches.error().message()};
  return *std::move(batches);
}

Batches stored(const Witness& witness, const Place& place, const FetchCall& call) {
  return batches_in(accepted("Fetch", fetch(witness, {place, 0}, call)));
}

protocol::RecordBatch stored_batch(const Witness& witness, const Place& place) {
  Batches batches = stored(witness, place);
  if (batches.size() != 1) throw Unexpected{fmt::format("{} batches in the log", batches.size())};
  return std::move(batches.front());
}

}  // namespace acklab::conform

#include "tools/conform/list_offsets_call.h"

namespace acklab::conform {

using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;

namespace {

constexpr std::int32_t no_replica = -1;

}  // namespace

Answer<ListOffsetsResponse> list_offsets(const Witness& witness, const std::vector<Place>& places, std::int64_t timestamp,
                                         const ListOffsetsCall& call) {
  ListOffsetsRequest request;
  request.replica_id = no_replica;
  request.isolation_level = call.isolation_level;
  auto& topic = request.topics.emplace_back();
  topic.name = places.front().topic;
  for (const Place& place : places) {
    topic.partitions.push_back({.partition_index = place.partition,
                                .current_leader_epoch = call.current_leader_epoch,
                                .timestamp = timestamp,
                                .max_num_offsets = call.most});
  }
  const std::int16_t version = witness.version<ListOffsetsRequest>(call.versions);
  return witness.ask<ListOffsetsResponse>(places.front().broker, request, version);
}

Answer<Listed> list_offsets(const Witness& witness, const Place& place, std::int64_t timestamp, const ListOffsetsCall& call) {
  const auto answer = list_offsets(witness, std::vector{place}, timestamp, call);
  if (!answer) return protocol::failure(answer.error());
  if (answer->topics.size() != 1 || answer->topics[0].partitions.size() != 1) {
    return protocol::failure(std::string("an answer about something else"));
  }
  return answer->topics[0].partitions[0];
}

}  // namespace acklab::conform

// One question of ListOffsets for one partition.
#pragma once

#include <cstdint>

#include "protocol/messages/list_offsets.h"
#include "tools/conform/witness.h"

namespace acklab::conform {

// What a timestamp below zero names.
inline constexpr std::int64_t latest = -1, earliest = -2, largest_timestamp = -3, earliest_local = -4, latest_tiered = -5;

struct ListOffsetsCall {
  Versions versions{1};
  std::int8_t isolation_level = 0;
  std::int32_t current_leader_epoch = -1;
  std::int32_t most = 1;  // offsets, of version 0
};

using Listed = protocol::ListOffsetsResponse::Partition;
Answer<Listed> list_offsets(const Witness& witness, const Place& place, std::int64_t timestamp, const ListOffsetsCall& call = {});
// Several partitions of one topic, as they come.
Answer<protocol::ListOffsetsResponse> list_offsets(const Witness& witness, const std::vector<Place>& places,
                                                   std::int64_t timestamp, const ListOffsetsCall& call = {});

}  // namespace acklab::conform

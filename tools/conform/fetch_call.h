// One Fetch, as questions put it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/messages/fetch.h"
#include "protocol/records/record_batch.h"
#include "tools/conform/witness.h"

namespace acklab::conform {

struct FetchCall {
  Versions versions{4, 12};  // by topic name, and with record batches
  std::int32_t max_wait_ms = 0;
  std::int32_t min_bytes = 1;
  std::int32_t max_bytes = 50 << 20;
  std::int32_t partition_max_bytes = 1 << 20;
  std::int8_t isolation_level = 0;
  std::int32_t session_id = 0;
  std::int32_t session_epoch = -1;  // no session
  std::int32_t current_leader_epoch = -1;
  std::int32_t last_fetched_epoch = -1;
};

// Where to read from.
struct Wanted {
  Place place;
  std::int64_t offset = 0;
};

protocol::FetchRequest fetch_request(const std::vector<Wanted>& wanted, const FetchCall& call);

// On a connection of its own.
Answer<protocol::FetchResponse> fetch(const Witness& witness, const protocol::Address& broker, const std::vector<Wanted>& wanted,
                                      const FetchCall& call = {});

using Fetched = protocol::FetchResponse::Partition;
// The answer for the only partition.
Answer<Fetched> fetch(const Witness& witness, const Wanted& wanted, const FetchCall& call = {});
Answer<Fetched> only_partition(const Answer<protocol::FetchResponse>& answer);

using Batches = std::vector<protocol::RecordBatch>;
Batches batches_in(const Fetched& fetched);  // throws Unexpected if they cannot be read
// All that can be read of the partition from its first offset on; throws Unexpected.
Batches stored(const Witness& witness, const Place& place, const FetchCall& call = {});
// The only batch in the partition; throws Unexpected.
protocol::RecordBatch stored_batch(const Witness& witness, const Place& place);

}  // namespace acklab::conform

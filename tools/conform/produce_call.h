// One Produce, as questions put it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/messages/produce.h"
#include "tools/conform/draft.h"
#include "tools/conform/witness.h"

namespace acklab::conform {

struct ProduceCall {
  Versions versions{3, 12};  // by topic name, and with record batches
  std::int16_t acks = -1;
  std::int32_t timeout_ms = 5000;
  std::string client_id{own_client_id};
  protocol::Nullable<std::string> transactional_id{};
};

// What is sent to one partition.
struct Sent {
  Place place;
  protocol::Nullable<protocol::Slice> records;
};

protocol::ProduceRequest produce_request(const std::vector<Sent>& sent, const ProduceCall& call);

// To the broker of the first partition, on a connection of its own.
Answer<protocol::ProduceResponse> produce(const Witness& witness, const std::vector<Sent>& sent, const ProduceCall& call = {});

using Produced = protocol::ProduceResponse::Partition;
Answer<Produced> only_partition(const Answer<protocol::ProduceResponse>& answer);
// The answer for the only partition.
Answer<Produced> produce(const Witness& witness, const Place& place, const protocol::Nullable<protocol::Slice>& records,
                         const ProduceCall& call = {});
Answer<Produced> produce(const Witness& witness, const Place& place, const Draft& batch, const ProduceCall& call = {});

// Sound batches, to have something in the log; throws Unexpected if they are not taken.
void fill(const Witness& witness, const Place& place, const std::vector<Draft>& batches);

}  // namespace acklab::conform

#include "tools/conform/produce_call.h"

namespace acklab::conform {

using protocol::ProduceRequest;
using protocol::ProduceResponse;

ProduceRequest produce_request(const std::vector<Sent>& sent, const ProduceCall& call) {
  ProduceRequest request;
  request.transactional_id = call.transactional_id;
  request.acks = call.acks;
  request.timeout_ms = call.timeout_ms;
  for (const Sent& one : sent) {
    if (request.topics.empty() || request.topics.back().name != one.place.topic) {
      request.topics.push_back({.name = one.place.topic, .topic_id = one.place.topic_id, .partitions = {}});
    }
    request.topics.back().partitions.push_back({one.place.partition, one.records});
  }
  return request;
}

Answer<ProduceResponse> produce(const Witness& witness, const std::vector<Sent>& sent, const ProduceCall& call) {
  const std::int16_t version = witness.version<ProduceRequest>(call.versions);
  return witness.ask<ProduceResponse>(sent.front().place.broker, produce_request(sent, call), version, call.client_id);
}

Answer<Produced> produce(const Witness& witness, const Place& place, const protocol::Nullable<protocol::Slice>& records,
                         const ProduceCall& call) {
  return only_partition(produce(witness, {{place, records}}, call));
}

Answer<Produced> only_partition(const Answer<ProduceResponse>& answer) {
  if (!answer) return protocol::failure(answer.error());
  if (answer->topics.size() != 1 || answer->topics[0].partitions.size() != 1) {
    return protocol::failure(std::string("an answer about something else"));
  }
  return answer->topics[0].partitions[0];
}

Answer<Produced> produce(const Witness& witness, const Place& place, const Draft& batch, const ProduceCall& call) {
  return produce(witness, place, protocol::Nullable<protocol::Slice>(batch.bytes()), call);
}

void fill(const Witness& witness, const Place& place, const std::vector<Draft>& batches) {
  for (const Draft& batch : batches) accepted("Produce of a sound batch", produce(witness, place, batch));
}

}  // namespace acklab::conform

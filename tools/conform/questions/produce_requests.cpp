// What a Produce request says as a whole: who may write what where, and how acks decide what comes back (semantics of the Produce API).
#include <algorithm>

#include "protocol/messages/api_versions.h"
#include "tools/conform/fetch_call.h"
#include "tools/conform/list_offsets_call.h"
#include "tools/conform/produce_call.h"
#include "tools/conform/sections.h"

namespace acklab::conform {

using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::MetadataResponse;
using protocol::ProduceRequest;

namespace {

constexpr std::int16_t transactional_bit = 0x10;
constexpr std::int32_t no_such_partition = 1000;

Draft transactional(std::int64_t producer_id) {
  Draft batch = from_producer(draft(), producer_id, 0, 0);
  batch.header.attributes |= transactional_bit;
  return batch;
}

Place elsewhere(const Place& place, std::int32_t partition) {
  Place other = place;
  other.partition = partition;
  return other;
}
Place unknown_topic(Witness& witness) {
  Place other = witness.untouched();
  other.topic = witness.new_name();
  return other;
}

// The codes of all partitions, in the order of the answer.
std::string codes(const Answer<protocol::ProduceResponse>& answer) {
  if (!answer) return answer.error();
  std::string all;
  for (const auto& topic : answer->topics) {
    for (const auto& partition : topic.partitions) all += (all.empty() ? "" : ", ") + code(partition.error_code);
  }
  return all;
}

// What becomes of the connection on which a Produce with acks=0 was sent, asked by a request behind it.
std::string after_unanswered(const Witness& witness, const Sent& sent) {
  const std::int16_t version = witness.version<ProduceRequest>({3, 12});
  Wire wire = witness.connect(sent.place.broker);
  wire.send(protocol::request_frame(produce_request({sent}, {.acks = 0}), version, 1, own_client_id).flatten().text());
  wire.send(protocol::request_frame(ApiVersionsRequest{}, 0, 2, own_client_id).flatten().text());
  const auto next = receive<ApiVersionsResponse>(wire, 0, 2);
  return next ? "the next answer is that of the next request" : next.error();
}

const Question questions[] = {
    {"produce.appends", "A sound batch is appended, and the answer has the offset of its first record.",
     "protocol guide, Produce", "NONE, offsets 0 and 2",
     [](Witness& witness) {
       const Place place = witness.place();
       const auto first = accepted("Produce", produce(witness, place, draft(2)));
       const auto second = produce(witness, place, draft(1));
       if (!second) return second.error();
       return fmt::format("{}, offsets {} and {}", code(second), first.base_offset, second->base_offset);
     }},
    {"produce.log-start-offset", "Since version 5 the answer has the log start offset.", "KIP-107", "0",
     [](Witness& witness) {
       const auto answer = accepted("Produce", produce(witness, witness.place(), draft(), {.versions = {5, 12}}));
       return std::to_string(answer.log_start_offset);
     }},
    {"produce.create-time", "A topic with CreateTime is answered LogAppendTimeMs -1.", "KIP-32", "-1",
     [](Witness& witness) {
       const auto answer = accepted("Produce", produce(witness, witness.place(), draft()));
       return std::to_string(answer.log_append_time_ms);
     }},
    {"produce.transactional-without-id", "Transactional records need a TransactionalId.", "KIP-98",
     "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
     [](Witness& witness) { return code(produce(witness, witness.untouched(), transactional(1))); }},
    {"produce.two-transactional-producers", "The transactional batches of one request are of one producer.", "KIP-98",
     "INVALID_PRODUCER_ID_MAPPING, INVALID_PRODUCER_ID_MAPPING",
     [](Witness& witness) {
       const auto places = witness.pair();
       return codes(produce(witness, {{places[0], transactional(1).bytes()}, {places[1], transactional(2).bytes()}},
                            {.transactional_id = witness.new_name()}));
     }},
    {"produce.unknown-topic", "A topic that does not exist is not written to.", "protocol guide, error codes",
     "UNKNOWN_TOPIC_OR_PARTITION", [](Witness& witness) { return code(produce(witness, unknown_topic(witness), draft())); }},
    {"produce.unknown-partition", "A partition that does not exist is not written to.", "protocol guide, error codes",
     "UNKNOWN_TOPIC_OR_PARTITION",
     [](Witness& witness) { return code(produce(witness, elsewhere(witness.untouched(), no_such_partition), draft())); }},
    {"produce.partitions-fail-alone", "Each partition of a request succeeds or fails by itself.", "protocol guide, Produce",
     "NONE, UNKNOWN_TOPIC_OR_PARTITION",
     [](Witness& witness) {
       const Place place = witness.place();
       const auto answer =
           produce(witness, {{place, draft().bytes()}, {elsewhere(place, no_such_partition), draft().bytes()}}, {.acks = 1});
       return codes(answer);
     }},
    {"produce.null-records", "Each partition of a request has a record batch.", "KIP-98", "INVALID_RECORD",
     [](Witness& witness) { return code(produce(witness, witness.untouched(), std::nullopt)); }, "connection closed"},
    {"produce.no-records", "Records of zero bytes are no record batch.", "KIP-98", "INVALID_RECORD",
     [](Witness& witness) { return code(produce(witness, witness.untouched(), protocol::Slice{})); }, "connection closed"},
    {"produce.two-batches", "From version 3 on a partition is sent exactly one record batch.", "KIP-98", "INVALID_RECORD",
     [](Witness& witness) {
       const protocol::Slice one = draft().bytes();
       return code(produce(witness, witness.untouched(), joined({one, one})));
     }},
    {"produce.old-magic", "From version 3 on a record batch has magic 2.", "KIP-98", "INVALID_RECORD",
     [](Witness& witness) {
       Draft batch = draft();
       batch.header.magic = 1;
       return code(produce(witness, witness.untouched(), batch));
     }},
    {"produce.zstd-too-early", "Before version 7 no batch is compressed with zstd.", "KIP-110", "UNSUPPORTED_COMPRESSION_TYPE",
     [](Witness& witness) {
       return code(produce(witness, witness.untouched(), draft(3, protocol::Codec::zstd), {.versions = {3, 6}}));
     }},
    {"produce.zstd", "From version 7 on a batch may be compressed with zstd.", "KIP-110", "NONE",
     [](Witness& witness) {
       return code(produce(witness, witness.place(), draft(3, protocol::Codec::zstd), {.versions = {7, 12}}));
     }},
    {"produce.unknown-acks", "Acks are 0, 1 or -1; others are refused for every partition.", "protocol guide, Produce",
     "INVALID_REQUIRED_ACKS", [](Witness& witness) { return code(produce(witness, witness.untouched(), draft(), {.acks = 2})); }},
    {"produce.internal-topic", "Clients do not write to internal topics.", "protocol guide, error codes",
     "INVALID_TOPIC_EXCEPTION",
     [](Witness& witness) {
       Place place = witness.untouched();
       place.topic = "__consumer_offsets";
       place.partition = 0;
       for (const auto& broker : witness.metadata().brokers) {
         place.broker = {broker.host, static_cast<std::uint16_t>(broker.port)};
         const std::string answered = code(produce(witness, place, draft()));
         if (answered == "UNKNOWN_TOPIC_OR_PARTITION") throw NotAsked{"the cluster has no __consumer_offsets yet"};
         if (answered != "NOT_LEADER_OR_FOLLOWER") return answered;
       }
       return std::string("NOT_LEADER_OR_FOLLOWER");
     }},
    {"produce.min-isr-capped", "What acks=all demands is min.insync.replicas, but never more than there are replicas.",
     "KIP-966; topic setting min.insync.replicas", "NONE",
     [](Witness& witness) {
       return code(produce(witness, witness.place({{"min.insync.replicas", "2"}}), draft()));
     },
     "NOT_ENOUGH_REPLICAS"},
    {"produce.not-the-leader", "Only the leader of a partition takes records.", "protocol guide, error codes",
     "NOT_LEADER_OR_FOLLOWER",
     [](Witness& witness) {
       Place place = witness.untouched();
       place.broker = witness.other_broker(place);
       return code(produce(witness, place, draft()));
     }},
    {"produce.names-the-leader", "From version 10 on who asks another is told the leader.", "KIP-951", "the leader and its epoch",
     [](Witness& witness) {
       Place place = witness.untouched();
       place.broker = witness.other_broker(place);
       const auto answer = sound("Produce", produce(witness, place, draft(), {.versions = {10, 12}}));
       if (!answer.current_leader) return std::string("no leader");
       const auto& told = *answer.current_leader;
       if (told.leader_id == place.leader && told.leader_epoch == place.leader_epoch)
         return std::string("the leader and its epoch");
       return fmt::format("leader {} of epoch {}, not {} of {}", told.leader_id, told.leader_epoch, place.leader,
                          place.leader_epoch);
     }},
    {"produce.timeout-of-one-ack", "TimeoutMs is for replication only; acks=1 waits for none.", "protocol guide, Produce", "NONE",
     [](Witness& witness) { return code(produce(witness, witness.place(), draft(), {.acks = 1, .timeout_ms = 0})); }},
    {"produce.acks-0", "With acks=0 there is no answer; the next answer is that of the next request.", "protocol guide, Produce",
     "the next answer is that of the next request",
     [](Witness& witness) {
       return after_unanswered(witness, {witness.place(), draft().bytes()});
     }},
    {"produce.acks-0-appends", "With acks=0 the records are appended all the same.", "protocol guide, Produce", "1 batch",
     [](Witness& witness) {
       const Place place = witness.place();
       after_unanswered(witness, {place, draft().bytes()});  // has been served when what is behind it was answered
       return fmt::format("{} batch", stored(witness, place).size());
     }},
    {"produce.acks-0-refused", "An error that acks=0 leaves no answer for closes the connection.", "protocol guide, Produce",
     "connection closed",
     [](Witness& witness) {
       return after_unanswered(witness, {unknown_topic(witness), draft().bytes()});
     }},
    {"acks-all.replicated", "acks=all is answered when the high watermark is behind the batch.", "protocol guide, Produce",
     "high watermark 3",
     [](Witness& witness) {
       const Place place = witness.place();
       accepted("Produce", produce(witness, place, draft(3)));
       return fmt::format("high watermark {}", accepted("Fetch", fetch(witness, {place, 0})).high_watermark);
     }},
    {"acks-all.others-waited-for", "A partition that fails at once does not spoil the wait of the others.",
     "protocol guide, Produce", "NONE, UNKNOWN_TOPIC_OR_PARTITION",
     [](Witness& witness) {
       const Place place = witness.place();
       return codes(produce(witness, {{place, draft().bytes()}, {elsewhere(place, no_such_partition), draft().bytes()}}));
     }},
    {"acks-all.replicas", "acks=all is answered when all replicas in sync have the batch.", "protocol guide, Produce",
     "NONE, high watermark 2",
     [](Witness& witness) {
       const std::size_t brokers = witness.metadata().brokers.size();
       if (brokers < 2) throw NotAsked{"the cluster has only one broker"};
       const Place place = witness.topic({.partitions = 1, .replicas = 2}).front();
       const auto answer = produce(witness, place, draft(2));
       return fmt::format("{}, high watermark {}", code(answer), accepted("Fetch", fetch(witness, {place, 0})).high_watermark);
     }},
};

}  // namespace

std::span<const Question> produce_requests() { return questions; }

}  // namespace acklab::conform

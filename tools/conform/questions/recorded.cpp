// What no document says: how a real broker answered where the rules are silent or where one would expect something else. Recorded from
// Kafka 2.4; where newer ones are known to differ the question has the newer answer, and the older one is right as well.
#include "protocol/messages/create_topics.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "tools/conform/fetch_call.h"
#include "tools/conform/list_offsets_call.h"
#include "tools/conform/produce_call.h"
#include "tools/conform/sections.h"

namespace acklab::conform {

using protocol::Codec;
using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using protocol::Slice;

namespace {

constexpr std::string_view source = "recorded from Kafka 2.4";
constexpr std::int16_t unknown_codec = 7;
constexpr std::string_view illegal_name = "no/such/topic";

// The offsets of the records that are in the log.
std::string offsets_in(const Witness& witness, const Place& place) {
  const auto records = protocol::read_records(stored_batch(witness, place));
  if (!records) return "unreadable records";
  std::string offsets = "offsets";
  for (const auto& record : *records) offsets += fmt::format(" {}", record.offset.value);
  return offsets;
}
std::string offsets_after(Witness& witness, const Draft& batch) {
  const Place place = witness.place();
  const auto answer = produce(witness, place, batch);
  if (code(answer) != "NONE") return code(answer);
  return offsets_in(witness, place);
}

std::string metadata_code(const Witness& witness, std::string_view topic, bool create) {
  MetadataRequest request;
  request.topics->emplace_back().name = std::string(topic);
  request.allow_auto_topic_creation = create;
  const auto answer =
      sound("Metadata", witness.ask<MetadataResponse>(witness.bootstrap(), request, witness.version<MetadataRequest>({4})));
  return answer.topics.size() == 1 ? code(answer.topics[0].error_code) : fmt::format("{} topics", answer.topics.size());
}

std::string config_code(const Witness& witness, const std::string& topic, const std::string& setting, const std::string& value) {
  constexpr std::int8_t of_topic = 2;  // Kafka's ConfigResource.Type
  constexpr std::int8_t set = 0;       // Kafka's AlterConfigOp.OpType
  IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = of_topic;
  resource.resource_name = topic;
  resource.configs.push_back({setting, set, value});
  const auto answer =
      sound("IncrementalAlterConfigs", witness.ask<IncrementalAlterConfigsResponse>(
                                           witness.bootstrap(), request, witness.version<IncrementalAlterConfigsRequest>()));
  return answer.responses.size() == 1 ? code(answer.responses[0].error_code) : std::string("an answer about something else");
}

Place zstd_topic(Witness& witness) { return witness.place({{"compression.type", "zstd"}}); }

const Question questions[] = {
    {"recorded.stray-bytes", "A few stray bytes behind a whole batch are let pass.", source, "NONE",
     [](Witness& witness) {
       return code(produce(witness, witness.place(), joined({draft().bytes(), Slice::copy_of("stray")})));
     }},
    {"recorded.torn-batch", "Records that end inside the header of a batch are no batch.", source, "INVALID_RECORD",
     [](Witness& witness) { return code(produce(witness, witness.untouched(), draft().bytes().part(0, 10))); },
     "connection closed"},
    {"recorded.impossible-magic", "A batch of a magic that does not exist is refused.", source, "INVALID_RECORD",
     [](Witness& witness) {
       Draft batch = draft();
       batch.header.magic = 9;
       return code(produce(witness, witness.untouched(), batch));
     },
     "connection closed"},
    {"recorded.corrupt-payload", "Compressed records that cannot be opened are not CORRUPT_MESSAGE.", source,
     "UNKNOWN_SERVER_ERROR",
     [](Witness& witness) {
       return code(produce(witness, witness.untouched(), with_payload(draft(1, Codec::gzip), "this is not gzip")));
     }},
    {"recorded.unknown-codec", "Nor is a codec that does not exist.", source, "UNKNOWN_SERVER_ERROR",
     [](Witness& witness) {
       Draft batch = draft();
       batch.header.attributes = unknown_codec;
       return code(produce(witness, witness.untouched(), batch));
     }},
    {"recorded.offsets-as-sent", "Offsets that skip inside an uncompressed batch are stored as they were sent.", source,
     "offsets 0 0",
     [](Witness& witness) {
       return offsets_after(witness, numbered({0, 0}));
     }},
    {"recorded.offsets-written-anew", "In a compressed batch they are numbered anew.",
     "LogValidator of Kafka; recorded from Kafka 2.4", "offsets 0 1",
     [](Witness& witness) {
       return offsets_after(witness, numbered({0, 5}, Codec::gzip));
     },
     "INVALID_RECORD"},
    {"recorded.partition-twice", "Of a partition that a Produce names twice the last entry counts, and there is one answer.",
     source, "1 answer, 3 records",
     [](Witness& witness) {
       const Place place = witness.place();
       const auto answer = sound("Produce", produce(witness, {{place, draft(2).bytes()}, {place, draft(3).bytes()}}));
       std::size_t answers = 0;
       for (const auto& topic : answer.topics) answers += topic.partitions.size();
       return fmt::format("{} answer, {} records", answers, stored_batch(witness, place).header().records_count);
     }},
    {"recorded.follower-serves", "Since Fetch 11 a follower serves consumers.", "KIP-392", "NONE",
     [](Witness& witness) {
       if (witness.metadata().brokers.size() < 2) throw NotAsked{"the cluster has only one broker"};
       Place place = witness.topic({.partitions = 1, .replicas = 2}).front();
       fill(witness, place, {draft()});
       place.broker = witness.follower_of(place);
       return code(fetch(witness, {place, 0}, {.versions = {11, 12}}));
     }},
    {"recorded.follower-refuses", "Before version 11 it does not.", source, "NOT_LEADER_OR_FOLLOWER",
     [](Witness& witness) {
       if (witness.metadata().brokers.size() < 2) throw NotAsked{"the cluster has only one broker"};
       Place place = witness.topic({.partitions = 1, .replicas = 2}).front();
       fill(witness, place, {draft()});
       place.broker = witness.follower_of(place);
       return code(fetch(witness, {place, 0}, {.versions = {4, 10}}));
     }},
    {"recorded.zstd-as-it-is", "zstd is sent to Fetch 4 to 9 as it is.", source, "1 batch in zstd",
     [](Witness& witness) {
       const Place place = witness.place();
       fill(witness, place, {draft(3, Codec::zstd)});
       const Batches batches = stored(witness, place, {.versions = {4, 9}});
       const bool zstd = batches.size() == 1 && batches[0].header().codec_bits() == static_cast<std::uint8_t>(Codec::zstd);
       return fmt::format("{} batch {}", batches.size(), zstd ? "in zstd" : "in another codec");
     }},
    {"recorded.zstd-topic", "A topic with compression.type=zstd refuses Fetch before version 10, even when it is empty.", source,
     "UNSUPPORTED_COMPRESSION_TYPE",
     [](Witness& witness) {
       return code(fetch(witness, {zstd_topic(witness), 0}, {.versions = {4, 9}}));
     }},
    {"recorded.illegal-name-produce", "To Produce a topic with an illegal name is one that does not exist.", source,
     "UNKNOWN_TOPIC_OR_PARTITION",
     [](Witness& witness) {
       Place place = witness.untouched();
       place.topic = illegal_name;
       return code(produce(witness, place, draft()));
     }},
    {"recorded.illegal-name-metadata", "To Metadata too, if it may not create one.", source, "UNKNOWN_TOPIC_OR_PARTITION",
     [](Witness& witness) { return metadata_code(witness, illegal_name, false); }},
    {"recorded.illegal-name-creation", "If it may, the name is wrong.", source, "INVALID_TOPIC_EXCEPTION",
     [](Witness& witness) { return metadata_code(witness, illegal_name, true); }, "UNKNOWN_TOPIC_OR_PARTITION"},
    {"recorded.unknown-broker", "A replica on a broker that does not exist is a wrong assignment.", source,
     "INVALID_REPLICA_ASSIGNMENT",
     [](Witness& witness) {
       CreateTopicsRequest request;
       request.timeout_ms = 1000;
       auto& topic = request.topics.emplace_back();
       topic.name = witness.new_name();
       topic.num_partitions = topic.replication_factor = -1;
       topic.assignments.push_back({0, {999999}});
       const auto answer = sound("CreateTopics", witness.ask<CreateTopicsResponse>(witness.bootstrap(), request,
                                                                                   witness.version<CreateTopicsRequest>()));
       return answer.topics.size() == 1 ? code(answer.topics[0].error_code) : std::string("an answer about something else");
     },
     "REQUEST_TIMED_OUT"},
    {"recorded.bad-setting", "A value that a setting cannot have is refused.", "KIP-339", "INVALID_CONFIG",
     [](Witness& witness) { return config_code(witness, witness.untouched().topic, "retention.ms", "soon"); }, "INVALID_REQUEST"},
    {"recorded.setting-of-no-topic", "So are the settings of a topic that does not exist.", "KIP-339",
     "UNKNOWN_TOPIC_OR_PARTITION",
     [](Witness& witness) { return config_code(witness, witness.new_name(), "retention.ms", "1000"); }, "UNKNOWN_SERVER_ERROR"},
};

}  // namespace

std::span<const Question> recorded() { return questions; }

}  // namespace acklab::conform

// What a leader checks of a batch before it appends it: its header against itself, and every record (LogValidator of Kafka).
#include "protocol/records/batch_layout.h"
#include "tools/conform/fetch_call.h"
#include "tools/conform/list_offsets_call.h"
#include "tools/conform/produce_call.h"
#include "tools/conform/sections.h"

namespace acklab::conform {

using protocol::Codec;
using protocol::NewRecord;

namespace {

constexpr std::int16_t log_append_time_bit = 0x08;
constexpr std::int16_t control_bit = 0x20;
constexpr std::int64_t hour = 3600 * 1000;

// Batches that are refused leave nothing behind.
std::string refusal(Witness& witness, const Draft& batch) { return code(produce(witness, witness.untouched(), batch)); }

// One record of these bytes, whatever they are, in a batch that is sound otherwise.
Draft one_record(std::string_view bytes) { return with_payload(draft(), std::string(bytes)); }

Draft with_offsets(std::int32_t last_offset_delta, std::int32_t count) {
  Draft batch = draft(2);
  batch.header.last_offset_delta = last_offset_delta;
  batch.header.records_count = count;
  return batch;
}

NewRecord at(std::int64_t timestamp) { return {.timestamp = timestamp, .key = "key", .value = "value", .headers = {}}; }

// A batch of one record that takes so many bytes.
Draft sized(std::size_t bytes) {
  const auto with_value = [](std::size_t size) {
    const std::string value(size, 'v');
    return draft({{.timestamp = -1, .key = "key", .value = value, .headers = {}}});
  };
  std::size_t value = bytes - 100;
  while (with_value(value).bytes().size() < bytes) ++value;
  return with_value(value);
}

Place compacted(Witness& witness) { return witness.place({{"cleanup.policy", "compact"}}); }
Draft keyless_at_0_and_2() {
  const NewRecord without_key{.timestamp = -1, .key = std::nullopt, .value = "value", .headers = {}};
  return draft({without_key, at(-1), without_key});
}

const Question questions[] = {
    {"batch.largest", "A batch of max.message.bytes is taken.", "topic setting max.message.bytes", "NONE",
     [](Witness& witness) {
       return code(produce(witness, witness.place({{"max.message.bytes", "1000"}}), sized(1000)));
     }},
    {"batch.too-large", "A batch of one byte more is not.", "topic setting max.message.bytes", "MESSAGE_TOO_LARGE",
     [](Witness& witness) {
       return code(produce(witness, witness.place({{"max.message.bytes", "1000"}}), sized(1001)));
     }},
    {"batch.larger-than-segment", "A batch fits into a segment.", "topic setting segment.bytes", "RECORD_LIST_TOO_LARGE",
     [](Witness& witness) {
       const Place place = witness.place({{"segment.bytes", "1048576"}, {"max.message.bytes", "4194304"}});
       constexpr std::int32_t more_than_a_segment = 1'500'000;
       const auto answer = produce(witness, place, sized(more_than_a_segment));
       if (!answer && !witness.takes_requests_of(place.broker, more_than_a_segment)) {
         throw NotAsked{fmt::format("the broker takes no requests of {} bytes", more_than_a_segment)};
       }
       return code(answer);
     }},
    {"batch.checksum", "The CRC-32C of all from the attributes on is right.", "file format, record batch", "CORRUPT_MESSAGE",
     [](Witness& witness) {
       const protocol::Slice bytes = draft().bytes();
       return code(produce(witness, witness.untouched(), rotten(bytes, bytes.size() - 1)));
     }},
    {"batch.length-too-small", "A batch is at least as long as its header.", "file format, record batch", "CORRUPT_MESSAGE",
     [](Witness& witness) {
       Draft batch = draft();
       batch.header.batch_length = protocol::smallest_batch_length - 1;
       return refusal(witness, batch);
     },
     "connection closed"},
    {"batch.length-beyond-end", "A batch is as long as it says.", "file format, record batch", "CORRUPT_MESSAGE",
     [](Witness& witness) {
       Draft batch = draft();
       batch.header.batch_length += 1;
       return refusal(witness, batch);
     },
     "connection closed"},
    {"batch.base-offset", "A producer leaves the base offset 0.", "file format, record batch", "INVALID_RECORD",
     [](Witness& witness) {
       Draft batch = draft();
       batch.header.base_offset.value = 1;
       return refusal(witness, batch);
     }},
    {"batch.no-records", "A batch has records.", "file format, record batch", "INVALID_RECORD",
     [](Witness& witness) { return refusal(witness, with_offsets(-1, 0)); }},
    {"batch.negative-last-offset", "The last offset delta is not negative.", "file format, record batch", "INVALID_RECORD",
     [](Witness& witness) { return refusal(witness, with_offsets(-1, 2)); }},
    {"batch.count-and-offsets", "A batch has as many records as offsets.", "file format, record batch", "INVALID_RECORD",
     [](Witness& witness) { return refusal(witness, with_offsets(2, 2)); }},
    {"batch.control", "Control batches are the coordinator's.", "KIP-98", "INVALID_RECORD",
     [](Witness& witness) {
       Draft batch = draft();
       batch.header.attributes |= control_bit;
       return refusal(witness, batch);
     }},
    {"batch.no-sequence", "A batch with a producer id has a base sequence.", "KIP-98", "INVALID_RECORD",
     [](Witness& witness) { return refusal(witness, from_producer(draft(), 1, 0, -1)); }},
    {"batch.fewer-records", "A batch holds as many records as it says: here fewer.", "file format, record", "INVALID_RECORD",
     [](Witness& witness) { return refusal(witness, with_offsets(2, 3)); }},
    {"batch.more-records", "A batch holds as many records as it says: here more.", "file format, record", "INVALID_RECORD",
     [](Witness& witness) { return refusal(witness, with_offsets(0, 1)); }},
    {"batch.more-records-compressed", "The same for a compressed batch.", "file format, record", "INVALID_RECORD",
     [](Witness& witness) {
       Draft batch = draft(2, Codec::gzip);
       batch.header.last_offset_delta = 0;
       batch.header.records_count = 1;
       return refusal(witness, batch);
     }},
    {"batch.record-too-long", "A record is as long as it says.", "file format, record", "INVALID_RECORD",
     [](Witness& witness) {
       // Length 30, and 7 bytes are there.
       return refusal(witness, one_record(std::string_view("\x3c\0\0\0\1\2v\0", 8)));
     }},
    {"batch.negative-headers", "A record has no less than 0 headers.", "file format, record", "INVALID_RECORD",
     [](Witness& witness) { return refusal(witness, one_record(std::string_view("\x0e\0\0\0\1\2v\1", 8))); }},
    {"batch.null-header-key", "The key of a header is not null.", "KIP-82", "INVALID_RECORD",
     [](Witness& witness) { return refusal(witness, one_record(std::string_view("\x12\0\0\0\1\2v\2\1\1", 10))); }},
    {"batch.compacted-without-key", "A compacted topic takes no record without a key.", "topic setting cleanup.policy",
     "INVALID_RECORD", [](Witness& witness) { return code(produce(witness, compacted(witness), keyless_at_0_and_2())); }},
    {"batch.bad-records-listed", "From version 8 on the bad records are listed.", "KIP-467", "records 0 2",
     [](Witness& witness) {
       const auto answer = sound("Produce", produce(witness, compacted(witness), keyless_at_0_and_2(), {.versions = {8, 12}}));
       std::string listed = "records";
       for (const auto& error : answer.record_errors) listed += fmt::format(" {}", error.batch_index);
       return listed;
     }},
    {"batch.says-why", "From version 8 on that is said in words, too.", "KIP-467", "a message",
     [](Witness& witness) {
       const auto answer = sound("Produce", produce(witness, compacted(witness), keyless_at_0_and_2(), {.versions = {8, 12}}));
       return std::string(answer.error_message.value_or("").empty() ? "no message" : "a message");
     }},
    {"batch.all-or-nothing", "One bad record fails the whole batch.", "KIP-467", "latest offset 0",
     [](Witness& witness) {
       const Place place = compacted(witness);
       produce(witness, place, keyless_at_0_and_2());
       return fmt::format("latest offset {}", accepted("ListOffsets", list_offsets(witness, place, latest)).offset);
     }},
    {"batch.too-early", "A timestamp is not older than message.timestamp.before.max.ms.", "KIP-937", "INVALID_TIMESTAMP",
     [](Witness& witness) {
       return code(produce(witness, witness.place({{"message.timestamp.before.max.ms", "1000"}}), draft({at(1000)})));
     }},
    {"batch.too-late", "A timestamp is not further in the future than message.timestamp.after.max.ms.", "KIP-937",
     "INVALID_TIMESTAMP",
     [](Witness& witness) {
       const Place place = witness.place({{"message.timestamp.after.max.ms", std::to_string(hour)}});
       return code(produce(witness, place, draft({at(witness.wall_clock_ms() + 24 * hour)})));
     }},
    {"batch.late-by-default", "Since Kafka 4 a timestamp is at most an hour in the future, unless a topic wants otherwise.",
     "KIP-1030", "INVALID_TIMESTAMP",
     [](Witness& witness) { return code(produce(witness, witness.place(), draft({at(witness.wall_clock_ms() + 24 * hour)}))); },
     "NONE"},
    {"batch.without-timestamp", "A record without a timestamp (-1) is never too early.", "KIP-937", "NONE",
     [](Witness& witness) {
       return code(produce(witness, witness.place({{"message.timestamp.before.max.ms", "1000"}}), draft()));
     }},
    {"batch.claims-log-append-time", "Producers do not say that a broker set the time.", "KIP-32", "INVALID_TIMESTAMP",
     [](Witness& witness) {
       Draft batch = draft();
       batch.header.attributes |= log_append_time_bit;
       return refusal(witness, batch);
     }},
};

}  // namespace

std::span<const Question> produce_batches() { return questions; }

}  // namespace acklab::conform

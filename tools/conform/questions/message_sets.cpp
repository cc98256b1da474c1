// What came before record batches: the message sets of Produce 0 to 2. Kafka 4 takes them no longer (KIP-896), though it says so only by
// closing the connection; before, a leader made record batches of them.
#include "protocol/records/message_encoding.h"
#include "tools/conform/fetch_call.h"
#include "tools/conform/produce_call.h"
#include "tools/conform/sections.h"

namespace acklab::conform {

using protocol::NewMessage;
using protocol::Slice;

namespace {

constexpr Versions of_magic_0{0, 1};
constexpr Versions of_magic_1{2, 2};

Slice message(std::int8_t magic, std::int64_t timestamp) {
  const NewMessage message{.offset = {}, .magic = magic, .timestamp = timestamp, .key = "key", .value = "value"};
  protocol::MutableBuffer bytes(protocol::message_size(message));
  protocol::store_message(bytes.span().data(), message);
  return std::move(bytes).freeze();
}

// What became of a message in the log, if it was taken.
std::string stored_from(Witness& witness, Versions versions, const Slice& set) {
  const Place place = witness.place();
  const auto answer = produce(witness, place, set, {.versions = versions});
  if (code(answer) != "NONE") return code(answer);
  const protocol::RecordBatch batch = stored_batch(witness, place);
  const auto records = protocol::read_records(batch);
  if (!records || records->size() != 1) return "unreadable records";
  return fmt::format("magic {}, timestamp {}", batch.header().magic, records->front().timestamp);
}

const Question questions[] = {
    {"message-set.magic-0", "A message of magic 0 becomes a record without a timestamp.", "KIP-896; KIP-32", "connection closed",
     [](Witness& witness) { return stored_from(witness, of_magic_0, message(0, -1)); }, "magic 2, timestamp -1"},
    {"message-set.magic-1", "A message of magic 1 becomes a record with its timestamp.", "KIP-896; KIP-32", "connection closed",
     [](Witness& witness) { return stored_from(witness, of_magic_1, message(1, 1000)); }, "magic 2, timestamp 1000"},
    {"message-set.checksum", "The CRC-32 of a message is right.", "KIP-896; file format, message", "connection closed",
     [](Witness& witness) {
       const Slice sound = message(1, 1000);
       return code(produce(witness, witness.untouched(), rotten(sound, sound.size() - 1), {.versions = of_magic_1}));
     },
     "CORRUPT_MESSAGE"},
    {"message-set.batch", "A record batch in an old version is taken, though it has no place there.",
     "KIP-896; recorded from Kafka 2.4", "connection closed",
     [](Witness& witness) { return code(produce(witness, witness.place(), draft(), {.versions = of_magic_1})); }, "NONE"},
};

}  // namespace

std::span<const Question> message_sets() { return questions; }

}  // namespace acklab::conform

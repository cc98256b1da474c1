// What becomes of a batch on its way into the log: what a leader writes into it, and what it leaves alone.
#include "tools/conform/fetch_call.h"
#include "tools/conform/produce_call.h"
#include "tools/conform/sections.h"

namespace acklab::conform {

using protocol::Codec;
using protocol::RecordBatch;

namespace {

constexpr std::size_t set_by_leader = 17;  // base offset, length, leader epoch and magic lie before the checksum

Place with_brokers_time(Witness& witness) { return witness.place({{"message.timestamp.type", "LogAppendTime"}}); }

// The codec of what is in the log, after a batch of `sent` went into a topic with this compression.type.
std::string recompressed(Witness& witness, const std::string& compression_type, Codec sent) {
  const Place place = witness.place({{"compression.type", compression_type}});
  fill(witness, place, {draft(5, sent)});
  const auto codec = protocol::codec_of_bits(stored_batch(witness, place).header().codec_bits());
  return codec ? std::string(name(*codec)) : "an unknown codec";
}

// How many records come back, and with which codec, after a batch of `codec` went in.
std::string round_trip(Witness& witness, Codec codec) {
  const Place place = witness.place();
  fill(witness, place, {draft(5, codec)});
  const RecordBatch batch = stored_batch(witness, place);
  const auto records = protocol::read_records(batch);
  if (!records) return "unreadable: " + records.error().message();
  return fmt::format("{} records", records->size());
}

const Question questions[] = {
    {"stored.as-sent", "With compression.type=producer the bytes from the checksum on stay as they were sent.",
     "topic setting compression.type", "as sent",
     [](Witness& witness) {
       const Place place = witness.place({{"compression.type", "producer"}});
       const Draft sent = draft(5, Codec::gzip);
       fill(witness, place, {sent});
       const RecordBatch batch = stored_batch(witness, place);
       const auto rest = sent.bytes().from(set_by_leader);
       return std::string(batch.bytes().from(set_by_leader) == rest ? "as sent" : "changed");
     }},
    {"stored.base-offset", "The leader writes the base offset into the batch.", "file format, record batch", "offsets 0 and 2",
     [](Witness& witness) {
       const Place place = witness.place();
       fill(witness, place, {draft(2), draft(1)});
       const Batches batches = stored(witness, place);
       if (batches.size() != 2) return fmt::format("{} batches", batches.size());
       return fmt::format("offsets {} and {}", batches[0].header().base_offset.value, batches[1].header().base_offset.value);
     }},
    {"stored.leader-epoch", "The leader writes its epoch into the batch.", "KIP-101", "the epoch in Metadata",
     [](Witness& witness) {
       const Place place = witness.place();
       if (place.leader_epoch < 0) throw NotAsked{"Metadata tells no leader epochs"};
       fill(witness, place, {draft()});
       const auto epoch = stored_batch(witness, place).header().leader_epoch.value;
       return epoch == place.leader_epoch ? "the epoch in Metadata" : fmt::format("epoch {}, not {}", epoch, place.leader_epoch);
     }},
    {"stored.recompressed", "A topic with a compression.type has its batches in that codec.", "topic setting compression.type",
     "gzip", [](Witness& witness) { return recompressed(witness, "gzip", Codec::none); }},
    {"stored.uncompressed", "With compression.type=uncompressed batches are opened.", "topic setting compression.type", "none",
     [](Witness& witness) { return recompressed(witness, "uncompressed", Codec::gzip); }},
    {"stored.max-timestamp", "A largest timestamp that is not that of the records is put right.", "file format, record batch",
     "2000, checksum right",
     [](Witness& witness) {
       const Place place = witness.place();
       Draft batch = draft({{.timestamp = 1000, .key = "k", .value = "v", .headers = {}},
                            {.timestamp = 2000, .key = "k", .value = "v", .headers = {}}});
       batch.header.max_timestamp = 0;
       fill(witness, place, {batch});
       const RecordBatch kept = stored_batch(witness, place);
       return fmt::format("{}, checksum {}", kept.header().max_timestamp, kept.crc_matches() ? "right" : "wrong");
     }},
    {"stored.log-append-time", "A topic with LogAppendTime tells its readers to take the broker's time, which is maxTimestamp.",
     "KIP-32", "bit set, the answer's time, checksum right",
     [](Witness& witness) {
       const Place place = with_brokers_time(witness);
       const auto answer = accepted("Produce", produce(witness, place, draft()));
       const RecordBatch kept = stored_batch(witness, place);
       return fmt::format("bit {}, {} time, checksum {}", kept.header().log_append_time() ? "set" : "not set",
                          kept.header().max_timestamp == answer.log_append_time_ms ? "the answer's" : "another",
                          kept.crc_matches() ? "right" : "wrong");
     }},
    {"stored.base-timestamp", "The producer's base timestamp stays there under LogAppendTime.", "KIP-32", "1000",
     [](Witness& witness) {
       const Place place = with_brokers_time(witness);
       fill(witness, place, {draft({{.timestamp = 1000, .key = "k", .value = "v", .headers = {}}})});
       return std::to_string(stored_batch(witness, place).header().base_timestamp);
     }},
    {"stored.gzip", "gzip is read.", "file format, record batch", "5 records",
     [](Witness& witness) { return round_trip(witness, Codec::gzip); }},
    {"stored.snappy", "snappy in xerial's framing is read.", "file format, record batch", "5 records",
     [](Witness& witness) { return round_trip(witness, Codec::snappy); }},
    {"stored.lz4", "lz4 frames are read.", "KIP-57", "5 records",
     [](Witness& witness) { return round_trip(witness, Codec::lz4); }},
    {"stored.headers", "Record headers come back as they were sent, a null value too.", "KIP-82", "a=1 b=null",
     [](Witness& witness) {
       const Place place = witness.place();
       const protocol::NewRecord::Header headers[] = {{"a", "1"}, {"b", std::nullopt}};
       fill(witness, place, {draft({{.timestamp = -1, .key = "k", .value = "v", .headers = headers}})});
       const auto records = protocol::read_records(stored_batch(witness, place));
       if (!records || records->size() != 1) return std::string("unreadable records");
       std::string all;
       for (const auto& header : records->front().headers) {
         all += fmt::format("{}{}={}", all.empty() ? "" : " ", header.key, header.value ? header.value->text() : "null");
       }
       return all;
     }},
};

}  // namespace

std::span<const Question> produce_storage() { return questions; }

}  // namespace acklab::conform

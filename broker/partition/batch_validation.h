// What a leader checks before it appends a producer's batch, and what it changes in it: ProduceRequest, UnifiedLog and LogValidator of
// Kafka, in their order, because a client sees it.
//
//   of the request    exactly one batch, of magic 2; zstd since version 7 only
//   of the batch      base offset, size, checksum, and then the header against itself
//   of every record   framing, key, timestamp; one bad record fails the batch, and all of them are listed
//   what is appended  codec and timestamps as the topic wants them, and the size once more
//
// A message set, which clients from before Kafka 0.11 send, is a batch by the time that its records are looked at.
//
// Mostly nothing has to be changed: then what is appended are the bytes that came, and nothing is copied or allocated on the way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/config.h"
#include "protocol/records/compression.h"
#include "protocol/records/record_batch.h"
#include "protocol/result.h"

namespace acklab::broker {

// Who wrote the batch: a client, or a coordinator of this broker, who may write control records.
enum class AppendOrigin { client, coordinator };

struct BadRecord {
  std::int32_t index = 0;
  std::string why;
};

struct BatchRefusal {
  protocol::ErrorCode code = protocol::ErrorCode::none;
  std::string message;
  std::vector<BadRecord> records;  // the first ones, if it is about records

  // A batch may hold millions of bad records, each with its line; nobody reads more than these.
  static constexpr std::size_t most_listed = 1000;
};

struct ValidBatch {
  protocol::RecordBatch batch;
  std::int64_t log_append_time = -1;  // -1 where producers set the time
};

class BatchValidator {
 public:
  // `now` is the leader's wall clock, in milliseconds since 1970.
  protocol::Result<ValidBatch, BatchRefusal> validate(const protocol::RecordBatch& sent, const TopicConfig& topic,
                                                      AppendOrigin origin, std::int64_t now);
  protocol::Result<ValidBatch, BatchRefusal> validate_message_set(const protocol::Slice& sent, const TopicConfig& topic,
                                                                  std::int64_t now);

 private:
  struct Compression {
    protocol::Codec codec = protocol::Codec::none;
    int level = 0;

    friend bool operator==(const Compression&, const Compression&) = default;
  };

  // A batch whose header has been judged.
  struct Judged {
    protocol::RecordBatch batch;
    std::span<const std::byte> records;             // of it, decompressed
    protocol::Codec codec = protocol::Codec::none;  // of the batch
    protocol::Codec wish = protocol::Codec::none;   // what the producer chose: the same, but for message sets
  };
  protocol::Result<ValidBatch, BatchRefusal> with_topics_wishes(const Judged& judged, const TopicConfig& topic, std::int64_t now);

  static Compression compression_of(const TopicConfig& topic, const protocol::BatchHeader& header, protocol::Codec sent);
  // The records again, one by one, in another codec or with offsets that run.
  protocol::RecordBatch rewritten(const protocol::BatchHeader& header, std::span<const std::byte> records, Compression target);
  protocol::Compressor& compressor(Compression target);

  protocol::Decompressor decompressor_;
  struct Kept {
    Compression target;
    protocol::Compressor compressor;
  };
  std::optional<Kept> kept_;  // of the last batch that had to be compressed: topics seldom differ
};

}  // namespace acklab::broker

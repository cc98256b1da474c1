// Fills one batch: records are appended one by one, then the batch is sealed, which compresses it, sets the header and computes
// the checksum. Pure; the producer's accumulator owns one builder for each open batch.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "protocol/records/record_batch.h"

namespace acklab::protocol {

// What is put into a batch; views, copied by append().
struct NewRecord {
  std::int64_t timestamp = -1;  // milliseconds since 1970
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  struct Header {
    std::string_view key;
    std::optional<std::string_view> value;
  };
  std::span<const Header> headers;
};

// The bytes that a record takes uncompressed, at most, wherever in a batch it comes to lie (Kafka's recordSizeUpperBound): what
// batch.size and buffer.memory count. A batch has batch_header_size more.
std::size_t upper_bound_of(const NewRecord& record);

class BatchBuilder {
 public:
  explicit BatchBuilder(Codec codec) : codec_(codec) {}

  void append(const NewRecord& record);

  std::int32_t records() const { return count_; }
  std::size_t uncompressed_size() const { return batch_header_size + body_.size(); }

  // The batch as a producer sends it: base offset 0, leader epoch -1, no producer. Needs at least one record.
  Slice seal() const;

 private:
  Codec codec_;
  std::int32_t count_ = 0;
  std::int64_t base_timestamp_ = -1;
  std::int64_t max_timestamp_ = -1;
  std::vector<std::byte> body_;
};

// The batch again with another identity: sequences are assigned when a batch is first drained, after it was sealed, and they lie
// inside the checksum.
Slice with_producer(const Slice& batch, ProducerId id, ProducerEpoch epoch, Sequence base_sequence);

}  // namespace acklab::protocol

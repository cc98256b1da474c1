// Fills one batch: records are appended one by one, then the batch is closed, which compresses it, and sealed, which sets the header
// and computes the checksum. The two are apart because an idempotent producer names a batch only when it is sent: the records are
// written once, behind room for the header, and summed once. Pure; the producer's accumulator owns one builder for each batch until
// then.
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
  // The buffer is made for `expected` bytes and grows by doubling, but beyond `most` only if it must: one that will be compressed may.
  struct Room {
    std::size_t expected = 0;
    std::size_t most = SIZE_MAX;
  };
  explicit BatchBuilder(Codec codec) : BatchBuilder(codec, Room{}) {}
  BatchBuilder(Codec codec, Room room) : codec_(codec), room_(room) {}

  void append(const NewRecord& record);

  std::int32_t records() const { return count_; }
  std::size_t uncompressed_size() const { return uncompressed_; }
  std::size_t size() const { return used_; }  // compressed once it is closed

  // Takes no more records. Needs at least one. `compressor` is one for this builder's codec.
  void close(Compressor& compressor);
  bool closed() const { return closed_; }

  // The batch as a producer sends it: base offset 0, leader epoch -1. Closes it if that was not done, and leaves nothing behind.
  Slice seal(ProducerId id = {}, ProducerEpoch epoch = {}, Sequence base_sequence = {});

 private:
  void grow(std::size_t size);

  Codec codec_;
  bool closed_ = false;
  std::int32_t count_ = 0;
  std::int64_t base_timestamp_ = -1;
  std::int64_t max_timestamp_ = -1;
  Room room_;
  MutableBuffer bytes_;  // begins with room for the header
  std::size_t used_ = batch_header_size;
  std::size_t uncompressed_ = batch_header_size;
};

// A sealed batch again with another identity, which lies inside the checksum.
Slice with_producer(const Slice& batch, ProducerId id, ProducerEpoch epoch, Sequence base_sequence);

}  // namespace acklab::protocol

// The record batch of magic 2, the unit in which records travel, are stored and are replicated (KIP-98).
//
//    0  baseOffset            int64   offset of the first record; set by the leader
//    8  batchLength           int32   bytes after this field
//   12  partitionLeaderEpoch  int32   set by the leader
//   16  magic                 int8    2
//   17  crc                   uint32  CRC-32C of everything from `attributes` on
//   21  attributes            int16   bits 0-2 codec, 3 timestamp type, 4 transactional, 5 control, 6 delete horizon
//   23  lastOffsetDelta       int32
//   27  baseTimestamp         int64
//   35  maxTimestamp          int64
//   43  producerId            int64   -1: not idempotent
//   51  producerEpoch         int16
//   53  baseSequence          int32
//   57  recordsCount          int32
//   61  records, compressed as one blob if the codec says so
//
// The two fields that a leader sets lie outside the checksum, so a broker stores and serves the client's bytes as they came.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "protocol/records/compression.h"
#include "protocol/result.h"
#include "protocol/types.h"
#include "protocol/wire/codec.h"
#include "protocol/wire/slice.h"

namespace acklab::protocol {

inline constexpr std::size_t batch_header_size = 61;
inline constexpr std::size_t batch_prefix_size = 12;  // baseOffset and batchLength

struct BatchHeader {
  Offset base_offset{0};
  std::int32_t batch_length = 0;
  LeaderEpoch leader_epoch{};
  std::int8_t magic = 2;
  std::uint32_t crc = 0;
  std::int16_t attributes = 0;
  std::int32_t last_offset_delta = 0;
  std::int64_t base_timestamp = -1;
  std::int64_t max_timestamp = -1;
  ProducerId producer_id{};
  ProducerEpoch producer_epoch{};
  Sequence base_sequence{};
  std::int32_t records_count = 0;

  std::size_t size() const { return batch_prefix_size + static_cast<std::size_t>(batch_length); }
  Offset last_offset() const { return base_offset + last_offset_delta; }
  Offset next_offset() const { return base_offset + last_offset_delta + 1; }
  Sequence last_sequence() const { return base_sequence + last_offset_delta; }
  bool idempotent() const { return producer_id.known(); }
  bool log_append_time() const { return (attributes & 0x08) != 0; }  // readers then take maxTimestamp for all records
  bool control() const { return (attributes & 0x20) != 0; }
  bool transactional() const { return (attributes & 0x10) != 0; }
  std::uint8_t codec_bits() const { return static_cast<std::uint8_t>(attributes & 0x07); }
};

// One whole batch inside a shared buffer.
class RecordBatch {
 public:
  // The batch at the start of `bytes`, which may go on behind it. Checks only that the header is whole, the magic is 2 and the
  // declared length lies within `bytes`; the checksum and the records are the business of others.
  static Result<RecordBatch, DecodeError> first(const Slice& bytes);

  const BatchHeader& header() const { return header_; }
  const Slice& bytes() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }
  bool crc_matches() const;

 private:
  BatchHeader header_;
  Slice bytes_;
};

// All whole batches in `bytes`; a truncated one at the end, which a Fetch answer may have, is left out.
Result<std::vector<RecordBatch>, DecodeError> split_batches(const Slice& bytes);

// The 16 bytes before the magic, with what the leader sets; the rest of the batch follows unchanged.
Slice leader_prefix(const BatchHeader& header, Offset base_offset, LeaderEpoch epoch);

struct RecordHeader {
  std::string key;
  Nullable<Slice> value;
};

struct Record {
  Offset offset{};
  std::int64_t timestamp = -1;
  Nullable<Slice> key;
  Nullable<Slice> value;
  std::vector<RecordHeader> headers;
};

// Reads the records of a batch, decompressing them if need be. Keys and values share the (decompressed) buffer.
Result<std::vector<Record>, DecodeError> read_records(const RecordBatch& batch);

}  // namespace acklab::protocol

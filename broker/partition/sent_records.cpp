#include "broker/partition/sent_records.h"

#include <fmt/format.h>

#include <utility>

#include "protocol/records/batch_layout.h"
#include "protocol/records/message_set.h"
#include "protocol/wire/big_endian.h"

namespace acklab::broker {

using protocol::batch_prefix_size;
using protocol::Codec;
using protocol::ErrorCode;
using protocol::failure;
using protocol::load_big_endian;
using protocol::RecordBatch;
using protocol::Result;
using protocol::Slice;

namespace {

constexpr std::int16_t first_version_of_magic_2 = 3;  // KIP-98
constexpr std::int16_t first_version_with_zstd = 7;   // KIP-110

BatchRefusal refused(ErrorCode code, std::string message) { return {.code = code, .message = std::move(message), .records = {}}; }

std::int32_t length_of(const Slice& batch) { return load_big_endian<std::int32_t>(batch.data() + protocol::batch_length_at); }

bool whole(const Slice& bytes) { return batch_prefix_size + static_cast<std::size_t>(length_of(bytes)) <= bytes.size(); }

BatchRefusal impossible_length(const Slice& batch) {
  return refused(ErrorCode::corrupt_message, fmt::format("A batch of {} bytes cannot be", length_of(batch)));
}

}  // namespace

bool is_message_set(const protocol::Nullable<Slice>& records, std::int16_t produce_version) {
  if (produce_version >= first_version_of_magic_2 || !records) return false;
  return records->size() <= protocol::magic_at || load_big_endian<std::int8_t>(records->data() + protocol::magic_at) != 2;
}

Result<RecordBatch, BatchRefusal> batch_of_request(const protocol::Nullable<Slice>& records, std::int16_t produce_version) {
  if (!records || records->size() < batch_prefix_size) {
    return failure(refused(ErrorCode::invalid_record, "Produce requests must have at least one record batch per partition"));
  }
  if (length_of(*records) < protocol::smallest_message_size || !whole(*records)) return failure(impossible_length(*records));
  if (const auto magic = load_big_endian<std::int8_t>(records->data() + protocol::magic_at); magic != 2) {
    return failure(
        refused(ErrorCode::invalid_record,
                fmt::format("Produce requests with version {} are only allowed to contain record batches with magic 2, "
                            "not {}",
                            produce_version, magic)));
  }
  auto batch = RecordBatch::first(*records);
  if (!batch) return failure(impossible_length(*records));
  if (batch->header().codec_bits() == static_cast<std::uint8_t>(Codec::zstd) && produce_version < first_version_with_zstd) {
    return failure(
        refused(ErrorCode::unsupported_compression_type,
                fmt::format("Produce requests with version {} are not allowed to use ZStandard compression", produce_version)));
  }
  if (const Slice rest = records->from(batch->size()); rest.size() >= batch_prefix_size) {
    if (length_of(rest) < protocol::smallest_message_size) return failure(impossible_length(rest));
    if (whole(rest)) {
      return failure(refused(ErrorCode::invalid_record,
                             "Produce requests are only allowed to contain exactly one record batch per "
                             "partition"));
    }
  }
  return *std::move(batch);
}

}  // namespace acklab::broker

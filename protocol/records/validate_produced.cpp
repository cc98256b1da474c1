// What a leader checks before it appends (ProduceRequest, DefaultRecordBatch and LogValidator of Kafka), in Kafka's order: what
// can be seen without believing the batch, the checksum, the header against itself, every record.
#include <fmt/format.h>

#include <algorithm>

#include "protocol/records/batch_layout.h"
#include "protocol/records/crc32c.h"
#include "protocol/records/record_batch.h"
#include "protocol/records/record_walk.h"
#include "protocol/wire/big_endian.h"

namespace acklab::protocol {
namespace {

constexpr std::int16_t first_version_with_zstd = 7;  // KIP-110
constexpr std::int32_t smallest_legacy_length = 14;  // a message of magic 0 without key and value

// From Produce 3 on a request carries exactly one batch of magic 2. Nothing at all is an INVALID_RECORD; a length that cannot be
// true is a CORRUPT_MESSAGE.
ErrorCode check_framing(const Slice& records) {
  if (records.size() < batch_prefix_size) return ErrorCode::invalid_record;
  const auto length = load_big_endian<std::int32_t>(records.data() + batch_length_at);
  if (length < smallest_legacy_length) return ErrorCode::corrupt_message;
  if (batch_prefix_size + static_cast<std::size_t>(length) > records.size()) return ErrorCode::corrupt_message;
  if (load_big_endian<std::int8_t>(records.data() + magic_at) != 2) return ErrorCode::invalid_record;
  if (length < smallest_batch_length) return ErrorCode::corrupt_message;
  return ErrorCode::none;
}

// Kafka takes a few stray bytes, or a second batch that is cut short, for the end of the set and drops them; a whole second batch
// is one too many.
ErrorCode check_end(const Slice& rest) {
  if (rest.size() < batch_prefix_size) return ErrorCode::none;
  const auto length = load_big_endian<std::int32_t>(rest.data() + batch_length_at);
  if (length < smallest_legacy_length) return ErrorCode::corrupt_message;
  if (batch_prefix_size + static_cast<std::size_t>(length) > rest.size()) return ErrorCode::none;
  return ErrorCode::invalid_record;
}

ErrorCode check_header(const BatchHeader& header, std::int16_t produce_version) {
  const auto codec = codec_of_bits(header.codec_bits());
  if (!codec) return ErrorCode::unknown_server_error;  // as a real broker answers: its codec table throws
  if (*codec == Codec::zstd && produce_version < first_version_with_zstd) return ErrorCode::unsupported_compression_type;
  if (header.base_offset != Offset{0}) return ErrorCode::invalid_record;
  if (header.records_count <= 0 || header.last_offset_delta != header.records_count - 1) return ErrorCode::invalid_record;
  if (header.control()) return ErrorCode::invalid_record;
  if (header.idempotent() && !header.base_sequence.known()) return ErrorCode::invalid_record;
  // Only a broker may stamp a batch with its own time.
  if (header.log_append_time()) return ErrorCode::invalid_timestamp;
  return ErrorCode::none;
}

// The largest timestamp among the records, or why they are refused. Offsets that skip or repeat are refused in a compressed
// batch only: that is where a real broker looks at them, an uncompressed one it stores as sent.
Result<std::int64_t> check_records(const BatchHeader& header, const Slice& plain) {
  const bool offsets_must_run = header.codec_bits() != 0;
  std::int64_t max_timestamp = -1;
  std::int32_t expected_delta = 0;
  RecordWalk walk(plain.view(), header.records_count);
  while (const auto record = walk.next()) {
    if (offsets_must_run && record->offset_delta != expected_delta) return failure(ErrorCode::invalid_record);
    ++expected_delta;
    max_timestamp = std::max(max_timestamp, timestamp_of(header, *record));
  }
  if (!walk.sound()) return failure(ErrorCode::invalid_record);
  return max_timestamp;
}

// Some clients leave maxTimestamp at zero. Time indexes rely on it, so the leader sets it right; it lies inside the checksum.
RecordBatch with_max_timestamp(const RecordBatch& batch, std::int64_t max_timestamp) {
  MutableBuffer corrected(batch.size());
  const std::span<std::byte> bytes = corrected.span();
  std::copy_n(batch.bytes().data(), bytes.size(), bytes.data());
  store_big_endian(bytes.data() + max_timestamp_at, max_timestamp);
  store_big_endian(bytes.data() + crc_at, crc32c(bytes.subspan(attributes_at)));
  return *RecordBatch::first(std::move(corrected).freeze(batch.size()));
}

}  // namespace

Result<RecordBatch> validate_produced(const Slice& records, std::int16_t produce_version) {
  if (const ErrorCode code = check_framing(records); code != ErrorCode::none) return failure(code);
  const auto batch = RecordBatch::first(records);
  if (!batch) return failure(ErrorCode::corrupt_message);
  if (const ErrorCode code = check_end(records.from(batch->size())); code != ErrorCode::none) return failure(code);
  if (!batch->crc_matches()) return failure(ErrorCode::corrupt_message);
  if (const ErrorCode code = check_header(batch->header(), produce_version); code != ErrorCode::none) return failure(code);

  Slice plain = batch->bytes().from(batch_header_size);
  if (const Codec codec = *codec_of_bits(batch->header().codec_bits()); codec != Codec::none) {
    auto decompressed = decompress(codec, plain);
    if (!decompressed) return failure(ErrorCode::unknown_server_error);  // not CORRUPT_MESSAGE: recorded from a real broker
    plain = std::move(*decompressed);
  }
  const auto max_timestamp = check_records(batch->header(), plain);
  if (!max_timestamp) return failure(max_timestamp.error());
  if (*max_timestamp == batch->header().max_timestamp) return *batch;
  return with_max_timestamp(*batch, *max_timestamp);
}

}  // namespace acklab::protocol

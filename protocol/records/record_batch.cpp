#include "protocol/records/record_batch.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/records/batch_layout.h"
#include "protocol/records/crc32c.h"
#include "protocol/records/record_walk.h"
#include "protocol/wire/big_endian.h"

namespace acklab::protocol {
namespace {

auto malformed(std::size_t offset, std::string field, std::string reason) {
  return failure(DecodeError{offset, std::move(field), std::move(reason)});
}

// A key or value as a slice that shares the buffer it was found in.
Nullable<Slice> shared(const Slice& buffer, const std::optional<std::span<const std::byte>>& run) {
  if (!run) return std::nullopt;
  return buffer.part(static_cast<std::size_t>(run->data() - buffer.data()), run->size());
}

std::vector<RecordHeader> headers_of(const Slice& buffer, const RecordView& view) {
  std::vector<RecordHeader> headers;
  headers.reserve(static_cast<std::size_t>(view.headers_count));
  RecordCursor cursor(view.headers);
  for (std::int32_t i = 0; i < view.headers_count; ++i) {
    const RecordHeaderView header = next_header(cursor);
    headers.push_back(
        {std::string(reinterpret_cast<const char*>(header.key.data()), header.key.size()), shared(buffer, header.value)});
  }
  return headers;
}

// The records' bytes as they were before compression.
Result<Slice, std::string> plain_records(const RecordBatch& batch) {
  const Slice payload = batch.bytes().from(batch_header_size);
  const auto codec = codec_of_bits(batch.header().codec_bits());
  if (!codec) return failure(fmt::format("codec {} does not exist", batch.header().codec_bits()));
  // Compaction may leave an empty batch that still names its codec.
  if (*codec == Codec::none || payload.empty()) return payload;
  return decompress(*codec, payload);
}

}  // namespace

BatchHeader load_batch_header(std::span<const std::byte, batch_header_size> bytes) {
  const std::byte* from = bytes.data();
  BatchHeader header;
  header.base_offset.value = load_big_endian<std::int64_t>(from + base_offset_at);
  header.batch_length = load_big_endian<std::int32_t>(from + batch_length_at);
  header.leader_epoch.value = load_big_endian<std::int32_t>(from + leader_epoch_at);
  header.magic = load_big_endian<std::int8_t>(from + magic_at);
  header.crc = load_big_endian<std::uint32_t>(from + crc_at);
  header.attributes = load_big_endian<std::int16_t>(from + attributes_at);
  header.last_offset_delta = load_big_endian<std::int32_t>(from + last_offset_delta_at);
  header.base_timestamp = load_big_endian<std::int64_t>(from + base_timestamp_at);
  header.max_timestamp = load_big_endian<std::int64_t>(from + max_timestamp_at);
  header.producer_id.value = load_big_endian<std::int64_t>(from + producer_id_at);
  header.producer_epoch.value = load_big_endian<std::int16_t>(from + producer_epoch_at);
  header.base_sequence.value = load_big_endian<std::int32_t>(from + base_sequence_at);
  header.records_count = load_big_endian<std::int32_t>(from + records_count_at);
  return header;
}

void store_batch_header(std::span<std::byte, batch_header_size> bytes, const BatchHeader& header) {
  std::byte* out = bytes.data();
  out = store_big_endian(out, header.base_offset.value);
  out = store_big_endian(out, header.batch_length);
  out = store_big_endian(out, header.leader_epoch.value);
  out = store_big_endian(out, header.magic);
  out = store_big_endian(out, header.crc);
  out = store_big_endian(out, header.attributes);
  out = store_big_endian(out, header.last_offset_delta);
  out = store_big_endian(out, header.base_timestamp);
  out = store_big_endian(out, header.max_timestamp);
  out = store_big_endian(out, header.producer_id.value);
  out = store_big_endian(out, header.producer_epoch.value);
  out = store_big_endian(out, header.base_sequence.value);
  store_big_endian(out, header.records_count);
}

void store_crc(std::span<std::byte> batch) { store_big_endian(batch.data() + crc_at, crc32c(batch.subspan(attributes_at))); }

Result<RecordBatch, DecodeError> RecordBatch::first(const Slice& bytes) {
  if (bytes.size() < batch_header_size) return malformed(bytes.size(), "batch", "ends inside the batch header");
  RecordBatch batch;
  batch.header_ = load_batch_header(bytes.view().first<batch_header_size>());
  if (batch.header_.magic != 2) {
    return malformed(magic_at, "magic", fmt::format("{} is not a record batch of magic 2", batch.header_.magic));
  }
  if (batch.header_.batch_length < smallest_batch_length) {
    return malformed(batch_length_at, "batchLength", "too small for a batch header");
  }
  if (batch.header_.size() > bytes.size()) return malformed(batch_length_at, "batchLength", "a length beyond the end");
  batch.bytes_ = bytes.part(0, batch.header_.size());
  return batch;
}

bool RecordBatch::crc_matches() const { return crc32c(bytes_.view().subspan(attributes_at)) == header_.crc; }

Result<std::vector<RecordBatch>, DecodeError> split_batches(const Slice& bytes) {
  std::vector<RecordBatch> batches;
  for (std::size_t at = 0; bytes.size() - at >= batch_prefix_size;) {
    const Slice rest = bytes.from(at);
    const auto length = load_big_endian<std::int32_t>(rest.data() + batch_length_at);
    if (length >= 0 && batch_prefix_size + static_cast<std::size_t>(length) > rest.size()) break;
    auto batch = RecordBatch::first(rest);
    if (!batch) {
      DecodeError error = std::move(batch.error());
      error.offset += at;
      return failure(std::move(error));
    }
    at += batch->size();
    batches.push_back(std::move(*batch));
  }
  return batches;
}

Slice leader_prefix(const BatchHeader& header, Offset base_offset, LeaderEpoch epoch) {
  MutableBuffer prefix(magic_at);
  std::byte* out = prefix.span().data();
  out = store_big_endian(out, base_offset.value);
  out = store_big_endian(out, header.batch_length);
  store_big_endian(out, epoch.value);
  return std::move(prefix).freeze(magic_at);
}

Result<std::vector<Record>, DecodeError> read_records(const RecordBatch& batch) {
  const BatchHeader& header = batch.header();
  const auto plain = plain_records(batch);
  if (!plain) return malformed(batch_header_size, "records", plain.error());

  std::vector<Record> records;
  // The declared count is believed only as far as the bytes could hold it.
  records.reserve(std::min(static_cast<std::size_t>(std::max(header.records_count, 0)), plain->size() / smallest_record));
  RecordWalk walk(plain->view(), header.records_count);
  while (const RecordView* view = walk.next()) {
    Record& record = records.emplace_back();
    record.offset = header.base_offset + view->offset_delta;
    record.timestamp = header.log_append_time() ? header.max_timestamp : timestamp_of(header, *view);
    record.key = shared(*plain, view->key);
    record.value = shared(*plain, view->value);
    record.headers = headers_of(*plain, *view);
  }
  if (!walk.sound()) {
    return malformed(batch_header_size + walk.offset(), fmt::format("records[{}]", walk.records_read()), walk.fault());
  }
  return records;
}

}  // namespace acklab::protocol

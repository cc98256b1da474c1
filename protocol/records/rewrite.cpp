#include "protocol/records/rewrite.h"

#include <algorithm>
#include <vector>

#include "protocol/records/batch_layout.h"
#include "protocol/records/crc32c.h"
#include "protocol/records/record_encoding.h"
#include "protocol/wire/big_endian.h"

namespace acklab::protocol {
namespace {

constexpr std::int16_t codec_mask = 0x07;

std::optional<std::string_view> view_of(const Nullable<Slice>& bytes) {
  return bytes ? std::optional(bytes->text()) : std::nullopt;
}

// The headers' views lie in `headers`.
NewRecord view_of(const Record& record, std::vector<NewRecord::Header>& headers) {
  headers.clear();
  for (const RecordHeader& header : record.headers) headers.push_back({header.key, view_of(header.value)});
  return {.timestamp = record.timestamp, .key = view_of(record.key), .value = view_of(record.value), .headers = headers};
}

void store_header(std::byte* out, const BatchHeader& header) {
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

}  // namespace

Slice rewritten(BatchHeader header, std::span<const Record> records) {
  struct Place {
    std::size_t length;
    std::int64_t timestamp_delta;
    std::int64_t offset_delta;
  };
  const auto place_of = [&](const Record& record, const NewRecord& content) {
    const std::int64_t timestamp_delta = wrapping_difference(record.timestamp, header.base_timestamp);
    const std::int64_t offset_delta = record.offset - header.base_offset;
    return Place{record_length(content, timestamp_delta, offset_delta), timestamp_delta, offset_delta};
  };

  std::vector<NewRecord::Header> headers;
  std::size_t size = batch_header_size;
  std::int64_t max_timestamp = -1;
  for (const Record& record : records) {
    const std::size_t length = place_of(record, view_of(record, headers)).length;
    size += zigzag_size(static_cast<std::int64_t>(length)) + length;
    max_timestamp = std::max(max_timestamp, record.timestamp);
  }
  MutableBuffer buffer(size);
  std::byte* out = buffer.span().data() + batch_header_size;
  for (const Record& record : records) {
    const NewRecord content = view_of(record, headers);
    const Place place = place_of(record, content);
    out = store_record(out, content, place.length, place.timestamp_delta, place.offset_delta);
  }

  if (records.empty()) header.attributes = static_cast<std::int16_t>(header.attributes & ~codec_mask);
  if (const auto codec = static_cast<Codec>(header.codec_bits()); codec != Codec::none) {
    Compressor::Output output = Compressor(codec).compress(batch_header_size, buffer.span().subspan(batch_header_size));
    buffer = std::move(output.buffer);
    size = output.size;
  }
  CHECK(size - batch_prefix_size <= INT32_MAX);
  header.batch_length = static_cast<std::int32_t>(size - batch_prefix_size);
  header.records_count = static_cast<std::int32_t>(records.size());
  if (!records.empty() && !header.log_append_time()) header.max_timestamp = max_timestamp;
  store_header(buffer.span().data(), header);
  store_big_endian(buffer.span().data() + crc_at, crc32c(buffer.span().first(size).subspan(attributes_at)));
  return std::move(buffer).freeze(size);
}

}  // namespace acklab::protocol

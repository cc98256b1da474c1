#include "protocol/records/rewrite.h"

#include <algorithm>
#include <vector>

#include "protocol/records/batch_layout.h"
#include "protocol/records/record_encoding.h"

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
  const std::span<std::byte> batch = buffer.span().first(size);
  store_batch_header(batch.first<batch_header_size>(), header);
  store_crc(batch);
  return std::move(buffer).freeze(size);
}

}  // namespace acklab::protocol

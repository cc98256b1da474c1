#include "tools/conform/draft.h"

#include <cstring>

#include "protocol/records/batch_layout.h"
#include "protocol/records/record_encoding.h"

namespace acklab::conform {

using protocol::batch_header_size;
using protocol::Codec;
using protocol::NewRecord;
using protocol::Slice;

namespace {

constexpr NewRecord small{.timestamp = -1, .key = "key", .value = "value", .headers = {}};

std::string record_bytes(const NewRecord& record, int offset_delta) {
  const std::size_t length = protocol::record_length(record, 0, offset_delta);
  std::string bytes(protocol::zigzag_size(static_cast<std::int64_t>(length)) + length, '\0');
  protocol::store_record(reinterpret_cast<std::byte*>(bytes.data()), record, length, 0, offset_delta);
  return bytes;
}

std::string compressed(Codec codec, std::string_view bytes) {
  if (codec == Codec::none) return std::string(bytes);
  return std::string(protocol::compress(codec, std::as_bytes(std::span(bytes))).text());
}

}  // namespace

Slice Draft::bytes() const {
  protocol::MutableBuffer batch(batch_header_size + payload.size());
  protocol::store_batch_header(batch.span().first<batch_header_size>(), header);
  std::memcpy(batch.span().data() + batch_header_size, payload.data(), payload.size());
  protocol::store_crc(batch.span());
  return std::move(batch).freeze();
}

Draft draft(const Records& records, Codec codec) {
  protocol::BatchBuilder builder(codec);
  for (const NewRecord& record : records) builder.append(record);
  const auto batch = protocol::RecordBatch::first(builder.seal());
  return {batch->header(), std::string(batch->bytes().from(batch_header_size).text())};
}

Draft draft(int records, Codec codec) { return draft(Records(static_cast<std::size_t>(records), small), codec); }

Draft with_payload(Draft draft, std::string payload) {
  draft.payload = std::move(payload);
  draft.header.batch_length = static_cast<std::int32_t>(batch_header_size + draft.payload.size() - protocol::batch_prefix_size);
  return draft;
}

Draft numbered(std::initializer_list<int> offset_deltas, Codec codec) {
  std::string records;
  for (const int delta : offset_deltas) records += record_bytes(small, delta);
  return with_payload(draft(static_cast<int>(offset_deltas.size()), codec), compressed(codec, records));
}

Draft from_producer(Draft draft, std::int64_t id, std::int16_t epoch, std::int32_t base_sequence) {
  draft.header.producer_id.value = id;
  draft.header.producer_epoch.value = epoch;
  draft.header.base_sequence.value = base_sequence;
  return draft;
}

Slice joined(std::initializer_list<Slice> pieces) {
  protocol::Bytes bytes;
  for (const Slice& piece : pieces) bytes.append(piece);
  return bytes.flatten();
}

Slice rotten(const Slice& bytes, std::size_t at) {
  std::string copy(bytes.text());
  copy[at] = static_cast<char>(~copy[at]);
  return Slice::copy_of(copy);
}

}  // namespace acklab::conform

#include "protocol/records/batch_builder.h"

#include <algorithm>
#include <cstring>

#include "protocol/check.h"
#include "protocol/records/batch_layout.h"
#include "protocol/records/record_encoding.h"
#include "protocol/wire/big_endian.h"

namespace acklab::protocol {
std::size_t upper_bound_of(const NewRecord& record) {
  constexpr std::size_t attributes = 1;
  return max_varint_size + attributes + max_varlong_size + max_varint_size + record_content_size(record);
}

void BatchBuilder::append(const NewRecord& record) {
  if (count_ == 0) base_timestamp_ = max_timestamp_ = record.timestamp;
  max_timestamp_ = std::max(max_timestamp_, record.timestamp);
  const std::int64_t timestamp_delta = wrapping_difference(record.timestamp, base_timestamp_);
  const std::size_t length = record_length(record, timestamp_delta, count_);

  // One growth at most, then straight stores: the size is known exactly.
  CHECK(!closed_);
  const std::size_t end = used_ + zigzag_size(static_cast<std::int64_t>(length)) + length;
  if (end > bytes_.span().size()) grow(end);
  const std::byte* out = store_record(bytes_.span().data() + used_, record, length, timestamp_delta, count_);
  CHECK(out == bytes_.span().data() + end);
  used_ = uncompressed_ = end;
  ++count_;
}

void BatchBuilder::grow(std::size_t size) {
  constexpr std::size_t smallest = 512;
  const std::size_t wanted = std::max({2 * bytes_.span().size(), room_.expected, smallest});
  MutableBuffer larger(size <= room_.most ? std::max(size, std::min(wanted, room_.most)) : std::max(size, wanted));
  if (count_ > 0) std::memcpy(larger.span().data(), bytes_.span().data(), used_);
  bytes_ = std::move(larger);
}

void BatchBuilder::close(Compressor& compressor) {
  CHECK(count_ > 0 && !closed_);
  closed_ = true;
  if (codec_ == Codec::none) return;
  const auto records = bytes_.span().subspan(batch_header_size, used_ - batch_header_size);
  Compressor::Output output = compressor.compress(batch_header_size, records);
  bytes_ = std::move(output.buffer);
  used_ = output.size;
  // The compressor was given room for the worst case. A batch may wait for long, so it keeps no more than it needs.
  if (2 * used_ < bytes_.span().size()) {
    MutableBuffer fitting(used_);
    std::memcpy(fitting.span().data(), bytes_.span().data(), used_);
    bytes_ = std::move(fitting);
  }
}

Slice BatchBuilder::seal(ProducerId id, ProducerEpoch epoch, Sequence base_sequence) {
  if (!closed_) {
    Compressor compressor(codec_);
    close(compressor);
  }
  CHECK(used_ - batch_prefix_size <= INT32_MAX);

  const BatchHeader header{.batch_length = static_cast<std::int32_t>(used_ - batch_prefix_size),
                           .attributes = static_cast<std::int16_t>(codec_),
                           .last_offset_delta = count_ - 1,
                           .base_timestamp = base_timestamp_,
                           .max_timestamp = max_timestamp_,
                           .producer_id = id,
                           .producer_epoch = epoch,
                           .base_sequence = base_sequence,
                           .records_count = count_};
  store_batch_header(bytes_.span().first<batch_header_size>(), header);
  store_crc(bytes_.span().first(used_));
  return std::move(bytes_).freeze(used_);
}

Slice with_producer(const Slice& batch, ProducerId id, ProducerEpoch epoch, Sequence base_sequence) {
  CHECK(batch.size() >= batch_header_size);
  MutableBuffer copy(batch.size());
  std::memcpy(copy.span().data(), batch.data(), batch.size());
  std::byte* out = copy.span().data() + producer_id_at;
  out = store_big_endian(out, id.value);
  out = store_big_endian(out, epoch.value);
  store_big_endian(out, base_sequence.value);
  store_crc(copy.span());
  return std::move(copy).freeze(batch.size());
}

}  // namespace acklab::protocol

#include "protocol/records/batch_builder.h"

#include <algorithm>
#include <cstring>

#include "protocol/check.h"
#include "protocol/records/batch_layout.h"
#include "protocol/records/crc32c.h"
#include "protocol/records/varint.h"
#include "protocol/wire/big_endian.h"

namespace acklab::protocol {
namespace {

constexpr std::size_t null_size = 1;  // -1 as a varint

std::size_t run_size(std::string_view run) { return zigzag_size(static_cast<std::int64_t>(run.size())) + run.size(); }
std::size_t run_size(const std::optional<std::string_view>& run) { return run ? run_size(*run) : null_size; }

// Key, value and headers: what of a record does not depend on its place in the batch.
std::size_t content_size(const NewRecord& record) {
  std::size_t size = run_size(record.key) + run_size(record.value);
  size += zigzag_size(static_cast<std::int64_t>(record.headers.size()));
  for (const auto& header : record.headers) size += run_size(header.key) + run_size(header.value);
  return size;
}

std::byte* store_run(std::byte* to, std::string_view run) {
  to = store_zigzag(to, static_cast<std::int64_t>(run.size()));
  if (!run.empty()) std::memcpy(to, run.data(), run.size());
  return to + run.size();
}
std::byte* store_run(std::byte* to, const std::optional<std::string_view>& run) {
  return run ? store_run(to, *run) : store_zigzag(to, -1);
}

std::int64_t wrapping_difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

void store_crc(std::span<std::byte> batch) { store_big_endian(batch.data() + crc_at, crc32c(batch.subspan(attributes_at))); }

}  // namespace

std::size_t upper_bound_of(const NewRecord& record) {
  constexpr std::size_t attributes = 1;
  return max_varint_size + attributes + max_varlong_size + max_varint_size + content_size(record);
}

void BatchBuilder::append(const NewRecord& record) {
  if (count_ == 0) base_timestamp_ = max_timestamp_ = record.timestamp;
  max_timestamp_ = std::max(max_timestamp_, record.timestamp);
  const std::int64_t timestamp_delta = wrapping_difference(record.timestamp, base_timestamp_);
  const std::size_t length = 1 + zigzag_size(timestamp_delta) + zigzag_size(count_) + content_size(record);
  CHECK(length <= INT32_MAX);

  // One growth, then straight stores: the size is known exactly.
  const std::size_t start = body_.size();
  body_.resize(start + zigzag_size(static_cast<std::int64_t>(length)) + length);
  std::byte* out = body_.data() + start;
  out = store_zigzag(out, static_cast<std::int64_t>(length));
  *out++ = std::byte{0};  // attributes
  out = store_zigzag(out, timestamp_delta);
  out = store_zigzag(out, count_);
  out = store_run(out, record.key);
  out = store_run(out, record.value);
  out = store_zigzag(out, static_cast<std::int64_t>(record.headers.size()));
  for (const auto& header : record.headers) {
    out = store_run(out, header.key);
    out = store_run(out, header.value);
  }
  CHECK(out == body_.data() + body_.size());
  ++count_;
}

Slice BatchBuilder::seal() const {
  CHECK(count_ > 0);
  Slice compressed;
  std::span<const std::byte> payload = body_;
  if (codec_ != Codec::none) {
    compressed = compress(codec_, body_);
    payload = compressed.view();
  }
  const std::size_t size = batch_header_size + payload.size();
  CHECK(size - batch_prefix_size <= INT32_MAX);

  MutableBuffer batch(size);
  std::byte* out = batch.span().data();
  out = store_big_endian(out, std::int64_t{0});  // base offset
  out = store_big_endian(out, static_cast<std::int32_t>(size - batch_prefix_size));
  out = store_big_endian(out, LeaderEpoch{}.value);
  out = store_big_endian(out, std::int8_t{2});
  out = store_big_endian(out, std::uint32_t{0});  // the checksum comes last
  out = store_big_endian(out, static_cast<std::int16_t>(codec_));
  out = store_big_endian(out, count_ - 1);
  out = store_big_endian(out, base_timestamp_);
  out = store_big_endian(out, max_timestamp_);
  out = store_big_endian(out, ProducerId{}.value);
  out = store_big_endian(out, ProducerEpoch{}.value);
  out = store_big_endian(out, Sequence{}.value);
  out = store_big_endian(out, count_);
  std::memcpy(out, payload.data(), payload.size());
  store_crc(batch.span());
  return std::move(batch).freeze(size);
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

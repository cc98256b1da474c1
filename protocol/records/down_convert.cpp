#include "protocol/records/down_convert.h"

#include <algorithm>
#include <optional>

#include "protocol/records/batch_layout.h"
#include "protocol/records/compression.h"
#include "protocol/records/lz4_header.h"
#include "protocol/records/message_encoding.h"
#include "protocol/records/message_set.h"
#include "protocol/records/record_batch.h"
#include "protocol/records/record_walk.h"

namespace acklab::protocol {
namespace {

std::optional<std::string_view> text(const std::optional<std::span<const std::byte>>& bytes) {
  if (!bytes) return std::nullopt;
  return std::string_view{reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

// One batch on its way to being messages.
class Conversion {
 public:
  Conversion(const BatchHeader& header, Codec codec, const DownConversion& wanted)
      : header_(header), codec_(codec), wanted_(wanted), from_(codec == Codec::none ? wanted.from : header.base_offset) {}

  // `plain`: the records, decompressed. Nothing at all if none of them is wanted.
  Result<Slice> convert(std::span<const std::byte> plain) {
    std::size_t size = 0;
    const bool sound = for_each(plain, [&](const NewMessage& message) {
      if (size == 0) first_ = message.offset;
      last_ = message.offset;
      max_timestamp_ = std::max(max_timestamp_, message.timestamp);
      size += message_size(message);
      return size <= max_decompressed_batch;
    });
    if (size > max_decompressed_batch) return failure(ErrorCode::message_too_large);
    if (!sound) return failure(ErrorCode::corrupt_message);
    if (size == 0) return Slice{};

    MutableBuffer set(size);
    std::byte* out = set.span().data();
    for_each(plain, [&](NewMessage message) {
      if (relative()) message.offset = {wrapping_difference(message.offset.value, first_.value)};
      out = store_message(out, message);
      return true;
    });
    return codec_ == Codec::none ? std::move(set).freeze() : wrapped(set.span());
  }

 private:
  // KIP-31: inside a wrapper of magic 1 offsets count from its first message.
  bool relative() const { return codec_ != Codec::none && wanted_.magic > 0; }

  std::int8_t time_bit() const {
    return wanted_.magic > 0 && header_.log_append_time() ? log_append_time_of_message : std::int8_t{0};
  }

  NewMessage message_of(const RecordView& record) const {
    return {.offset = {wrapping_sum(header_.base_offset.value, record.offset_delta)},
            .magic = wanted_.magic,
            .attributes = time_bit(),
            .timestamp = header_.log_append_time() ? header_.max_timestamp : timestamp_of(header_, record),
            .key = text(record.key),
            .value = text(record.value)};
  }

  // The records that are wanted, until `visit` says false. False if they could not be read to the end.
  template <class Visit>
  bool for_each(std::span<const std::byte> plain, Visit visit) const {
    RecordWalk walk(plain, header_.records_count);
    while (const RecordView* record = walk.next()) {
      const NewMessage message = message_of(*record);
      if (message.offset >= from_ && !visit(message)) return true;
    }
    return walk.sound();
  }

  Slice wrapped(std::span<const std::byte> set) const {
    Compressor::Output packed = Compressor(codec_).compress(0, set);
    const std::span<std::byte> value = packed.buffer.span().first(packed.size);
    if (codec_ == Codec::lz4 && wanted_.magic == 0) store_lz4_checksum_of_magic_0(value);
    const NewMessage wrapper{.offset = last_,
                             .magic = wanted_.magic,
                             .attributes = static_cast<std::int8_t>(static_cast<std::int8_t>(codec_) | time_bit()),
                             .timestamp = max_timestamp_,
                             .key = {},
                             .value = std::string_view{reinterpret_cast<const char*>(value.data()), value.size()}};
    MutableBuffer buffer(message_size(wrapper));
    store_message(buffer.span().data(), wrapper);
    return std::move(buffer).freeze();
  }

  const BatchHeader& header_;
  Codec codec_;
  const DownConversion& wanted_;
  Offset from_;
  Offset first_{};
  Offset last_{};
  std::int64_t max_timestamp_ = -1;
};

Result<Slice> convert(const RecordBatch& batch, const DownConversion& wanted, Decompressor& decompressor) {
  const BatchHeader& header = batch.header();
  if (header.control() || header.records_count <= 0) return Slice{};
  const auto codec = codec_of_bits(header.codec_bits());
  if (codec == Codec::zstd) return failure(ErrorCode::unsupported_compression_type);
  if (!codec || !batch.crc_matches()) return failure(ErrorCode::corrupt_message);
  const auto plain = decompressor.decompress(*codec, batch.bytes().view().subspan(batch_header_size));
  if (!plain) return failure(ErrorCode::corrupt_message);
  return Conversion(header, *codec, wanted).convert(*plain);
}

}  // namespace

Result<Slice> down_convert(const Slice& batches, const DownConversion& wanted) {
  const auto split = split_batches(batches);
  if (!split) return failure(ErrorCode::corrupt_message);
  Decompressor decompressor;
  Bytes converted;
  std::size_t limit = wanted.max_bytes;
  for (const RecordBatch& batch : *split) {
    if (converted.size() >= limit && !converted.empty()) break;
    const auto messages = convert(batch, wanted, decompressor);
    if (!messages && converted.empty()) return failure(messages.error());
    if (!messages) break;
    if (converted.empty() && wanted.first == FirstBatch::whole) limit = std::max(limit, messages->size());
    converted.append(*messages);
  }
  return converted.flatten().part(0, std::min(limit, converted.size()));
}

}  // namespace acklab::protocol

#include "protocol/records/up_convert.h"

#include <fmt/format.h>

#include <optional>

#include "protocol/records/batch_builder.h"
#include "protocol/records/lz4_header.h"
#include "protocol/records/message_set.h"

namespace acklab::protocol {
namespace {

using Objection = std::optional<MessageSetFault>;

auto refused(ErrorCode code, std::string reason) { return failure(MessageSetFault{code, std::move(reason)}); }

std::optional<std::string_view> text(const std::optional<std::span<const std::byte>>& bytes) {
  if (!bytes) return std::nullopt;
  return std::string_view{reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

Objection corrupt_checksum(const MessageView& message) {
  if (message.crc_matches()) return std::nullopt;
  return MessageSetFault{ErrorCode::corrupt_message, fmt::format("Record is corrupt (stored crc = {}, computed crc = {})",
                                                                 message.crc, message.crc_of_bytes())};
}

// The messages as they came; a wrapper is one of them.
struct Outer {
  MessageView first;
  std::size_t count = 0;
};

Result<Outer, MessageSetFault> look_over(std::span<const std::byte> set, std::size_t max_message_bytes) {
  Outer outer;
  bool wraps = false;
  MessageWalk walk(set);
  while (const MessageView* message = walk.next()) {
    if (message->bytes.size() > max_message_bytes) {
      return refused(ErrorCode::message_too_large,
                     fmt::format("The record batch size is {} bytes which exceeds the maximum configured value of {}",
                                 message->bytes.size(), max_message_bytes));
    }
    if (Objection objection = corrupt_checksum(*message)) return failure(*std::move(objection));
    if (outer.count == 0) outer.first = *message;
    if (message->magic != outer.first.magic) {
      return refused(ErrorCode::invalid_record, fmt::format("Message magic {} is not the same as the first message's magic {}",
                                                            message->magic, outer.first.magic));
    }
    if (message->log_append_time()) {
      return refused(ErrorCode::invalid_timestamp, "Producer should not set timestamp type to LogAppendTime");
    }
    wraps = wraps || message->wraps();
    ++outer.count;
  }
  if (!walk.sound()) return refused(ErrorCode::corrupt_message, walk.fault());
  if (outer.count == 0) {
    return refused(ErrorCode::invalid_record, "Produce requests must have at least one message per partition");
  }
  if (wraps && outer.count > 1) {
    return refused(ErrorCode::invalid_record, "Compressed outer record has more than one batch");
  }
  return outer;
}

// What is in a wrapper, in the decompressor's buffer.
Result<std::span<const std::byte>, MessageSetFault> open(const MessageView& wrapper, Decompressor& decompressor) {
  const auto codec = codec_of_bits(wrapper.codec_bits());
  if (!codec)
    return refused(ErrorCode::unknown_server_error, fmt::format("Unknown compression type id: {}", wrapper.codec_bits()));
  if (codec == Codec::zstd) return refused(ErrorCode::invalid_record, "Message sets cannot be compressed with zstd");
  if (!wrapper.value) return refused(ErrorCode::invalid_record, "Found invalid compressed record set with null value");
  const bool any_checksum = codec == Codec::lz4 && wrapper.magic == 0;
  const Slice mended = any_checksum ? with_lz4_checksum(*wrapper.value) : Slice{};
  const auto inner = decompressor.decompress(*codec, any_checksum ? mended.view() : *wrapper.value);
  if (!inner) return refused(ErrorCode::unknown_server_error, inner.error());
  return *inner;
}

Objection check_inner(const MessageView& message, const MessageView& wrapper) {
  if (message.magic != wrapper.magic) {
    return MessageSetFault{ErrorCode::invalid_record, fmt::format("Compressed message magic {} does not match wrapper magic {}",
                                                                  message.magic, wrapper.magic)};
  }
  if (message.wraps()) return MessageSetFault{ErrorCode::invalid_record, "Inner messages must not be compressed"};
  return corrupt_checksum(message);
}

// Some clients leave the wrapper's offset at 0; one that has an offset must have room below it for those inside.
Objection check_offsets(const MessageView& wrapper, Offset last_inner) {
  if (wrapper.magic == 0 || wrapper.offset == Offset{0} || wrapper.offset >= last_inner) return std::nullopt;
  return MessageSetFault{
      ErrorCode::invalid_record,
      fmt::format("Found invalid wrapper offset in compressed v1 message set, wrapper offset '{}' is less than "
                  "the last inner message offset '{}'",
                  wrapper.offset.value, last_inner.value)};
}

void append(BatchBuilder& builder, const MessageView& message) {
  builder.append({.timestamp = message.timestamp, .key = text(message.key), .value = text(message.value), .headers = {}});
}

}  // namespace

Result<UpConverted, MessageSetFault> up_convert(std::span<const std::byte> set, std::size_t max_message_bytes,
                                                Decompressor& decompressor) {
  const auto outer = look_over(set, max_message_bytes);
  if (!outer) return failure(outer.error());
  const MessageView& wrapper = outer->first;

  std::span<const std::byte> messages = set;
  if (wrapper.wraps()) {
    const auto inner = open(wrapper, decompressor);
    if (!inner) return failure(inner.error());
    messages = *inner;
  }

  // A record is smaller than the message that it was.
  BatchBuilder builder(Codec::none, {.expected = batch_header_size + messages.size()});
  Offset last{0};
  MessageWalk walk(messages);
  while (const MessageView* message = walk.next()) {
    if (wrapper.wraps()) {
      if (Objection objection = check_inner(*message, wrapper)) return failure(*std::move(objection));
    }
    last = message->offset;
    append(builder, *message);
  }
  if (!walk.sound()) return refused(ErrorCode::corrupt_message, walk.fault());
  if (builder.records() == 0) {
    return refused(ErrorCode::invalid_record, "Found invalid compressed record set with no inner records");
  }
  if (wrapper.wraps()) {
    if (Objection objection = check_offsets(wrapper, last)) return failure(*std::move(objection));
  }
  return UpConverted{*RecordBatch::first(builder.seal()), static_cast<Codec>(wrapper.codec_bits())};
}

}  // namespace acklab::protocol

#include "tests/protocol/message_sets.h"

#include <gtest/gtest.h>

#include "protocol/records/lz4_header.h"
#include "protocol/records/message_set.h"

namespace acklab::protocol {
namespace {

std::optional<std::string> text(const std::optional<std::span<const std::byte>>& run) {
  if (!run) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(run->data()), run->size());
}

}  // namespace

Slice message_set(std::span<const NewMessage> messages) {
  std::size_t size = 0;
  for (const NewMessage& message : messages) size += message_size(message);
  MutableBuffer set(size);
  std::byte* out = set.span().data();
  for (const NewMessage& message : messages) out = store_message(out, message);
  return std::move(set).freeze();
}

Slice wrapped_set(Codec codec, std::int8_t magic, Offset offset, std::span<const NewMessage> messages) {
  const Slice packed = compress(codec, message_set(messages).view());
  const NewMessage wrapper{.offset = offset,
                           .magic = magic,
                           .attributes = static_cast<std::int8_t>(codec),
                           .timestamp = messages.empty() ? -1 : messages.back().timestamp,
                           .key = {},
                           .value = packed.text()};
  return message_set(std::span(&wrapper, std::size_t{1}));
}

std::vector<ReadMessage> read_messages(const Slice& set) {
  std::vector<ReadMessage> messages;
  MessageWalk walk(set.view());
  while (const MessageView* message = walk.next()) {
    EXPECT_TRUE(message->crc_matches());
    if (!message->wraps()) {
      messages.push_back({message->offset, message->magic, message->timestamp, text(message->key), text(message->value)});
      continue;
    }
    const auto codec = static_cast<Codec>(message->codec_bits());
    const Slice packed = Slice::copy_of(*message->value);
    const auto inner = decompress(codec, codec == Codec::lz4 && message->magic == 0 ? with_lz4_checksum(packed.view()) : packed);
    EXPECT_TRUE(inner.has_value());
    if (!inner) return messages;
    std::vector<ReadMessage> inside = read_messages(*inner);
    const std::int64_t base = message->magic > 0 && !inside.empty() ? message->offset - inside.back().offset : 0;
    for (ReadMessage& one : inside) {
      one.offset = one.offset + base;
      messages.push_back(std::move(one));
    }
  }
  EXPECT_TRUE(walk.sound());
  return messages;
}

}  // namespace acklab::protocol

// The message set, in which records travelled and were stored before Kafka 0.11 had record batches. Clients of that age send it in
// Produce 0 to 2 and expect it in the answers of Fetch 0 to 3. A set is messages one behind the other and nothing else; the last one may
// be cut short, where a Fetch answer had no more room.
//
//    0  offset       int64
//    8  messageSize  int32   bytes after this field
//   12  crc          uint32  CRC-32 of everything after it
//   16  magic        int8    0, or 1 since Kafka 0.10
//   17  attributes   int8    bits 0-2 codec, 3 timestamp type (magic 1)
//   18  timestamp    int64   only in magic 1 (KIP-32)
//       key          int32   length, -1 for null; then the bytes
//       value        int32   the same
//
// Messages that were compressed are a message set of their own, and that is the value of one message, the wrapper, whose attributes name
// the codec. In magic 0 the messages inside have the log's offsets, so a broker had to open every wrapper and to compress it again, only
// to number what was in it. In magic 1 (KIP-31) they count from 0, and the wrapper has the offset of the last one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "protocol/types.h"

namespace acklab::protocol {

inline constexpr std::size_t message_prefix_size = 12;  // offset and messageSize
inline constexpr std::size_t message_magic_at = 16;
inline constexpr std::int32_t smallest_message_size = 14;     // of magic 0, without key and value
inline constexpr std::int8_t log_append_time_of_message = 8;  // the bit in the attributes

// One message where it lies.
struct MessageView {
  std::span<const std::byte> bytes;  // all of it, with its prefix
  Offset offset{};
  std::uint32_t crc = 0;
  std::int8_t magic = 0;
  std::int8_t attributes = 0;
  std::int64_t timestamp = -1;  // -1 in magic 0
  std::optional<std::span<const std::byte>> key;
  std::optional<std::span<const std::byte>> value;

  std::uint32_t crc_of_bytes() const;
  bool crc_matches() const { return crc == crc_of_bytes(); }
  std::uint8_t codec_bits() const { return static_cast<std::uint8_t>(attributes & 0x07); }
  bool wraps() const { return codec_bits() != 0; }
  bool log_append_time() const { return magic > 0 && (attributes & log_append_time_of_message) != 0; }
};

// Walks through a set without copying; a wrapper is one message.
class MessageWalk {
 public:
  // `set` must outlive the walk.
  explicit MessageWalk(std::span<const std::byte> set) : rest_(set) {}

  // The next message, until the one after it is asked for; null at the end, before a message that is cut short, and at the first fault.
  const MessageView* next();

  // Asked after next() gave null.
  bool sound() const { return fault_ == nullptr; }
  const char* fault() const { return fault_; }

 private:
  std::span<const std::byte> rest_;
  const char* fault_ = nullptr;
  MessageView message_;
};

}  // namespace acklab::protocol

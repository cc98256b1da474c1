// Message sets as tests make them.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/records/compression.h"
#include "protocol/records/message_encoding.h"
#include "protocol/wire/slice.h"

namespace acklab::protocol {

inline constexpr std::int8_t both_magics[] = {0, 1};

Slice message_set(std::span<const NewMessage> messages);

// A wrapper with all of them in it. `offset`: of the wrapper.
Slice wrapped_set(Codec codec, std::int8_t magic, Offset offset, std::span<const NewMessage> messages);

// What a set holds, wrappers opened.
struct ReadMessage {
  Offset offset{};
  std::int8_t magic = 0;
  std::int64_t timestamp = -1;
  std::optional<std::string> key;
  std::optional<std::string> value;

  friend bool operator==(const ReadMessage&, const ReadMessage&) = default;
};
// As an old client reads it: offsets inside a wrapper of magic 1 count up to the wrapper's. Checksums that do not match fail the test.
std::vector<ReadMessage> read_messages(const Slice& set);

}  // namespace acklab::protocol

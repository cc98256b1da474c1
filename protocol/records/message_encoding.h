// One message of a message set as bytes (the drawing is in message_set.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/types.h"

namespace acklab::protocol {

// What is put into a message; views, copied when it is stored.
struct NewMessage {
  Offset offset{};
  std::int8_t magic = 1;
  std::int8_t attributes = 0;
  std::int64_t timestamp = -1;  // magic 0 has none
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
};

// With its prefix.
std::size_t message_size(const NewMessage& message);

// Stores message_size() bytes, with the checksum. Returns where the next message goes.
std::byte* store_message(std::byte* to, const NewMessage& message);

}  // namespace acklab::protocol

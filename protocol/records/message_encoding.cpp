#include "protocol/records/message_encoding.h"

#include <cstring>

#include "protocol/check.h"
#include "protocol/records/crc32.h"
#include "protocol/records/message_set.h"
#include "protocol/wire/big_endian.h"

namespace acklab::protocol {
namespace {

using Run = std::optional<std::string_view>;

constexpr std::size_t crc_at = message_prefix_size;
constexpr std::size_t summed_from = crc_at + sizeof(std::uint32_t);

std::size_t length(const Run& run) { return run ? run->size() : 0; }

std::byte* store_run(std::byte* to, const Run& run) {
  to = store_big_endian(to, run ? static_cast<std::int32_t>(run->size()) : std::int32_t{-1});
  if (length(run) > 0) std::memcpy(to, run->data(), run->size());
  return to + length(run);
}

}  // namespace

std::size_t message_size(const NewMessage& message) {
  const std::size_t timestamp = message.magic > 0 ? sizeof(std::int64_t) : 0;
  const std::size_t size =
      static_cast<std::size_t>(smallest_message_size) + timestamp + length(message.key) + length(message.value);
  CHECK(size <= INT32_MAX);
  return message_prefix_size + size;
}

std::byte* store_message(std::byte* to, const NewMessage& message) {
  const std::size_t size = message_size(message);
  std::byte* out = store_big_endian(to, message.offset.value);
  out = store_big_endian(out, static_cast<std::int32_t>(size - message_prefix_size));
  out = store_big_endian(out, std::uint32_t{0});  // the checksum, once there is something to sum
  out = store_big_endian(out, message.magic);
  out = store_big_endian(out, message.attributes);
  if (message.magic > 0) out = store_big_endian(out, message.timestamp);
  out = store_run(out, message.key);
  out = store_run(out, message.value);
  CHECK(out == to + size);
  store_big_endian(to + crc_at, crc32({to + summed_from, out}));
  return out;
}

}  // namespace acklab::protocol

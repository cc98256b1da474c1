#include "protocol/types.h"

namespace acklab::protocol {

std::string to_string(const TopicPartition& partition) { return partition.topic + "-" + std::to_string(partition.partition); }

std::string to_string(const Uuid& uuid) {
  static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  std::uint32_t pending = 0;
  int bits = 0;
  for (const std::uint8_t byte : uuid.bytes) {
    pending = (pending << 8) | byte;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text.push_back(alphabet[(pending >> bits) & 0x3f]);
    }
  }
  text.push_back(alphabet[(pending << (6 - bits)) & 0x3f]);
  return text;
}

}  // namespace acklab::protocol

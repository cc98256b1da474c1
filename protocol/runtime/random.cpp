#include "protocol/runtime/random.h"

#include <cstddef>

namespace acklab::protocol {

Random Random::stream(std::uint64_t seed, std::string_view purpose, std::int64_t node) {
  // FNV-1a over the purpose, then one mix per part of the key, so that near keys give far streams.
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : purpose) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3U;
  Random mix(seed);
  const std::uint64_t from_seed = mix.next();
  Random keyed(from_seed ^ hash);
  const std::uint64_t from_purpose = keyed.next();
  Random last(from_purpose ^ (static_cast<std::uint64_t>(node) * 0x9e3779b97f4a7c15U));
  return Random(last.next());
}

Uuid random_uuid(Random& random) {
  constexpr std::uint8_t dash = 62;  // the place of '-' among the 64 digits of the text
  Uuid uuid;
  do {
    for (std::size_t half = 0; half < uuid.bytes.size(); half += 8) {
      const std::uint64_t bits = random.next();
      for (std::size_t i = 0; i < 8; ++i) uuid.bytes[half + i] = static_cast<std::uint8_t>(bits >> (56 - 8 * i));
    }
    uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0f) | 0x40);  // version 4: random
    uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);  // variant of RFC 9562
  } while (uuid.bytes[0] >> 2 == dash);
  return uuid;
}

}  // namespace acklab::protocol

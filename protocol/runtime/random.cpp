#include "protocol/runtime/random.h"

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

}  // namespace acklab::protocol

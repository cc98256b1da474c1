// What a broker says that it serves, and which version a question is then asked in.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>

#include "protocol/messages/api_versions.h"
#include "protocol/wire/spec.h"

namespace acklab::conform {

// Inclusive.
struct Versions {
  std::int16_t first = 0;
  std::int16_t last = std::numeric_limits<std::int16_t>::max();
};

class Offer {
 public:
  Offer() = default;
  explicit Offer(const protocol::ApiVersionsResponse& advertised);

  std::optional<Versions> of(std::int16_t api_key) const;
  // The newest version that the broker advertises, this program can write, and the question wants; throws NotAsked if there is none.
  std::int16_t newest(const protocol::MessageInfo& declared, Versions wanted) const;

 private:
  std::map<std::int16_t, Versions> apis_;
};

}  // namespace acklab::conform

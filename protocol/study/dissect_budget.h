// What one dissection may hold. All parts of a frame, and all that was unpacked for them, are there at once, and a stranger's few bytes
// can stand for very many of both: arrays in arrays, batches of zeros. What is beyond the budget says so, and is no fault of the bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "protocol/records/compression.h"
#include "protocol/result.h"
#include "protocol/wire/slice.h"

namespace acklab::protocol {

inline constexpr std::size_t most_parts = 200'000;
inline constexpr std::size_t most_unpacked = max_decompressed_batch;  // bytes; no batch that can be unpacked is too large alone

class DissectBudget {
 public:
  // Once all parts are used up, those that were begun are finished, and no element, batch or record is shown any more.
  bool parts_used_up() const { return parts_ >= most_parts; }
  void use_parts(std::size_t count) { parts_ += count; }
  // Parts that were made and thrown away: `used` is what parts_used() said before them.
  std::size_t parts_used() const { return parts_; }
  void give_parts_back(std::size_t used) { parts_ = used; }

  // Nothing if it does not fit; then nothing else is unpacked either, so that the work has a bound, too.
  Result<std::optional<Slice>, std::string> unpack(Codec codec, const Slice& packed);

 private:
  std::size_t parts_ = 0;
  std::size_t unpacked_left_ = most_unpacked;
};

// The notes of parts that are beyond it.
std::string why_not_shown();
std::string why_not_unpacked();

}  // namespace acklab::protocol

#include "protocol/study/dissect_budget.h"

#include <utility>

#include <fmt/format.h>

namespace acklab::protocol {

Result<std::optional<Slice>, std::string> DissectBudget::unpack(Codec codec, const Slice& packed) {
  if (unpacked_left_ == 0) return std::optional<Slice>();
  auto plain = decompress(codec, packed);
  if (!plain) return failure(plain.error());
  if (plain->size() > unpacked_left_) {
    unpacked_left_ = 0;
    return std::optional<Slice>();
  }
  unpacked_left_ -= plain->size();
  return std::optional<Slice>(std::move(*plain));
}

std::string why_not_shown() { return fmt::format("not shown: {} parts at most are shown at once", most_parts); }

std::string why_not_unpacked() { return fmt::format("not unpacked: {} MiB at most are unpacked at once", most_unpacked >> 20); }

}  // namespace acklab::protocol

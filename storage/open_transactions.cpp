#include "storage/open_transactions.h"

#include <algorithm>

namespace acklab::storage {

using protocol::Offset;

void OpenTransactions::begin(Offset first) { markers_.insert_or_assign(first, undecided); }

void OpenTransactions::decide(Offset first, Offset marker) { markers_.insert_or_assign(first, marker); }

std::optional<Offset> OpenTransactions::first_undecided() const {
  const auto found = std::find_if(markers_.begin(), markers_.end(), [](const auto& entry) { return entry.second == undecided; });
  return found == markers_.end() ? std::nullopt : std::optional(found->first);
}

Offset OpenTransactions::last_stable_offset(Offset high_watermark) const {
  const auto unstable =
      std::find_if(markers_.begin(), markers_.end(), [&](const auto& entry) { return entry.second >= high_watermark; });
  return unstable == markers_.end() ? high_watermark : std::min(unstable->first, high_watermark);
}

void OpenTransactions::forget_decided_below(Offset high_watermark) {
  std::erase_if(markers_, [&](const auto& entry) { return entry.second < high_watermark; });
}

}  // namespace acklab::storage

#include "storage/leader_epochs.h"

#include <algorithm>
#include <iterator>

namespace acklab::storage {

using protocol::LeaderEpoch;
using protocol::Offset;

void LeaderEpochs::assign(LeaderEpoch epoch, Offset start) {
  if (!epoch.known()) return;  // a batch from before there were epochs
  if (epoch == latest() && entries_.back().start <= start) return;
  while (!entries_.empty() && (entries_.back().epoch >= epoch || entries_.back().start >= start)) entries_.pop_back();
  entries_.push_back({epoch, start});
}

LeaderEpoch LeaderEpochs::latest() const { return entries_.empty() ? LeaderEpoch{} : entries_.back().epoch; }

EpochEnd LeaderEpochs::end_of(LeaderEpoch epoch, Offset log_end) const {
  if (!epoch.known() || epoch > latest()) return {};
  if (epoch == latest()) return {epoch, log_end};

  const auto above = std::upper_bound(entries_.begin(), entries_.end(), epoch,
                                      [](LeaderEpoch wanted, const EpochStart& entry) { return wanted < entry.epoch; });
  // Below the first entry nothing is known of the epoch but that it ended before the first one began.
  const LeaderEpoch named = above == entries_.begin() ? epoch : std::prev(above)->epoch;
  return {named, above->start};
}

void LeaderEpochs::truncate_to(Offset end) {
  while (!entries_.empty() && entries_.back().start >= end) entries_.pop_back();
}

void LeaderEpochs::trim_to(Offset start) {
  const auto above = std::upper_bound(entries_.begin(), entries_.end(), start,
                                      [](Offset wanted, const EpochStart& entry) { return wanted < entry.start; });
  if (above == entries_.begin()) return;
  // The epoch that was under way at the new start begins there now.
  const auto under_way = std::prev(above);
  under_way->start = start;
  entries_.erase(entries_.begin(), under_way);
}

}  // namespace acklab::storage

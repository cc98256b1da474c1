#include "broker/partition/truncation.h"

#include <algorithm>

namespace acklab::broker {

using protocol::Offset;

Offset truncation_point(const storage::EpochEnd& diverging, const storage::LeaderEpochs& own, Offset own_end) {
  const storage::EpochEnd mine = own.end_of(diverging.epoch, own_end);
  if (!mine.epoch.known()) return std::min(diverging.end, own_end);
  if (mine.epoch != diverging.epoch) return std::min(mine.end, own_end);
  return std::min({mine.end, diverging.end, own_end});
}

}  // namespace acklab::broker

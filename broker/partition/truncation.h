// Where a follower cuts its log when the leader says that their histories part (KIP-101, KIP-279). Pure.
#pragma once

#include "storage/leader_epochs.h"

namespace acklab::broker {

// The leader knows that its `diverging.epoch` ends at `diverging.end`; the follower's own log ends at `own_end`. What the follower has of
// that epoch beyond the leader's end is not the leader's. If the follower never had that epoch, all that it may keep is what it has of
// the next lower one; it fetches again from there, and the leader answers with a lower epoch until they agree.
protocol::Offset truncation_point(const storage::EpochEnd& diverging, const storage::LeaderEpochs& own, protocol::Offset own_end);

}  // namespace acklab::broker

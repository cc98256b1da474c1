// Batches for tests of the log, and offsets that can be read where one fails.
#pragma once

#include <ostream>

#include "protocol/types.h"
#include "tests/storage/batch_makers.h"

namespace acklab::protocol {

inline void PrintTo(Offset offset, std::ostream* out) { *out << "offset " << offset.value; }
inline void PrintTo(LeaderEpoch epoch, std::ostream* out) { *out << "epoch " << epoch.value; }

}  // namespace acklab::protocol

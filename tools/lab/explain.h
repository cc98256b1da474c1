// Why a record met its fate, as a short chain of events in plain words. Pure: it walks the journal from two witnesses (what the producer
// was told; what the last read found) back over the keys that are on the wire anyway: partition, epoch, offset, batch.
#pragma once

#include <string>
#include <vector>

#include "protocol/runtime/journal.h"
#include "tools/lab/ledger.h"
#include "tools/lab/verdict.h"

namespace acklab::lab {

// One line for each event, oldest first: "  1203.41 ms  broker 0     appended offsets 400 to 402 in epoch 0; in sync {0, 1, 2}".
std::vector<std::string> explain(const protocol::Journal& journal, const Finding& finding, const Send& send);

}  // namespace acklab::lab

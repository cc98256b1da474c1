// Bit rot where it hurts: in a batch of a log that is committed long since. Part of the experiment, not of a log.
#pragma once

#include <optional>
#include <string>

#include "protocol/records/record_batch.h"
#include "protocol/runtime/random.h"
#include "storage/sim_disk.h"

namespace acklab::storage {

// Flips a bit of a batch that lies wholly below `upper` in the log in `directory`; both are drawn from `random` and the disk's own
// stream. Only the checksum and what it covers rot: of the base offset, the length, the leader epoch and the magic nobody could tell, neither
// here nor in Kafka. The header of the batch, as it was; nothing if there is no such batch.
std::optional<protocol::BatchHeader> rot_a_batch(SimDisk& disk, const std::string& directory, protocol::Offset upper,
                                                 protocol::Random& random);

}  // namespace acklab::storage

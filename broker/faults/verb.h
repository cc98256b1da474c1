// What a fault does. The names are those of scenario files, of the HTTP API and of `acklab fault`.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace acklab::broker {

enum class Verb {
  // Nodes.
  kill,
  power_loss,
  pause,   // the process stands still; its kernel lives on
  resume,  // what stood still goes on
  restart,
  controlled_shutdown,  // a broker hands its leaderships over, and ends
  clock_jump,           // the wall clock leaps; timers do not notice
  // Disks of nodes, as far as they are simulated (storage/sim_disk.h).
  disk_full,   // so many bytes are left
  slow_disk,   // every append and flush takes longer
  fail_flush,  // the next flush fails, and what it should have written is lost
  tear,        // the next append leaves a part of its bytes, and the node dies over it
  mend_disk,   // ends what lasts
  corrupt,     // bit rot in a replica's log, below its high watermark
  // Partitions: an operator's command to the controller.
  preferred_election,  // the first replica of the assignment shall lead, if it is in sync
  unclean_election,    // a partition that nobody in sync can lead shall be led by any replica
  // Links.
  cut,
  heal,
  stall,
  slow,
  reset,
  // Requests, at dispatch on the broker that serves them.
  error_on_nth,       // answer the n-th matching request with an error code; it is not applied
  delay,              // serve it later, and what comes behind it on its connection later still
  drop_before_apply,  // close the connection; nothing was applied
  drop_after_append,  // close the connection after the append, before replication was waited for
  drop_answer,        // do all, but close the connection instead of answering
  hold_answer,        // do all, but keep the answer back, and with it all behind it
  // Nothing at all: a place that a run must reach, or it proves nothing; and something to wait for.
  mark,
};

std::span<const std::string_view> verb_names();  // in the order of the enumerators
std::string_view name(Verb verb);                // "drop-answer"
std::optional<Verb> verb_named(std::string_view name);

// What a verb strikes, and so what its target must be.
enum class VerbKind { node, disk, partition, link, request, nothing };
VerbKind kind(Verb verb);

}  // namespace acklab::broker

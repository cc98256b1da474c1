// Planted bugs: each is a mistake that a broker or producer could really make, asked about at one named place. They prove that the
// checker and the invariants can see. Constant false unless the build says ACKLAB_MUTANTS=ON; with none active that build behaves
// exactly as the plain one.
#pragma once

#include <span>
#include <string_view>

namespace acklab::protocol {

enum class Mutant {
  none,
  ack_before_replication,  // acks=all is answered as soon as the leader has appended
  skip_sequence_check,     // the leader appends every batch of an idempotent producer as if it were new
  pointer_ordered_set,     // a follower asks for its partitions in the order of their addresses: not the same in every run
  advance_too_early,       // the leader moves the high watermark to its own log end
  truncate_too_far,        // a follower cuts its log at its high watermark, not where the histories part (before KIP-101)
  join_isr_too_early,      // the leader proposes a follower for the ISR that has not caught up with the high watermark
  lose_producer_states,    // a new leader knows nothing of the batches that idempotent producers sent to its predecessor
  answer_acks_0,           // a Produce with acks=0 is answered
  deny_the_append,         // the answer to a batch that was appended says NOT_ENOUGH_REPLICAS, which means that it was not
  deny_the_duplicate,  // a batch that the log has is refused with OUT_OF_ORDER_SEQUENCE_NUMBER when it comes again (hazard P13)
  keep_states_of_the_cut,       // a truncated log goes on knowing the batches that were cut off it (hazard P15)
  keep_torn_batch,              // recovery believes a batch's header and does not look whether the rest of it is there
  carry_on_after_failed_flush,  // a broker takes no notice of a flush that failed (hazard R16)
  compact_the_latest,           // a cleaning drops the latest record of a key like those before it
  seal_rotten_batch,            // what is read of the log gets a new checksum, whether the old one matched or not (hazard R15)
};

std::span<const std::string_view> mutant_names();

#ifdef ACKLAB_MUTANTS
bool active(Mutant mutant);
// For the whole process: mutants are for tests of the checker, which run one at a time. False for an unknown name.
bool activate(std::string_view name);
#else
constexpr bool active(Mutant) { return false; }
#endif

}  // namespace acklab::protocol

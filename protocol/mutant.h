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

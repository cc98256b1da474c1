#include "protocol/mutant.h"

#include <algorithm>
#include <array>
#include <atomic>

namespace acklab::protocol {
namespace {

// In the order of the enumerators behind `none`.
constexpr std::array names = std::to_array<std::string_view>(
    {"ack-before-replication", "skip-sequence-check", "pointer-ordered-set", "advance-too-early", "truncate-too-far",
     "join-isr-too-early", "lose-producer-states", "answer-acks-0", "deny-the-append", "deny-the-duplicate",
     "keep-states-of-the-cut", "keep-torn-batch", "carry-on-after-failed-flush", "compact-the-latest", "seal-rotten-batch"});

}  // namespace

std::span<const std::string_view> mutant_names() { return names; }

#ifdef ACKLAB_MUTANTS
namespace {

// Every node's thread asks.
std::atomic<Mutant> active_mutant{Mutant::none};

}  // namespace

bool active(Mutant mutant) { return active_mutant.load(std::memory_order_relaxed) == mutant; }

bool activate(std::string_view name) {
  if (name == "none") {
    active_mutant = Mutant::none;
    return true;
  }
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return false;
  active_mutant = static_cast<Mutant>(found - names.begin() + 1);
  return true;
}
#endif

}  // namespace acklab::protocol

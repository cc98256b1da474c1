#include <algorithm>
#include <array>

#include "tests/fuzz/target.h"

namespace acklab::fuzz {

std::span<const Target> targets() {
  static constexpr std::array all{
      Target{"framing", run_framing, framing_seeds},
      Target{"requests", run_requests, request_seeds},
      Target{"record-batches", run_record_batches, record_batch_seeds},
      Target{"message-sets", run_message_sets, message_set_seeds},
      Target{"decompression", run_decompression, decompression_seeds},
      Target{"recovery", run_recovery, recovery_seeds},
      Target{"indexes", run_indexes, index_seeds},
      Target{"checkpoints", run_checkpoints, checkpoint_seeds},
      Target{"captures", run_captures, capture_seeds},
      Target{"dissection", run_dissection, dissection_seeds},
      Target{"scenarios", run_scenarios, scenario_seeds},
  };
  return all;
}

const Target* target_named(std::string_view name) {
  const auto found = std::ranges::find(targets(), name, &Target::name);
  return found == targets().end() ? nullptr : &*found;
}

}  // namespace acklab::fuzz

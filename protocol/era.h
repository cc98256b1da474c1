// Which of Kafka's historic rules are in force. One struct of named rules and defaults, chosen by a Kafka version; the same
// scenario and seed under two eras may give two verdicts. An era changes neither wire versions nor the message format nor how the
// controller is reached (see broker/NOT_EMULATED.md).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "protocol/result.h"

namespace acklab::protocol {

struct Era {
  std::string_view from;  // the first Kafka version of this era: "3.7"

  // Broker.
  bool strict_min_isr = true;           // the high watermark stands still while |ISR| < min.insync.replicas (KAFKA-15583, 3.7)
  bool isr_join_at_epoch_start = true;  // a follower joins the ISR only from the start of the leader's epoch on (KAFKA-7128, 2.1)
  bool unclean_election_by_default = false;  // unclean.leader.election.enable, until KIP-106 (0.11)
  // Producer defaults.
  int linger_ms = 5;                   // KIP-1030, 4.0; 0 before
  bool acks_all_by_default = true;     // KIP-679, 3.0; "1" before
  bool idempotence_by_default = true;  // KIP-679, 3.0 (KAFKA-13598)
};

// Oldest first. The newest is the default.
std::span<const Era> eras();
const Era& newest_era();

// The era of any Kafka version from 0.10 on ("2.4.1", "3.9", "4.1"). The error is a line for the user.
Result<Era, std::string> era_of(std::string_view version);

}  // namespace acklab::protocol

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
  bool unclean_election_by_default = false;         // unclean.leader.election.enable, until KIP-106 (0.11)
  int message_max_bytes = 1048588;                  // message.max.bytes: 1000012 before KAFKA-4203 (2.5)
  bool bounds_future_timestamps = true;             // message.timestamp.after.max.ms is an hour; no limit before KIP-1030 (4.0)
  bool unknown_producer_may_start_anywhere = true;  // a producer without state; UNKNOWN_PRODUCER_ID before KIP-360 (2.5)
  // Producer.
  int idempotent_in_flight = 5;  // requests that an idempotent producer may have in flight: one before KAFKA-5494 (1.0)
  bool bumps_epoch = true;       // goes on in a new epoch after a gap (KIP-360, 2.5); before, with another producer id
  // A bump gives new sequences also to batches that may be in the log already (KAFKA-14034). It came with the bump; which release
  // mended it, if one has, is not known here. The eras from 4.0 on are safe, because theirs is the producer that an application gets.
  bool renumbers_batches_in_doubt = false;
  bool old_epoch_is_fatal = false;  // INVALID_PRODUCER_EPOCH ends the producer as PRODUCER_FENCED does; until 2.7
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

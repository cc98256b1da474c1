// What the end of one attempt to send a batch means: what it proves, and what is to be done next. Pure tables and arithmetic.
//
// An attempt is *definite* when it is certain that it appended nothing: it never reached the wire, or the broker answered with a code
// that it gives only before it appends. It is *indefinite* when the records may be in the log all the same. One indefinite attempt
// makes the send unknown for ever, unless a later attempt is acknowledged; a client that calls it "failed" then lies.
#pragma once

#include <optional>

#include "producer/config.h"
#include "producer/producer.h"
#include "protocol/error_code.h"
#include "protocol/runtime/random.h"
#include "protocol/runtime/request_channel.h"
#include "protocol/types.h"

namespace acklab::producer {

// How an attempt ended: the broker answered for the batch's partition, or the connection failed.
struct Answer {
  protocol::ErrorCode code = protocol::ErrorCode::none;  // of a fault: the code that Kafka's client gives it
  std::optional<protocol::ChannelFault> fault;

  static Answer of(protocol::ErrorCode code) { return {code, std::nullopt}; }
  static Answer of(protocol::ChannelFault fault);
};

enum class Proof {
  appended,      // the records are in the log
  not_appended,  // definite: this attempt put nothing into the log
  none,          // indefinite
};
Proof proof_of(const Answer& answer, protocol::Acks acks);

// The same request may get another answer if it is sent again.
bool may_succeed_later(const Answer& answer);
// The client's idea of the leader may be wrong.
bool asks_for_metadata(const Answer& answer);

// What an attempt's batch has behind it, and around it.
struct Situation {
  int retries = 0;          // how often it went back before
  bool indefinite = false;  // one of its earlier attempts was
  bool expired = false;     // its delivery.timeout.ms has passed
  bool idempotent = false;  // it bears a sequence
  bool oldest = true;       // of an idempotent one: no batch of its partition with a lower sequence is without an outcome
  std::int64_t records = 1;
  bool log_start_passed = false;  // the answer says that the log begins behind what this partition last acknowledged
};

enum class Step {
  complete,  // acknowledged
  retry,     // again, as it is, after a back-off
  rename,    // again, with a new sequence in a new epoch: the broker will never take it under the old name
  split,     // again, in smaller batches
  give_up,   // it ends here, failed or unknown
  fatal,     // it ends here, and the producer with it
};
// Whether a batch that may be in the log gets another name when it is refused or a gap lies before it, and so may be appended again:
// by an old client's rule (hazard P11), or a variant's.
bool renumbers_batches_in_doubt(const ProducerConfig& config);
Step next_step(const Answer& answer, const Situation& situation, const ProducerConfig& config);

// How a batch that is given up ends.
constexpr Outcome::Kind ending(bool indefinite, const ProducerConfig& config) {
  const bool lies = config.unsafe_variant == UnsafeVariant::treats_unknown_as_failed;
  return indefinite && !lies ? Outcome::Kind::unknown : Outcome::Kind::failed;
}

// How long to wait before the n-th retry, n from 1: it doubles up to the longest, give or take a fifth, so that many clients that
// failed together do not come back together (KIP-580).
Duration back_off(int n, Duration first, Duration longest, protocol::Random& random);

}  // namespace acklab::producer

#include "producer/retry.h"

#include <algorithm>

#include "producer/send_error.h"

namespace acklab::producer {

using protocol::Acks;
using protocol::ChannelFault;
using protocol::ErrorCode;

Answer Answer::of(ChannelFault fault) {
  switch (fault) {
    case ChannelFault::timed_out:
      return {ErrorCode::request_timed_out, fault};
    case ChannelFault::unsupported:
      return {ErrorCode::unsupported_version, fault};
    case ChannelFault::refused:
    case ChannelFault::disconnected:
    case ChannelFault::not_written:
    case ChannelFault::malformed:
      break;
  }
  return {ErrorCode::network_exception, fault};
}

namespace {

Proof proof_of_fault(ChannelFault fault) {
  switch (fault) {
    case ChannelFault::refused:
    case ChannelFault::not_written:
    case ChannelFault::unsupported:
      return Proof::not_appended;  // it never reached the wire
    case ChannelFault::disconnected:
    case ChannelFault::timed_out:
    case ChannelFault::malformed:
      break;
  }
  return Proof::none;
}

// A code that is not named here proves nothing.
Proof proof_of_code(ErrorCode code, Acks acks) {
  switch (code) {
    case ErrorCode::none:
    case ErrorCode::duplicate_sequence_number:  // an old broker's word for "I have it"
      return Proof::appended;

    // Found out before the append.
    case ErrorCode::corrupt_message:
    case ErrorCode::message_too_large:
    case ErrorCode::invalid_topic_exception:
    case ErrorCode::record_list_too_large:
    case ErrorCode::not_enough_replicas:
    case ErrorCode::invalid_required_acks:
    case ErrorCode::illegal_generation:
    case ErrorCode::topic_authorization_failed:
    case ErrorCode::cluster_authorization_failed:
    case ErrorCode::invalid_timestamp:
    case ErrorCode::unsupported_version:
    case ErrorCode::invalid_partitions:
    case ErrorCode::invalid_request:
    case ErrorCode::unsupported_for_message_format:
    case ErrorCode::out_of_order_sequence_number:
    case ErrorCode::invalid_producer_epoch:
    case ErrorCode::invalid_txn_state:
    case ErrorCode::invalid_producer_id_mapping:
    case ErrorCode::transactional_id_authorization_failed:
    case ErrorCode::security_disabled:
    case ErrorCode::sasl_authentication_failed:
    case ErrorCode::unknown_producer_id:
    case ErrorCode::unsupported_compression_type:
    case ErrorCode::invalid_record:
    case ErrorCode::producer_fenced:
    case ErrorCode::unknown_topic_id:
    case ErrorCode::transaction_abortable:
      return Proof::not_appended;

    // With acks=all the wait for replication ends with these too, when leadership is lost with the records in the log.
    case ErrorCode::unknown_topic_or_partition:
    case ErrorCode::leader_not_available:
    case ErrorCode::not_leader_or_follower:
      return acks == Acks::leader ? Proof::not_appended : Proof::none;

    // KAFKA_STORAGE_ERROR is definite only if the append failed, not the flush after it, and the code does not say which.
    default:
      return Proof::none;
  }
}

}  // namespace

Proof proof_of(const Answer& answer, Acks acks) {
  if (answer.fault) return proof_of_fault(*answer.fault);
  if (acks == Acks::none) return Proof::none;  // there is no answer to an attempt that promises none
  return proof_of_code(answer.code, acks);
}

bool may_succeed_later(const Answer& answer) {
  return answer.fault ? *answer.fault != ChannelFault::unsupported : protocol::retriable(answer.code);
}

bool asks_for_metadata(const Answer& answer) {
  return answer.fault ? may_succeed_later(answer) : protocol::stale_metadata(answer.code);
}

bool renumbers_batches_in_doubt(const ProducerConfig& config) {
  return config.era.renumbers_batches_in_doubt || config.unsafe_variant == UnsafeVariant::more_than_five_in_flight ||
         config.unsafe_variant == UnsafeVariant::bumps_every_partition;
}

namespace {

// What a leader says of the names of batches. It will never take this one under the name that it has.
bool refuses_the_name(ErrorCode code) {
  return code == ErrorCode::out_of_order_sequence_number || code == ErrorCode::invalid_producer_epoch ||
         code == ErrorCode::unknown_producer_id;
}

Step step_after_refused_name(ErrorCode code, const Situation& situation, const ProducerConfig& config) {
  // A gap before this batch is no news while the batches before it have no outcome: they come again, and then it does.
  if (code == ErrorCode::out_of_order_sequence_number && !situation.oldest) return Step::retry;
  if (code == ErrorCode::invalid_producer_epoch && config.era.old_epoch_is_fatal) return Step::fatal;
  if (!config.era.bumps_epoch) {
    // Before KIP-360 a producer guessed: where the log begins behind its last record, that is why it was forgotten, and it may begin
    // again at 0. Wrong if this batch was appended and has gone with the others (hazard P8).
    return code == ErrorCode::unknown_producer_id && situation.log_start_passed ? Step::rename : Step::give_up;
  }
  // What came before is not in this log and will not be: only a new epoch, which begins at 0, goes on from here (KIP-360). But a batch
  // that an earlier attempt may have appended must keep its name, or the log may hold it twice (KAFKA-14034).
  return situation.indefinite && !renumbers_batches_in_doubt(config) ? Step::give_up : Step::rename;
}

}  // namespace

Step next_step(const Answer& answer, const Situation& situation, const ProducerConfig& config) {
  if (proof_of(answer, config.acks) == Proof::appended) return Step::complete;
  if (fatal(answer.code)) return Step::fatal;
  if (answer.code == ErrorCode::message_too_large && situation.records > 1 && !situation.expired) return Step::split;
  if (situation.retries >= config.retries || situation.expired) return Step::give_up;

  if (situation.idempotent && refuses_the_name(answer.code)) return step_after_refused_name(answer.code, situation, config);
  return may_succeed_later(answer) ? Step::retry : Step::give_up;
}

Duration back_off(int n, Duration first, Duration longest, protocol::Random& random) {
  Duration wait = std::min(first, longest);
  for (int i = 1; i < n && wait > Duration::zero() && wait < longest; ++i) wait = std::min(wait * 2, longest);
  const std::int64_t permille = random.between(800, 1200);
  return wait / 1000 * permille;
}

}  // namespace acklab::producer

#include "producer/send_error.h"

#include "protocol/check.h"

namespace acklab::producer {

using protocol::ErrorCode;

bool fatal(ErrorCode code) {
  switch (code) {
    case ErrorCode::cluster_authorization_failed:
    case ErrorCode::unsupported_version:
    case ErrorCode::invalid_producer_id_mapping:
    case ErrorCode::invalid_transaction_timeout:
    case ErrorCode::transactional_id_authorization_failed:
    case ErrorCode::producer_fenced:
      return true;
    default:
      return false;
  }
}

namespace {

// Among them those of the consumer group whose offsets the transaction was to commit.
bool abortable(ErrorCode code) {
  switch (code) {
    case ErrorCode::illegal_generation:
    case ErrorCode::unknown_member_id:
    case ErrorCode::group_authorization_failed:
    case ErrorCode::invalid_txn_state:
    case ErrorCode::fenced_instance_id:
    case ErrorCode::transaction_abortable:
      return true;
    default:
      return false;
  }
}

}  // namespace

SendError send_error(ErrorCode code) {
  CHECK(code != ErrorCode::none);
  if (fatal(code)) return FatalError{code};
  if (abortable(code)) return AbortableError{code};
  if (protocol::retriable(code)) return RetriableError{code};
  return RejectedError{code};
}

}  // namespace acklab::producer

// Why a send did not end well, as types: what an application can do next is another thing for each, and std::visit makes it say so.
//
//   RetriableError  a trouble that may pass, and outlasted the producer's patience. Sending again may go well; after an outcome
//                   `unknown` it may also put the record into the log twice.
//   RejectedError   this record, or the batch it was in, is not taken as it is. Others are.
//   AbortableError  the transaction that the record belongs to must be aborted; the next one may go well.
//   FatalError      the producer can send nothing more. Later sends fail at once with this error; close it and mend the cause.
#pragma once

#include <variant>

#include "protocol/error_code.h"

namespace acklab::producer {

struct RetriableError {
  protocol::ErrorCode code;
};
struct RejectedError {
  protocol::ErrorCode code;
};
struct AbortableError {
  protocol::ErrorCode code;
};
struct FatalError {
  protocol::ErrorCode code;
};
using SendError = std::variant<RetriableError, RejectedError, AbortableError, FatalError>;

// Which of them a code is to a producer. NONE is none of them; do not ask.
SendError send_error(protocol::ErrorCode code);

// The codes after which a producer is of no use. What they say of it does not change by itself: it was fenced, may not write, or
// speaks a version that the cluster does not.
bool fatal(protocol::ErrorCode code);

}  // namespace acklab::producer

// A message set of an old client as the record batch that it would have sent, were it newer: what a leader does with Produce 0 to 2.
// Checks all that can be checked of the set itself, as Kafka does (LogValidator and the iterators of its legacy records):
//
//   CORRUPT_MESSAGE (2)         a checksum does not match, of a message or of one inside a wrapper; sizes that cannot be
//   MESSAGE_TOO_LARGE (10)      a message, which may be a wrapper, is larger than the topic allows
//   INVALID_TIMESTAMP (32)      a producer claims the time of append
//   INVALID_RECORD (87)         messages of two kinds; a wrapper with neighbours, in another, or without anything inside; zstd, which
//                               is younger than the format
//   UNKNOWN_SERVER_ERROR (-1)   what is compressed cannot be opened
#pragma once

#include <string>

#include "protocol/error_code.h"
#include "protocol/records/compression.h"
#include "protocol/records/record_batch.h"
#include "protocol/result.h"

namespace acklab::protocol {

struct MessageSetFault {
  ErrorCode code = ErrorCode::none;
  std::string reason;
};

struct UpConverted {
  RecordBatch batch;          // not compressed; offsets from 0, and the timestamps of the messages, -1 where they had none
  Codec codec = Codec::none;  // what the producer had chosen
};

Result<UpConverted, MessageSetFault> up_convert(std::span<const std::byte> set, std::size_t max_message_bytes,
                                                Decompressor& decompressor);

}  // namespace acklab::protocol

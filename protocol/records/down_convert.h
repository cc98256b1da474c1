// Record batches of the log as the message set that an old client can read: what a leader does for Fetch 0 to 3. As Kafka does it
// (RecordsUtil.downConvert):
//
//   * a batch that was not compressed becomes as many messages as it has records from the fetch offset on; a compressed one becomes one
//     wrapper with all of its records, in the same codec, though they may begin below the fetch offset
//   * headers are lost, and with them the producer's id and sequence; in magic 0 the timestamps too
//   * control batches and batches that compaction has emptied are left out
//   * zstd cannot be converted, as no reader of message sets knows it
//
// A record out of a damaged batch would get a checksum that matches, so the batch's own is looked at before; Kafka does not.
#pragma once

#include <cstddef>
#include <cstdint>

#include "protocol/error_code.h"
#include "protocol/result.h"
#include "protocol/types.h"
#include "protocol/wire/slice.h"

namespace acklab::protocol {

// What the first batch may do to the limit: before version 3 of Fetch nothing, and the last message is cut where the limit lies. A
// client that gets nothing but a part of one knows that it must ask for more.
enum class FirstBatch { may_be_cut, whole };

struct DownConversion {
  std::int8_t magic = 0;  // 0 or 1
  Offset from{0};         // the fetch offset
  std::size_t max_bytes = 0;
  FirstBatch first = FirstBatch::may_be_cut;
};

// `batches` as they were read from a log. UNSUPPORTED_COMPRESSION_TYPE (76) if it begins with zstd; what stands before zstd is given.
// CORRUPT_MESSAGE (2) likewise. MESSAGE_TOO_LARGE (10) of a batch whose messages would be larger than max_decompressed_batch.
Result<Slice> down_convert(const Slice& batches, const DownConversion& wanted);

}  // namespace acklab::protocol

// A record batch to be bent: sound as it is made, until a question changes a field or the records. Its bytes have the header as it then
// is, and a checksum that matches.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/records/batch_builder.h"
#include "protocol/records/record_batch.h"
#include "protocol/wire/slice.h"

namespace acklab::conform {

struct Draft {
  protocol::BatchHeader header;
  std::string payload;  // the records, compressed if the header says so

  protocol::Slice bytes() const;
};

using Records = std::vector<protocol::NewRecord>;

Draft draft(const Records& records, protocol::Codec codec = protocol::Codec::none);
// So many small records, each with a key, without timestamps.
Draft draft(int records = 1, protocol::Codec codec = protocol::Codec::none);

// Other records under the same header, but for the length.
Draft with_payload(Draft draft, std::string payload);
// The same records, numbered as `offset_deltas` says.
Draft numbered(std::initializer_list<int> offset_deltas, protocol::Codec codec = protocol::Codec::none);

// The batch of an idempotent producer.
Draft from_producer(Draft draft, std::int64_t id, std::int16_t epoch, std::int32_t base_sequence);

protocol::Slice joined(std::initializer_list<protocol::Slice> pieces);
// With one byte that is not what it was.
protocol::Slice rotten(const protocol::Slice& bytes, std::size_t at);

}  // namespace acklab::conform

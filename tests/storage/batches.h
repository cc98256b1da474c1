// Batches for tests of the log: small, valid, and all different.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "protocol/records/batch_builder.h"
#include "protocol/records/record_batch.h"
#include "protocol/types.h"

namespace acklab::protocol {

inline void PrintTo(Offset offset, std::ostream* out) { *out << "offset " << offset.value; }
inline void PrintTo(LeaderEpoch epoch, std::ostream* out) { *out << "epoch " << epoch.value; }

}  // namespace acklab::protocol

namespace acklab::storage {

struct Producer {
  std::int64_t id = -1;
  std::int16_t epoch = -1;
  std::int32_t sequence = -1;
};

// A batch as a producer sends it: one record for each timestamp, each with this value.
inline protocol::RecordBatch batch_at(const std::vector<std::int64_t>& timestamps, const std::string& value,
                                      Producer producer = {}) {
  protocol::BatchBuilder builder(protocol::Codec::none);
  for (const std::int64_t timestamp : timestamps)
    builder.append({.timestamp = timestamp, .key = {}, .value = value, .headers = {}});
  protocol::Slice sealed = builder.seal();
  if (producer.id >= 0) {
    sealed = protocol::with_producer(sealed, {producer.id}, {producer.epoch}, {producer.sequence});
  }
  return protocol::RecordBatch::first(sealed).value();
}

inline protocol::RecordBatch batch_of(int records, const std::string& value = "value", Producer producer = {}) {
  return batch_at(std::vector<std::int64_t>(static_cast<std::size_t>(records), 1000), value, producer);
}

// The batch as a leader stores and serves it.
inline protocol::RecordBatch numbered(const protocol::RecordBatch& batch, protocol::Offset base, protocol::LeaderEpoch epoch) {
  protocol::Bytes bytes(protocol::leader_prefix(batch.header(), base, epoch));
  bytes.append(batch.bytes().from(bytes.size()));
  return protocol::RecordBatch::first(bytes.flatten()).value();
}

}  // namespace acklab::storage

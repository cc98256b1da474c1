// Batches for tests: small, valid, and all different.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/records/batch_builder.h"
#include "protocol/records/end_transaction_marker.h"
#include "protocol/records/record_batch.h"
#include "protocol/records/rewrite.h"
#include "protocol/types.h"

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

inline protocol::RecordBatch with_attributes(const protocol::RecordBatch& batch, int attributes) {
  protocol::BatchHeader header = batch.header();
  header.attributes = static_cast<std::int16_t>(header.attributes | attributes);
  return protocol::RecordBatch::first(protocol::rewritten(header, protocol::read_records(batch).value())).value();
}

// Of a producer's transaction; the first one opens it.
inline protocol::RecordBatch in_transaction(const protocol::RecordBatch& batch) { return with_attributes(batch, 0x10); }

// The end of one, as a transaction coordinator has it written.
inline protocol::RecordBatch end_of_transaction(protocol::EndTransactionMarker::Type type, Producer producer,
                                                std::int8_t coordinator_epoch = 0, std::int64_t timestamp = 1000) {
  const char key[] = {0, 0, 0, static_cast<char>(type)};
  const char value[] = {0, 0, 0, 0, 0, static_cast<char>(coordinator_epoch)};
  protocol::BatchBuilder builder(protocol::Codec::none);
  builder.append({.timestamp = timestamp,
                  .key = std::string_view(key, sizeof key),
                  .value = std::string_view(value, sizeof value),
                  .headers = {}});
  return with_attributes(protocol::RecordBatch::first(builder.seal({producer.id}, {producer.epoch}, {-1})).value(), 0x30);
}
inline protocol::RecordBatch abort_of(Producer producer, std::int8_t coordinator_epoch = 0, std::int64_t timestamp = 1000) {
  return end_of_transaction(protocol::EndTransactionMarker::Type::abort, producer, coordinator_epoch, timestamp);
}
inline protocol::RecordBatch commit_of(Producer producer, std::int8_t coordinator_epoch = 0, std::int64_t timestamp = 1000) {
  return end_of_transaction(protocol::EndTransactionMarker::Type::commit, producer, coordinator_epoch, timestamp);
}

// The batch as a leader stores and serves it.
inline protocol::RecordBatch numbered(const protocol::RecordBatch& batch, protocol::Offset base, protocol::LeaderEpoch epoch) {
  protocol::Bytes bytes(protocol::leader_prefix(batch.header(), base, epoch));
  bytes.append(batch.bytes().from(bytes.size()));
  return protocol::RecordBatch::first(bytes.flatten()).value();
}

}  // namespace acklab::storage

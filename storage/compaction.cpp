#include "storage/compaction.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "protocol/mutant.h"
#include "protocol/records/rewrite.h"

namespace acklab::storage {

using protocol::BatchHeader;
using protocol::DecodeError;
using protocol::failure;
using protocol::Offset;
using protocol::Record;
using protocol::RecordBatch;
using protocol::Result;
using protocol::Slice;

namespace {

constexpr std::int16_t delete_horizon_bit = 0x40;

// When its tombstones may go; nothing if compaction has not met it yet.
std::optional<std::int64_t> delete_horizon(const BatchHeader& header) {
  return (header.attributes & delete_horizon_bit) != 0 ? std::optional(header.base_timestamp) : std::nullopt;
}

// Whether its producer has sent nothing after it.
bool is_last_of_its_producer(const BatchHeader& header, const ProducerStates& producers) {
  if (!header.idempotent()) return false;
  const auto known = producers.producers().find(header.producer_id.value);
  if (known == producers.producers().end() || known->second.batches.empty()) return false;
  return known->second.batches.back().last_offset == header.last_offset();
}

}  // namespace

Result<bool, DecodeError> LatestOffsets::note(const RecordBatch& batch) {
  if (!batch.header().control()) {
    const auto records = protocol::read_records(batch);
    if (!records) return failure(records.error());
    std::size_t more = 0;
    for (const Record& record : *records) {
      if (record.key && !latest_.contains(record.key->text())) more += record.key->size() + sizeof(Offset);
    }
    if (!latest_.empty() && bytes_ + more > most_bytes_) return false;
    bytes_ += more;
    for (const Record& record : *records) {
      if (record.key) latest_.insert_or_assign(std::string(record.key->text()), record.offset);
    }
  }
  end_ = batch.header().next_offset();
  return true;
}

bool LatestOffsets::has_later(std::string_view key, Offset than) const {
  const auto found = latest_.find(key);
  if (active(protocol::Mutant::compact_the_latest)) return found != latest_.end() && found->second >= than;
  return found != latest_.end() && found->second > than;
}

Result<std::optional<Slice>, DecodeError> compacted(const RecordBatch& batch, const LatestOffsets& latest,
                                                    const ProducerStates& producers, const CompactionRules& rules,
                                                    CompactionCounts& counts) {
  if (batch.header().control()) return std::optional(batch.bytes());
  auto records = protocol::read_records(batch);
  if (!records) return failure(records.error());
  const std::size_t before = records->size();

  const std::optional<std::int64_t> horizon = delete_horizon(batch.header());
  const bool tombstones_go = horizon && *horizon <= rules.now;
  std::erase_if(*records, [&](const Record& record) {
    return !record.key || latest.has_later(record.key->text(), record.offset) || (!record.value && tombstones_go);
  });
  counts.read += static_cast<std::int64_t>(before);
  counts.kept += static_cast<std::int64_t>(records->size());

  BatchHeader header = batch.header();
  const bool has_tombstone =
      std::any_of(records->begin(), records->end(), [](const Record& record) { return !record.value.has_value(); });
  const bool meets_tombstone = has_tombstone && !horizon;
  if (records->size() == before && !meets_tombstone && before > 0) return std::optional(batch.bytes());

  if (records->empty()) {
    if (!is_last_of_its_producer(header, producers)) return std::optional<Slice>{};
    header.attributes = static_cast<std::int16_t>(header.attributes & ~delete_horizon_bit);
    header.base_timestamp = -1;
  } else if (meets_tombstone) {
    header.attributes = static_cast<std::int16_t>(header.attributes | delete_horizon_bit);
    header.base_timestamp = rules.now + rules.delete_retention_ms;
  }
  return std::optional(protocol::rewritten(header, *records));
}

}  // namespace acklab::storage

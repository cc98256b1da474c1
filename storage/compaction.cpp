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

using Meaning = CleanedTransactions::Meaning;

constexpr std::int16_t delete_horizon_bit = 0x40;

// When its tombstones may go, or it may, if it is a marker; nothing if compaction has not met it yet.
std::optional<std::int64_t> delete_horizon(const BatchHeader& header) {
  return (header.attributes & delete_horizon_bit) != 0 ? std::optional(header.base_timestamp) : std::nullopt;
}

BatchHeader with_horizon(BatchHeader header, const CompactionRules& rules) {
  header.attributes = static_cast<std::int16_t>(header.attributes | delete_horizon_bit);
  header.base_timestamp = rules.now + rules.delete_retention_ms;
  return header;
}

BatchHeader without_horizon(BatchHeader header) {
  header.attributes = static_cast<std::int16_t>(header.attributes & ~delete_horizon_bit);
  header.base_timestamp = -1;
  return header;
}

// Whether its producer has sent nothing after it.
bool is_last_of_its_producer(const BatchHeader& header, const ProducerStates& producers) {
  if (!header.idempotent()) return false;
  const auto known = producers.producers().find(header.producer_id.value);
  if (known == producers.producers().end()) return false;
  // Of an epoch of which there is no other batch the marker tells.
  if (known->second.batches.empty()) return header.control() && header.producer_epoch == known->second.epoch;
  return known->second.batches.back().last_offset == header.last_offset();
}

Result<std::optional<Slice>, DecodeError> idle_marker_compacted(const RecordBatch& batch, const ProducerStates& producers,
                                                                const CompactionRules& rules) {
  const BatchHeader& header = batch.header();
  const std::optional<std::int64_t> horizon = delete_horizon(header);
  const bool empty = header.records_count == 0;
  if (!empty && !horizon) {
    const auto records = protocol::read_records(batch);
    if (!records) return failure(records.error());
    return std::optional(protocol::rewritten(with_horizon(header, rules), *records));
  }
  if (!empty && *horizon > rules.now) return std::optional(batch.bytes());
  if (!is_last_of_its_producer(header, producers)) return std::optional<Slice>{};
  return std::optional(protocol::rewritten(without_horizon(header), {}));
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
                                                    CompactionCounts& counts, Meaning meaning) {
  if (meaning == Meaning::idle_marker) return idle_marker_compacted(batch, producers, rules);
  if (batch.header().control()) return std::optional(batch.bytes());
  auto records = protocol::read_records(batch);
  if (!records) return failure(records.error());
  const std::size_t before = records->size();

  const std::optional<std::int64_t> horizon = delete_horizon(batch.header());
  const bool tombstones_go = horizon && *horizon <= rules.now;
  std::erase_if(*records, [&](const Record& record) {
    return meaning == Meaning::aborted || !record.key || latest.has_later(record.key->text(), record.offset) ||
           (!record.value && tombstones_go);
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
    header = without_horizon(header);
  } else if (meets_tombstone) {
    header = with_horizon(header, rules);
  }
  return std::optional(protocol::rewritten(header, *records));
}

}  // namespace acklab::storage

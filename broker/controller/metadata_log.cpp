#include "broker/controller/metadata_log.h"

#include <string>
#include <utility>

#include "protocol/records/batch_builder.h"

namespace acklab::broker {

using protocol::failure;
using protocol::Offset;
using protocol::RecordBatch;
using protocol::Result;
using protocol::Slice;
using storage::DiskError;
using storage::DiskFault;

namespace {

constexpr const char* directory = "__cluster_metadata-0";
constexpr std::size_t replay_chunk_bytes = 1u << 20;

// The checksum held, so this is not a torn write but a log that we did not write.
auto unreadable(Offset offset, const std::string& why) {
  return failure(DiskError{DiskFault::failed, std::string(directory) + ": the record at offset " + std::to_string(offset.value) +
                                                  " cannot be read: " + why});
}

Result<std::vector<MetadataRecord>, DiskError> records_of(const RecordBatch& batch, Offset from) {
  const auto stored = protocol::read_records(batch);
  if (!stored) return unreadable(batch.header().base_offset, stored.error().message());
  std::vector<MetadataRecord> records;
  for (const protocol::Record& record : *stored) {
    if (record.offset < from) continue;
    auto decoded = protocol::decode<MetadataRecord>(record.value.value_or(Slice()), MetadataRecord::info.last_version);
    if (!decoded) return unreadable(record.offset, decoded.error().message());
    records.push_back(*std::move(decoded));
  }
  return records;
}

}  // namespace

Result<MetadataLog, DiskError> MetadataLog::open(storage::Disk& disk, const Replay& replay) {
  auto log = storage::Log::open(disk, directory, {});
  if (!log) return failure(log.error());
  MetadataLog opened(*std::move(log));
  Offset at = opened.log_.start();
  while (at < opened.end()) {
    const auto chunk = opened.log_.read(at, opened.end(), replay_chunk_bytes, true);
    if (!chunk) return failure(chunk.error());
    const auto batches = protocol::split_batches(chunk->records);
    if (!batches) return unreadable(at, batches.error().message());
    for (const RecordBatch& batch : *batches) {
      const auto records = records_of(batch, at);
      if (!records) return failure(records.error());
      replay(*records);
    }
    at = chunk->next_offset;
  }
  return opened;
}

Result<void, DiskError> MetadataLog::append(std::span<const MetadataRecord> records, std::int32_t controller_epoch,
                                            protocol::WallTime now) {
  protocol::BatchBuilder builder(protocol::Codec::none);
  for (const MetadataRecord& record : records) {
    const Slice value = protocol::encode(record, MetadataRecord::info.last_version).flatten();
    builder.append({.timestamp = now.milliseconds, .key = std::nullopt, .value = value.text(), .headers = {}});
  }
  const auto batch = RecordBatch::first(builder.seal());
  CHECK(batch.has_value());
  if (const auto appended = log_.append(*batch, {controller_epoch}); !appended) return failure(appended.error());
  return log_.flush();
}

Result<std::vector<MetadataRecord>, DiskError> MetadataLog::read(Offset from, std::size_t max_bytes) const {
  std::vector<MetadataRecord> records;
  if (from >= end()) return records;
  const auto chunk = log_.read(from, end(), max_bytes, true);
  if (!chunk) return failure(chunk.error());
  const auto batches = protocol::split_batches(chunk->records);
  if (!batches) return unreadable(from, batches.error().message());
  for (const RecordBatch& batch : *batches) {
    auto decoded = records_of(batch, from);
    if (!decoded) return failure(decoded.error());
    for (MetadataRecord& record : *decoded) records.push_back(std::move(record));
  }
  return records;
}

}  // namespace acklab::broker

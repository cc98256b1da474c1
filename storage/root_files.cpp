#include "storage/root_files.h"

#include <fmt/format.h>

#include <array>

#include "storage/segment_files.h"

namespace acklab::storage {

using protocol::TopicPartition;

namespace {

constexpr const char* clean_shutdown_mark = ".kafka_cleanshutdown";

Offset offset_in(const PartitionOffsets& offsets, const TopicPartition& log) {
  const auto found = offsets.find(log);
  return found == offsets.end() ? Offset{0} : found->second;
}

}  // namespace

RootFiles::RootFiles(Disk& disk) : disk_(disk) {
  for (Checkpoint* checkpoint : std::array{&high_watermarks_, &recovery_points_, &log_starts_}) read(*checkpoint);
  if (!disk_.exists(clean_shutdown_mark)) return;
  // A mark that cannot be taken away is not believed.
  if (disk_.remove(clean_shutdown_mark)) clean_ = recovery_points_.offsets;
}

void RootFiles::read(Checkpoint& checkpoint) {
  auto offsets = read_offsets(disk_, checkpoint.path);
  if (!offsets) {
    remarks_.push_back(offsets.error().what + "; going on without it");
    return;
  }
  checkpoint.offsets = *std::move(offsets);
  checkpoint.written = checkpoint.offsets;
}

LogCheckpoints RootFiles::take_checkpoints(const TopicPartition& log) {
  const bool clean = clean_.erase(log) > 0;
  return {.start = offset_in(log_starts_.offsets, log),
          .recovery_point = offset_in(recovery_points_.offsets, log),
          .shutdown = clean ? Shutdown::clean : Shutdown::unclean};
}

Offset RootFiles::high_watermark(const TopicPartition& log) const { return offset_in(high_watermarks_.offsets, log); }

void RootFiles::remember(const TopicPartition& name, const Log& log, Offset high_watermark) {
  remembered_.insert(name);
  high_watermarks_.offsets[name] = high_watermark;
  recovery_points_.offsets[name] = log.flushed_end();
  if (log.start() > Offset{0}) {
    log_starts_.offsets[name] = log.start();
  } else {
    log_starts_.offsets.erase(name);
  }
}

void RootFiles::forget(const TopicPartition& log) {
  for (Checkpoint* checkpoint : std::array{&high_watermarks_, &recovery_points_, &log_starts_}) checkpoint->offsets.erase(log);
  clean_.erase(log);
  remembered_.erase(log);
}

Result<void, DiskError> RootFiles::write(Checkpoint& checkpoint) {
  const auto written = write_offsets(disk_, checkpoint.path, checkpoint.offsets);
  if (written) checkpoint.written = checkpoint.offsets;
  return written;
}

Result<void, DiskError> RootFiles::write_high_watermarks() { return write(high_watermarks_); }

Result<void, DiskError> RootFiles::write_recovery_points() {
  return recovery_points_.offsets == recovery_points_.written ? Result<void, DiskError>{} : write(recovery_points_);
}

Result<void, DiskError> RootFiles::write_log_starts() {
  return log_starts_.offsets == log_starts_.written ? Result<void, DiskError>{} : write(log_starts_);
}

Result<void, DiskError> RootFiles::mark_clean(protocol::BrokerEpoch epoch) {
  std::erase_if(recovery_points_.offsets, [&](const auto& entry) { return !remembered_.contains(entry.first); });
  for (Checkpoint* checkpoint : std::array{&high_watermarks_, &recovery_points_, &log_starts_}) {
    if (const auto written = write(*checkpoint); !written) return written;
  }
  return replace_file(disk_, clean_shutdown_mark,
                      Slice::copy_of(fmt::format(R"({{"version":0,"brokerEpoch":{}}})", epoch.value)));
}

}  // namespace acklab::storage

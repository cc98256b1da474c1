// One file of a log: batches one behind the other, named by the offset of the first ("00000000000000001500.log"). The index from
// offsets to positions is kept in memory only and has an entry every index.interval.bytes; between two entries the way goes from
// batch header to batch header.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/records/record_batch.h"
#include "protocol/types.h"
#include "storage/disk.h"

namespace acklab::storage {

// What a read of a log gives.
struct LogRead {
  Slice records;                    // whole batches; empty at the upper bound
  protocol::Offset first_offset{};  // of the first batch; may be below the offset asked for
  protocol::Offset next_offset{};   // behind the last batch
};

// A record found by its timestamp.
struct FoundRecord {
  protocol::Offset offset{};
  std::int64_t timestamp = -1;
};

std::string segment_name(protocol::Offset base);
// Nothing for the name of any other file.
std::optional<protocol::Offset> base_of_segment_name(std::string_view name);

class Segment {
 public:
  // Opens or creates the file. Cuts it behind the last batch that is whole, has the right checksum and lies behind the one before;
  // compaction may have left a gap between the two.
  static Result<Segment, DiskError> open(Disk& disk, const std::string& directory, protocol::Offset base,
                                         std::uint32_t index_interval_bytes);

  protocol::Offset base() const { return base_; }
  protocol::Offset end() const { return end_.offset; }
  std::uint64_t size() const { return end_.position; }
  std::uint64_t cut_at_open() const { return cut_at_open_; }
  std::int64_t max_timestamp() const { return max_timestamp_; }
  const std::string& path() const { return path_; }

  // `bytes` is one batch, `header` its header with the final offset, which must not be below end().
  Result<void, DiskError> append(const Bytes& bytes, const protocol::BatchHeader& header);
  // As Log::read; needs base() <= from < end().
  Result<LogRead, DiskError> read(protocol::Offset from, protocol::Offset upper, std::size_t max_bytes, bool at_least_one) const;
  // As Log::find_time, not below `from`.
  Result<std::optional<FoundRecord>, DiskError> find_time(std::int64_t timestamp, protocol::Offset from,
                                                          protocol::Offset upper) const;
  Result<void, DiskError> for_each_header(const std::function<void(const protocol::BatchHeader&)>& visit) const;

  // Drops the batch that contains `offset` and all behind it.
  Result<void, DiskError> truncate_to(protocol::Offset offset);
  Result<void, DiskError> flush();

 private:
  // Where a batch begins or the segment ends.
  struct Boundary {
    protocol::Offset offset{};  // where what comes before it ends: the batch's own base, but where there is a gap
    std::uint64_t position = 0;
  };
  struct IndexEntry {
    Boundary batch;
    std::int64_t max_timestamp_before = -1;  // the largest timestamp of all batches before this one
  };

  Segment(std::unique_ptr<File> file, std::string path, protocol::Offset base, std::uint32_t index_interval_bytes)
      : file_(std::move(file)), path_(std::move(path)), base_(base), end_{base, 0}, index_interval_bytes_(index_interval_bytes) {}

  Result<void, DiskError> recover();
  // Whether all of the batch that begins at the end, and has this header, is in the file.
  Result<bool, DiskError> is_whole(const protocol::BatchHeader& header) const;
  // Takes the batch at the end into the index.
  void note(const protocol::BatchHeader& header);
  Result<protocol::BatchHeader, DiskError> header_at(std::uint64_t position) const;
  // Of the batch that contains `offset`.
  Result<Boundary, DiskError> start_of_batch_with(protocol::Offset offset) const;
  // The last boundary from `start` on that is neither above `upper` nor behind `limit`.
  Result<Boundary, DiskError> last_boundary(Boundary start, protocol::Offset upper, std::uint64_t limit) const;
  DiskError corrupt(std::uint64_t position) const;

  std::unique_ptr<File> file_;
  std::string path_;
  protocol::Offset base_;
  Boundary end_;
  std::vector<Boundary>
      recent_;  // the starts of the last batches, all of them: a reader at the tail, as a follower is, needs no walk
  std::int64_t max_timestamp_ = -1;
  std::vector<IndexEntry> index_;  // the first batch has an entry
  std::uint32_t index_interval_bytes_;
  std::uint64_t cut_at_open_ = 0;
  bool flushed_ = false;  // nothing was changed since the last flush; what an earlier process flushed is not known
};

}  // namespace acklab::storage

// What a log holds, as far as the journal tells: for each run of offsets the epoch in which a leader wrote them. That names every batch:
// two logs with the same epoch at an offset have the same batch there (KIP-101).
#pragma once

#include <cstdint>
#include <vector>

namespace acklab::lab {

class LogModel {
 public:
  // A batch, or several of one epoch.
  void append(std::int64_t begin, std::int64_t end, std::int32_t epoch);
  // The batches of `other` between two offsets.
  void append_from(const LogModel& other, std::int64_t begin, std::int64_t end);
  void cut(std::int64_t end);
  // Nothing of it is left: it goes on at `offset`.
  void start_again_at(std::int64_t offset);

  std::int64_t end() const { return runs_.empty() ? begin_ : runs_.back().end; }
  // The epoch of the batch at an offset; -1 if there is none.
  std::int32_t epoch_at(std::int64_t offset) const;
  // Whether it has everything of `truth` between two offsets, as it is there.
  bool holds(const LogModel& truth, std::int64_t from, std::int64_t to) const;

 private:
  struct Run {
    std::int64_t begin;
    std::int64_t end;
    std::int32_t epoch;
  };
  // The first run that ends behind the offset.
  std::vector<Run>::const_iterator at(std::int64_t offset) const;

  std::int64_t begin_ = 0;
  std::vector<Run> runs_;
};

}  // namespace acklab::lab

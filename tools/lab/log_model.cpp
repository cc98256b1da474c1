#include "tools/lab/log_model.h"

#include <algorithm>

namespace acklab::lab {

void LogModel::append(std::int64_t begin, std::int64_t end, std::int32_t epoch) {
  if (!runs_.empty() && runs_.back().epoch == epoch && runs_.back().end == begin) {
    runs_.back().end = end;
  } else {
    runs_.push_back({begin, end, epoch});
  }
}

void LogModel::append_from(const LogModel& other, std::int64_t begin, std::int64_t end) {
  for (auto run = other.at(begin); run != other.runs_.end() && run->begin < end; ++run) {
    append(std::max(run->begin, begin), std::min(run->end, end), run->epoch);
  }
}

void LogModel::cut(std::int64_t end) {
  while (!runs_.empty() && runs_.back().begin >= end) runs_.pop_back();
  if (!runs_.empty()) runs_.back().end = std::min(runs_.back().end, end);
}

void LogModel::start_again_at(std::int64_t offset) {
  runs_.clear();
  begin_ = offset;
}

std::vector<LogModel::Run>::const_iterator LogModel::at(std::int64_t offset) const {
  return std::upper_bound(runs_.begin(), runs_.end(), offset,
                          [](std::int64_t wanted, const Run& run) { return wanted < run.end; });
}

std::int32_t LogModel::epoch_at(std::int64_t offset) const {
  const auto run = at(offset);
  return run == runs_.end() || offset < run->begin ? -1 : run->epoch;
}

bool LogModel::holds(const LogModel& truth, std::int64_t from, std::int64_t to) const {
  auto mine = at(from);
  auto theirs = truth.at(from);
  while (from < to && theirs != truth.runs_.end()) {
    if (mine == runs_.end() || mine->begin > from || mine->epoch != theirs->epoch) return false;
    from = std::min(mine->end, theirs->end);
    if (mine->end == from) ++mine;
    if (theirs->end == from) ++theirs;
  }
  return true;
}

}  // namespace acklab::lab

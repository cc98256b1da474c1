#include "storage/sim_file.h"

#include <algorithm>

namespace acklab::storage {

namespace {

// Of more truncations than this between two flushes, the oldest cannot be undone by a power loss any more.
constexpr std::size_t max_unflushed_truncations = 8;

}  // namespace

void SimFile::truncate(std::uint64_t size) {
  if (size >= this->size()) return;
  if (before_.size() == max_unflushed_truncations) before_.erase(before_.begin());
  before_.push_back(now_);
  now_.cut(size);
}

void SimFile::flush() {
  before_.clear();
  now_.certain = size();
  name_durable_ = true;
}

void SimFile::fail_flush() {
  if (now_.certain < size()) now_.doomed.push_back({now_.certain, size()});
}

void SimFile::rot(std::uint64_t position, unsigned bit) {
  now_.image.flip(position, bit);
  for (Moment& moment : before_) moment.image.flip(position, bit);
}

void SimFile::lose_memory() {
  now_.lose_the_doomed();
  for (Moment& moment : before_) moment.lose_the_doomed();
}

bool SimFile::lose_power(protocol::Random& random) {
  if (!name_durable_ && random.one_in(2)) return false;
  if (!before_.empty()) {
    const auto moment = static_cast<std::size_t>(random.below(before_.size() + 1));
    if (moment < before_.size()) now_ = before_[moment];
  }
  if (const std::uint64_t uncertain = size() - now_.certain; uncertain > 0) {
    enum Tail : std::uint64_t { all, nothing, part, kinds };
    std::uint64_t kept = uncertain;
    const std::uint64_t tail = random.below(kinds);
    if (tail == nothing) kept = 0;
    if (tail == part) kept = random.below(uncertain);
    now_.image.cut(now_.certain + kept);
  }
  flush();
  return true;
}

void SimFile::Moment::cut(std::uint64_t size) {
  image.cut(size);
  certain = std::min(certain, size);
  // A range that is cut away has no bytes; what is appended in its place is not doomed.
  for (Range& range : doomed) range.to = std::min(range.to, size);
}

void SimFile::Moment::lose_the_doomed() {
  for (const Range& range : doomed) image.zero(range.from, range.to);
  doomed.clear();
}

}  // namespace acklab::storage

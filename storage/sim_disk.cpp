#include "storage/sim_disk.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/file_image.h"

namespace acklab::storage {

using protocol::failure;
using protocol::Random;

namespace {

// Of more truncations than this between two flushes, the oldest cannot be undone by a power loss any more.
constexpr std::size_t max_unflushed_truncations = 8;

auto dead_error() { return failure(DiskError{DiskFault::dead, "the node is dead"}); }

// A file in its depths. What a power loss may leave is some moment since the last flush: a prefix of an image that is not shorter
// than what a flush had made certain of it. Images before the current one end where a truncation cut them.
class Contents {
 public:
  const FileImage& image() const { return now_.image; }
  bool name_durable() const { return name_durable_; }
  void make_name_durable() { name_durable_ = true; }

  void append(const Bytes& bytes) { now_.image.append(bytes); }

  void truncate(std::uint64_t size) {
    if (size >= now_.image.size()) return;
    if (before_.size() == max_unflushed_truncations) before_.erase(before_.begin());
    before_.push_back(now_);
    now_.image.cut(size);
    now_.certain = std::min(now_.certain, size);
  }

  void flush() {
    before_.clear();
    now_.certain = now_.image.size();
    name_durable_ = true;
  }

  // Keeps one of the possible moments. False if not even the name stays.
  bool lose_power(Random& random) {
    if (!name_durable_ && random.one_in(2)) return false;
    if (!before_.empty()) {
      const auto moment = static_cast<std::size_t>(random.below(before_.size() + 1));
      if (moment < before_.size()) now_ = before_[moment];
    }
    if (const std::uint64_t uncertain = now_.image.size() - now_.certain; uncertain > 0) {
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

 private:
  struct Moment {
    FileImage image;
    std::uint64_t certain = 0;  // bytes that a power loss leaves, if it leaves this image
  };

  Moment now_;
  std::vector<Moment> before_;  // oldest first
  bool name_durable_ = false;
};

}  // namespace

struct SimDisk::State {
  explicit State(Random random_in) : random(random_in) {}

  Random random;
  Spend spend;
  Costs costs;
  bool dead = false;
  std::uint64_t incarnation = 0;  // a handle of an earlier one is dead
  // Shared with handles, because a handle may outlive its file's name, as in POSIX.
  std::map<std::string, std::shared_ptr<Contents>> files;
};

class SimDisk::Handle final : public File {
 public:
  Handle(State& disk, std::shared_ptr<Contents> contents)
      : disk_(disk), incarnation_(disk.incarnation), contents_(std::move(contents)) {}

  std::uint64_t size() const override { return contents_->image().size(); }

  Result<void, DiskError> append(const Bytes& bytes) override {
    if (dead()) return dead_error();
    contents_->append(bytes);
    return {};
  }

  Result<Slice, DiskError> read(std::uint64_t position, std::size_t length) const override {
    if (dead()) return dead_error();
    return contents_->image().read(position, length);
  }

  Result<void, DiskError> truncate(std::uint64_t size) override {
    if (dead()) return dead_error();
    contents_->truncate(size);
    return {};
  }

  Result<void, DiskError> flush() override {
    if (dead()) return dead_error();
    if (disk_.spend) disk_.spend(disk_.costs.flush);
    // The node may have been killed while the flush took its time.
    if (dead()) return dead_error();
    contents_->flush();
    return {};
  }

 private:
  bool dead() const { return incarnation_ != disk_.incarnation; }

  State& disk_;  // outlives its handles
  std::uint64_t incarnation_;
  std::shared_ptr<Contents> contents_;
};

SimDisk::SimDisk(Random random) : state_(std::make_unique<State>(random)) {}
SimDisk::~SimDisk() = default;

void SimDisk::on_spend(Spend spend, Costs costs) {
  state_->spend = std::move(spend);
  state_->costs = costs;
}

void SimDisk::kill() {
  state_->dead = true;
  ++state_->incarnation;
}

void SimDisk::power_loss() {
  kill();
  std::erase_if(state_->files, [this](auto& entry) { return !entry.second->lose_power(state_->random); });
}

void SimDisk::revive() { state_->dead = false; }

bool SimDisk::dead() const { return state_->dead; }

Result<std::unique_ptr<File>, DiskError> SimDisk::open(const std::string& path) {
  if (state_->dead) return dead_error();
  std::shared_ptr<Contents>& contents = state_->files[path];
  if (!contents) contents = std::make_shared<Contents>();
  return std::make_unique<Handle>(*state_, contents);
}

bool SimDisk::exists(const std::string& path) const { return !state_->dead && state_->files.contains(path); }

Result<void, DiskError> SimDisk::remove(const std::string& path) {
  if (state_->dead) return dead_error();
  if (state_->files.erase(path) == 0)
    return failure(DiskError{DiskFault::not_found, fmt::format("remove {}: no such file", path)});
  return {};
}

Result<void, DiskError> SimDisk::rename(const std::string& from, const std::string& to) {
  if (state_->dead) return dead_error();
  const auto found = state_->files.find(from);
  if (found == state_->files.end()) {
    return failure(DiskError{DiskFault::not_found, fmt::format("rename {}: no such file", from)});
  }
  std::shared_ptr<Contents> contents = std::move(found->second);
  state_->files.erase(found);
  contents->make_name_durable();
  state_->files[to] = std::move(contents);
  return {};
}

std::vector<std::string> SimDisk::list(const std::string& directory) const {
  std::vector<std::string> names;
  if (state_->dead) return names;
  const std::string prefix = directory.empty() ? "" : directory + "/";
  for (auto file = state_->files.lower_bound(prefix); file != state_->files.end() && file->first.starts_with(prefix); ++file) {
    const std::string_view below = std::string_view(file->first).substr(prefix.size());
    const std::string_view name = below.substr(0, below.find('/'));
    if (names.empty() || names.back() != name) names.emplace_back(name);
  }
  // Not yet in order: "a-0/x" stands before "a/x", since '-' is less than '/'.
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace acklab::storage

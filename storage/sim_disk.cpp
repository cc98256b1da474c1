#include "storage/sim_disk.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/sim_file.h"

namespace acklab::storage {

using protocol::failure;
using protocol::Random;

namespace {

auto dead_error() { return failure(DiskError{DiskFault::dead, "the node is dead"}); }

}  // namespace

struct SimDisk::State {
  explicit State(Random random_in) : random(random_in), fault_random(random_in.next()) {}

  Random random;
  Random fault_random;
  Spend spend;
  Costs costs;
  bool dead = false;
  std::uint64_t incarnation = 0;  // a handle of an earlier one is dead
  // Shared with handles, because a handle may outlive its file's name, as in POSIX.
  std::map<std::string, std::shared_ptr<SimFile>> files;

  std::int64_t calls = 0;
  std::vector<Mishap> mishaps;
  std::optional<std::uint64_t> capacity;  // of all files together
  protocol::Duration slowness{0};

  std::uint64_t used() const {
    std::uint64_t bytes = 0;
    for (const auto& [path, contents] : files) bytes += contents->size();
    return bytes;
  }

  void take_time(protocol::Duration time) const {
    if (spend) spend(time);
  }

  // The mishap whose turn this call is, if there is one.
  std::optional<Mishap> strike(Mishap::Call call) {
    ++calls;
    std::optional<Mishap> struck;
    for (Mishap& mishap : mishaps) {
      if ((mishap.call == Mishap::Call::any || mishap.call == call) && --mishap.nth == 0) struck = mishap;
    }
    if (struck) std::erase_if(mishaps, [](const Mishap& mishap) { return mishap.nth <= 0; });
    return struck;
  }

  // A call that may go wrong: `whole` does it, `part` does it by halves.
  template <class Whole, class Part>
  auto attempt(Mishap::Call call, std::string_view what, const std::string& path, Whole whole, Part part) -> decltype(whole()) {
    const std::optional<Mishap> mishap = strike(call);
    if (!mishap) return whole();
    if (mishap->extent == Mishap::Extent::part) part();
    if (mishap->extent == Mishap::Extent::all) static_cast<void>(whole());
    if (mishap->crash) {
      mishap->crash();
      return dead_error();
    }
    return failure(DiskError{DiskFault::failed, fmt::format("{} {}: input/output error", what, path)});
  }
  template <class Whole>
  auto attempt(std::string_view what, const std::string& path, Whole whole) -> decltype(whole()) {
    return attempt(Mishap::Call::any, what, path, whole, [] {});
  }
};

class SimDisk::Handle final : public File {
 public:
  Handle(State& disk, std::string path, std::shared_ptr<SimFile> contents)
      : disk_(disk), incarnation_(disk.incarnation), path_(std::move(path)), contents_(std::move(contents)) {}

  std::uint64_t size() const override { return contents_->size(); }

  Result<void, DiskError> append(const Bytes& bytes) override {
    if (dead()) return dead_error();
    return disk_.attempt(
        Mishap::Call::append, "append to", path_, [&] { return append_whole(bytes); },
        [&] { append_part(bytes, disk_.fault_random.below(std::max<std::size_t>(bytes.size(), 1))); });
  }

  Result<Slice, DiskError> read(std::uint64_t position, std::size_t length) const override {
    if (dead()) return dead_error();
    return disk_.attempt("read", path_, [&]() -> Result<Slice, DiskError> { return contents_->image().read(position, length); });
  }

  Result<void, DiskError> truncate(std::uint64_t size) override {
    if (dead()) return dead_error();
    return disk_.attempt("truncate", path_, [&]() -> Result<void, DiskError> {
      contents_->truncate(size);
      return {};
    });
  }

  Result<void, DiskError> flush() override {
    if (dead()) return dead_error();
    auto flushed = disk_.attempt(
        Mishap::Call::flush, "flush", path_, [&] { return flush_whole(); }, [] {});
    if (!flushed && !dead()) contents_->fail_flush();
    return flushed;
  }

 private:
  bool dead() const { return incarnation_ != disk_.incarnation; }

  void append_part(const Bytes& bytes, std::uint64_t size) {
    contents_->append(bytes.flatten().part(0, static_cast<std::size_t>(size)));
  }

  Result<void, DiskError> append_whole(const Bytes& bytes) {
    if (disk_.slowness > protocol::Duration::zero()) disk_.take_time(disk_.slowness);
    if (dead()) return dead_error();
    if (disk_.capacity) {
      const std::uint64_t used = disk_.used();
      const std::uint64_t room = *disk_.capacity - std::min(used, *disk_.capacity);
      if (bytes.size() > room) {
        append_part(bytes, room);
        return failure(DiskError{DiskFault::full, fmt::format("append to {}: no space left on device", path_)});
      }
    }
    contents_->append(bytes);
    return {};
  }

  Result<void, DiskError> flush_whole() {
    disk_.take_time(disk_.costs.flush + disk_.slowness);
    // The node may have been killed while the flush took its time.
    if (dead()) return dead_error();
    contents_->flush();
    return {};
  }

  State& disk_;  // outlives its handles
  std::uint64_t incarnation_;
  std::string path_;
  std::shared_ptr<SimFile> contents_;
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
  for (const auto& [path, contents] : state_->files) contents->lose_memory();
}

void SimDisk::power_loss() {
  kill();
  std::erase_if(state_->files, [this](auto& entry) { return !entry.second->lose_power(state_->random); });
}

void SimDisk::revive() { state_->dead = false; }

bool SimDisk::dead() const { return state_->dead; }

void SimDisk::go_wrong(Mishap mishap) { state_->mishaps.push_back(std::move(mishap)); }

void SimDisk::fill_up(std::uint64_t room) { state_->capacity = state_->used() + room; }

void SimDisk::slow_down(protocol::Duration each_call) { state_->slowness = each_call; }

bool SimDisk::rot(const std::string& path, std::uint64_t from, std::uint64_t to) {
  const auto found = state_->files.find(path);
  if (found == state_->files.end()) return false;
  to = std::min(to, found->second->size());
  if (from >= to) return false;
  constexpr unsigned bits = 8;
  const std::uint64_t position = from + state_->fault_random.below(to - from);
  found->second->rot(position, static_cast<unsigned>(state_->fault_random.below(bits)));
  return true;
}

void SimDisk::mend() {
  state_->mishaps.clear();
  state_->capacity.reset();
  state_->slowness = protocol::Duration::zero();
}

std::int64_t SimDisk::calls() const { return state_->calls; }

Result<std::unique_ptr<File>, DiskError> SimDisk::open(const std::string& path) {
  if (state_->dead) return dead_error();
  return state_->attempt("open", path, [&]() -> Result<std::unique_ptr<File>, DiskError> {
    std::shared_ptr<SimFile>& contents = state_->files[path];
    if (!contents) contents = std::make_shared<SimFile>();
    return std::make_unique<Handle>(*state_, path, contents);
  });
}

bool SimDisk::exists(const std::string& path) const { return !state_->dead && state_->files.contains(path); }

Result<void, DiskError> SimDisk::remove(const std::string& path) {
  if (state_->dead) return dead_error();
  return state_->attempt("remove", path, [&]() -> Result<void, DiskError> {
    if (state_->files.erase(path) == 0)
      return failure(DiskError{DiskFault::not_found, fmt::format("remove {}: no such file", path)});
    return {};
  });
}

Result<void, DiskError> SimDisk::rename(const std::string& from, const std::string& to) {
  if (state_->dead) return dead_error();
  return state_->attempt("rename", from, [&]() -> Result<void, DiskError> {
    const auto rename_one = [this](const std::string& old_name, const std::string& new_name) {
      std::shared_ptr<SimFile> contents = std::move(state_->files.at(old_name));
      state_->files.erase(old_name);
      contents->make_name_durable();
      state_->files[new_name] = std::move(contents);
    };
    const std::vector<std::string> inside = list(from);
    if (inside.empty() && !state_->files.contains(from)) {
      return failure(DiskError{DiskFault::not_found, fmt::format("rename {}: no such file", from)});
    }
    if (inside.empty()) rename_one(from, to);
    for (const std::string& name : inside) rename_one(from + "/" + name, to + "/" + name);
    return {};
  });
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

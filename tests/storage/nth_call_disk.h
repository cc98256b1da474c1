// Passes every call on to a simulated disk; at the n-th one the node dies or the call fails.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/sim_disk.h"

namespace acklab::storage {

class NthCallDisk final : public Disk {
 public:
  enum class When {
    before,  // the call does nothing
    torn,    // an append leaves half of its bytes; any other call does nothing
    after,   // the call does all, but does not come back
  };

  // `crash` kills `disk` in one way or another; without it the call fails and the disk lives on.
  NthCallDisk(SimDisk& disk, int n, When when, std::function<void()> crash)
      : disk_(disk), left_(n), when_(when), crash_(std::move(crash)) {}

  bool reached() const { return left_ <= 0; }

  Result<std::unique_ptr<File>, DiskError> open(const std::string& path) override {
    auto file = call([&] { return disk_.open(path); });
    if (!file) return protocol::failure(file.error());
    return std::make_unique<Handle>(*this, std::move(*file));
  }
  bool exists(const std::string& path) const override { return disk_.exists(path); }
  Result<void, DiskError> remove(const std::string& path) override {
    return call([&] { return disk_.remove(path); });
  }
  Result<void, DiskError> rename(const std::string& from, const std::string& to) override {
    return call([&] { return disk_.rename(from, to); });
  }
  std::vector<std::string> list(const std::string& directory) const override { return disk_.list(directory); }

 private:
  class Handle final : public File {
   public:
    Handle(NthCallDisk& disk, std::unique_ptr<File> file) : disk_(disk), file_(std::move(file)) {}

    std::uint64_t size() const override { return file_->size(); }
    Result<void, DiskError> append(const Bytes& bytes) override {
      return disk_.call([&] { return file_->append(bytes); },
                        [&] {
                          const Slice whole = bytes.flatten();
                          return file_->append(whole.part(0, whole.size() / 2));
                        });
    }
    Result<Slice, DiskError> read(std::uint64_t position, std::size_t length) const override {
      return disk_.call([&] { return file_->read(position, length); });
    }
    Result<void, DiskError> truncate(std::uint64_t size) override {
      return disk_.call([&] { return file_->truncate(size); });
    }
    Result<void, DiskError> flush() override {
      return disk_.call([&] { return file_->flush(); });
    }

   private:
    NthCallDisk& disk_;
    std::unique_ptr<File> file_;
  };

  template <class Whole>
  auto call(Whole whole) -> decltype(whole()) {
    return call(whole, [] { return Result<void, DiskError>{}; });
  }

  template <class Whole, class Half>
  auto call(Whole whole, Half half) -> decltype(whole()) {
    if (--left_ != 0) return whole();
    if (when_ == When::after) static_cast<void>(whole());
    if (when_ == When::torn) static_cast<void>(half());
    if (!crash_) return protocol::failure(DiskError{DiskFault::failed, "this is the n-th call"});
    crash_();
    return protocol::failure(DiskError{DiskFault::dead, "the node is dead"});
  }

  SimDisk& disk_;
  int left_;
  When when_;
  std::function<void()> crash_;
};

}  // namespace acklab::storage

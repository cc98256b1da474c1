#include "broker/log_directory.h"

#include <utility>

#include "protocol/mutant.h"

namespace acklab::broker {

using protocol::Bytes;
using protocol::failure;
using protocol::Mutant;
using protocol::Result;
using protocol::Slice;
using storage::DiskError;
using storage::DiskFault;
using storage::File;

template <class Call>
auto LogDirectory::watched(Call call) -> decltype(call()) {
  if (offline_) return failure(*offline_);
  auto result = call();
  if (!result && (result.error().fault == DiskFault::failed || result.error().fault == DiskFault::full)) {
    offline_ = result.error();
    failed_(*offline_);
  }
  return result;
}

class LogDirectory::Handle final : public File {
 public:
  Handle(LogDirectory& directory, std::unique_ptr<File> file) : directory_(directory), file_(std::move(file)) {}

  std::uint64_t size() const override { return file_->size(); }
  Result<void, DiskError> append(const Bytes& bytes) override {
    return directory_.watched([&] { return file_->append(bytes); });
  }
  Result<Slice, DiskError> read(std::uint64_t position, std::size_t length) const override {
    return directory_.watched([&] { return file_->read(position, length); });
  }
  Result<void, DiskError> truncate(std::uint64_t size) override {
    return directory_.watched([&] { return file_->truncate(size); });
  }
  Result<void, DiskError> flush() override {
    if (active(Mutant::carry_on_after_failed_flush)) {
      static_cast<void>(file_->flush());
      return {};
    }
    return directory_.watched([&] { return file_->flush(); });
  }

 private:
  LogDirectory& directory_;
  std::unique_ptr<File> file_;
};

Result<std::unique_ptr<File>, DiskError> LogDirectory::open(const std::string& path) {
  auto file = watched([&] { return disk_.open(path); });
  if (!file) return file;
  return std::make_unique<Handle>(*this, *std::move(file));
}

Result<void, DiskError> LogDirectory::remove(const std::string& path) {
  return watched([&] { return disk_.remove(path); });
}

Result<void, DiskError> LogDirectory::rename(const std::string& from, const std::string& to) {
  return watched([&] { return disk_.rename(from, to); });
}

}  // namespace acklab::broker

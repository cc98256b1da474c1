#include "storage/real_disk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace acklab::storage {

using protocol::failure;

namespace {

namespace fs = std::filesystem;

auto error(int code, std::string_view call, const std::string& path) {
  DiskFault fault = DiskFault::failed;
  if (code == ENOENT) fault = DiskFault::not_found;
  if (code == ENOSPC || code == EDQUOT) fault = DiskFault::full;
  return failure(DiskError{fault, fmt::format("{} {}: {}", call, path, std::generic_category().message(code))});
}

constexpr const char* lock_file = ".lock";

// Repeats a call that a signal interrupted.
template <class Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

}  // namespace

class RealDisk::Handle final : public File {
 public:
  Handle(const RealDisk& disk, std::string path, int descriptor, std::uint64_t size)
      : disk_(disk), path_(std::move(path)), descriptor_(descriptor), size_(size) {}
  ~Handle() override { ::close(descriptor_); }

  std::uint64_t size() const override { return size_; }

  Result<void, DiskError> append(const Bytes& bytes) override {
    constexpr std::size_t at_once = 16;  // a batch is two pieces
    std::span<const Slice> pieces = bytes.pieces();
    std::size_t skip = 0;  // bytes of the first piece that are written already
    while (!pieces.empty()) {
      std::array<iovec, at_once> vectors{};
      const std::size_t count = std::min(pieces.size(), at_once);
      for (std::size_t i = 0; i < count; ++i) {
        vectors[i] = {const_cast<std::byte*>(pieces[i].data()), pieces[i].size()};
      }
      vectors[0] = {const_cast<std::byte*>(pieces[0].data()) + skip, pieces[0].size() - skip};
      const ssize_t written = uninterrupted(
          [&] { return ::pwritev(descriptor_, vectors.data(), static_cast<int>(count), static_cast<off_t>(size_)); });
      if (written < 0) return error(errno, "write", path_);
      size_ += static_cast<std::uint64_t>(written);
      skip += static_cast<std::size_t>(written);
      while (!pieces.empty() && skip >= pieces[0].size()) {
        skip -= pieces[0].size();
        pieces = pieces.subspan(1);
      }
    }
    return {};
  }

  Result<Slice, DiskError> read(std::uint64_t position, std::size_t length) const override {
    if (position >= size_) return Slice{};
    length = static_cast<std::size_t>(std::min<std::uint64_t>(length, size_ - position));
    protocol::MutableBuffer buffer(length);
    std::size_t done = 0;
    while (done < length) {
      const ssize_t got = uninterrupted(
          [&] { return ::pread(descriptor_, buffer.span().data() + done, length - done, static_cast<off_t>(position + done)); });
      if (got < 0) return error(errno, "read", path_);
      if (got == 0) break;  // somebody else cut the file
      done += static_cast<std::size_t>(got);
    }
    return std::move(buffer).freeze(done);
  }

  Result<void, DiskError> truncate(std::uint64_t size) override {
    if (size >= size_) return {};
    if (uninterrupted([&] { return ::ftruncate(descriptor_, static_cast<off_t>(size)); }) < 0) {
      return error(errno, "truncate", path_);
    }
    size_ = size;
    return {};
  }

  Result<void, DiskError> flush() override {
    if (uninterrupted([&] { return ::fdatasync(descriptor_); }) < 0) return error(errno, "flush", path_);
    if (name_flushed_) return {};
    const auto flushed = disk_.flush_names(parent_of(path_));
    name_flushed_ = flushed.has_value();
    return flushed;
  }

 private:
  const RealDisk& disk_;  // outlives its handles
  std::string path_;
  int descriptor_;
  std::uint64_t size_;
  bool name_flushed_ = false;
};

RealDisk::RealDisk(std::string root) : root_(std::move(root)) {}

RealDisk::~RealDisk() {
  if (lock_ >= 0) ::close(lock_);
}

// A lock of the open file, not of the process, so that no other handle gives it up by closing. Java's file locks conflict with it.
Result<void, DiskError> RealDisk::lock() {
  std::error_code made;
  fs::create_directories(root_, made);
  if (made) return error(made.value(), "make the directory", root_);
  const int descriptor = uninterrupted([&] { return ::open(under_root(lock_file).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644); });
  if (descriptor < 0) return error(errno, "open", under_root(lock_file));
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(descriptor, F_OFD_SETLK, &whole) < 0) {
    const int code = errno;
    ::close(descriptor);
    if (code != EAGAIN && code != EACCES) return error(code, "lock", under_root(lock_file));
    return failure(
        DiskError{DiskFault::failed, root_ + " is in use by another process: stop that one, or choose another directory"});
  }
  lock_ = descriptor;
  return {};
}

Result<std::unique_ptr<File>, DiskError> RealDisk::open(const std::string& path) {
  const std::string full = under_root(path);
  std::error_code made;
  fs::create_directories(fs::path(full).parent_path(), made);
  if (made) return error(made.value(), "make the directory of", path);

  const int descriptor = uninterrupted([&] { return ::open(full.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644); });
  if (descriptor < 0) return error(errno, "open", path);
  struct stat status {};
  if (::fstat(descriptor, &status) < 0) {
    const int code = errno;
    ::close(descriptor);
    return error(code, "open", path);
  }
  return std::make_unique<Handle>(*this, path, descriptor, static_cast<std::uint64_t>(status.st_size));
}

bool RealDisk::exists(const std::string& path) const {
  std::error_code ignored;
  return fs::is_regular_file(under_root(path), ignored);
}

Result<void, DiskError> RealDisk::remove(const std::string& path) {
  if (::unlink(under_root(path).c_str()) < 0) return error(errno, "remove", path);
  // A directory is there as long as it has files, so the last one takes it along.
  std::string directory = parent_of(path);
  while (!directory.empty() && ::rmdir(under_root(directory).c_str()) == 0) directory = parent_of(directory);
  return flush_names(directory);
}

Result<void, DiskError> RealDisk::rename(const std::string& from, const std::string& to) {
  std::error_code made;
  fs::create_directories(fs::path(under_root(to)).parent_path(), made);
  if (made) return error(made.value(), "make the directory of", to);
  if (::rename(under_root(from).c_str(), under_root(to).c_str()) < 0) return error(errno, "rename", from);
  if (parent_of(from) != parent_of(to)) {
    if (const auto flushed = flush_names(parent_of(from)); !flushed) return flushed;
  }
  return flush_names(parent_of(to));
}

std::vector<std::string> RealDisk::list(const std::string& directory) const {
  std::vector<std::string> names;
  std::error_code failed;
  for (fs::directory_iterator entry(under_root(directory), failed), end; !failed && entry != end; entry.increment(failed)) {
    names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string RealDisk::under_root(const std::string& path) const { return path.empty() ? root_ : root_ + "/" + path; }

Result<void, DiskError> RealDisk::flush_names(const std::string& directory) const {
  for (std::string name = directory;; name = parent_of(name)) {
    const int descriptor = uninterrupted([&] { return ::open(under_root(name).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
    if (descriptor < 0) return error(errno, "open directory", name);
    const int flushed = uninterrupted([&] { return ::fsync(descriptor); });
    const int code = errno;
    ::close(descriptor);
    if (flushed < 0) return error(code, "flush directory", name);
    if (name.empty()) return {};
  }
}

}  // namespace acklab::storage

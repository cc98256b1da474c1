#include "tools/lab/capture_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace acklab::lab {

using protocol::Result;

Result<void, std::string> CaptureFile::open(const std::string& path) {
  path_ = path;
  file_.open(path, std::ios::trunc | std::ios::binary);
  if (!file_) {
    return protocol::failure(
        fmt::format("{}: cannot be written ({}); name a file in a folder that you may write to", path_, std::strerror(errno)));
  }
  write(protocol::PcapWriter::file_header());
  if (!error_.empty()) return protocol::failure(error_);
  return {};
}

protocol::Tap CaptureFile::tap(std::function<void(const std::string&)> failed) {
  return [this, failed = std::move(failed)](const protocol::Traffic& seen) {
    const std::lock_guard lock(mutex_);
    if (!error_.empty() || !file_.is_open()) return;
    write(writer_.packets(seen));
    if (!error_.empty() && failed) failed(error_);
  };
}

void CaptureFile::write(const std::string& bytes) {
  if (bytes.empty()) return;
  errno = 0;
  file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file_.flush();
  if (!file_) error_ = fmt::format("{}: the capture ends here ({}); make room and run again", path_, std::strerror(errno));
}

Result<void, std::string> CaptureFile::close() {
  const std::lock_guard lock(mutex_);
  file_.close();
  if (!error_.empty()) return protocol::failure(error_);
  return {};
}

}  // namespace acklab::lab

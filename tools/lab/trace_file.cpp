#include "tools/lab/trace_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "protocol/runtime/trace.h"

namespace acklab::lab {

using protocol::Result;

namespace {

tl::unexpected<std::string> cannot_write(const std::string& path) {
  return protocol::failure(
      fmt::format("{}: cannot be written ({}); name a file in a folder that you may write to", path, std::strerror(errno)));
}

}  // namespace

Result<void, std::string> TraceFile::open(const std::string& path) {
  path_ = path;
  file_.open(path, std::ios::trunc);
  if (!file_) return cannot_write(path);
  return {};
}

protocol::Journal::Listener TraceFile::listener() {
  return [this](const protocol::Entry& entry, std::string_view topic) {
    const std::string line = protocol::trace_line(entry, topic);
    const std::lock_guard lock(mutex_);
    file_ << line << '\n';
  };
}

Result<void, std::string> TraceFile::close() {
  file_.close();
  if (!file_) return cannot_write(path_);
  return {};
}

}  // namespace acklab::lab

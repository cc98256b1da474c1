#include "tools/lab/progress.h"

#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>

namespace acklab::lab {

Progress::Progress(std::string what, std::int64_t total, bool quiet)
    : what_(std::move(what)),
      total_(total),
      shown_(!quiet && total > 1 && isatty(STDERR_FILENO) != 0),
      began_(std::chrono::steady_clock::now()),
      drawn_(began_) {}

Progress::~Progress() {
  if (shown_) std::fputs("\r\033[K", stderr);
}

void Progress::advance(std::int64_t steps) {
  done_ += steps;
  if (!shown_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - drawn_ < std::chrono::milliseconds(100) && done_ < total_) return;
  drawn_ = now;
  draw();
}

void Progress::draw() {
  constexpr std::int64_t width = 30;
  const std::int64_t filled = done_ * width / total_;
  const double elapsed = std::chrono::duration<double>(drawn_ - began_).count();
  const double left = done_ > 0 ? elapsed * static_cast<double>(total_ - done_) / static_cast<double>(done_) : 0;
  const std::string line =
      fmt::format("\r\033[K{} [{}{}] {}/{}  {:.0f} s left", what_, std::string(static_cast<std::size_t>(filled), '#'),
                  std::string(static_cast<std::size_t>(width - filled), '.'), done_, total_, left);
  std::fputs(line.c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace acklab::lab

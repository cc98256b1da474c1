#include "tools/lab/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
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

// A line that is longer than the terminal is wide would break and not be wiped: the bar gives way first, then the end of the line.
void Progress::draw() {
  const double elapsed = std::chrono::duration<double>(drawn_ - began_).count();
  const double left = done_ > 0 ? elapsed * static_cast<double>(total_ - done_) / static_cast<double>(done_) : 0;
  const std::string counts = fmt::format("{}/{}  {:.0f} s left", done_, total_, left);

  winsize window{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0;
  const std::size_t columns = known ? window.ws_col - 1u : 79u;  // the last one stays free for the cursor
  constexpr std::size_t widest_bar = 30;
  constexpr std::size_t narrowest_bar = 5;
  const std::size_t around = what_.size() + counts.size() + 4;  // brackets and blanks
  const std::size_t bar = std::min(columns - std::min(columns, around), widest_bar);
  std::string line = what_ + " ";
  if (bar >= narrowest_bar) {
    const auto filled = static_cast<std::size_t>(done_) * bar / static_cast<std::size_t>(total_);
    line += fmt::format("[{}{}] ", std::string(filled, '#'), std::string(bar - filled, '.'));
  }
  line = (line + counts).substr(0, columns);
  std::fputs(("\r\033[K" + line).c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace acklab::lab

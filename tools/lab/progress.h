// A progress bar with an estimate, on standard error and only on a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace acklab::lab {

class Progress {
 public:
  // `quiet` shows nothing even on a terminal.
  Progress(std::string what, std::int64_t total, bool quiet);
  ~Progress();  // wipes the line

  void advance(std::int64_t steps = 1);

 private:
  void draw();

  std::string what_;
  std::int64_t total_;
  std::int64_t done_ = 0;
  bool shown_;
  std::chrono::steady_clock::time_point began_;
  std::chrono::steady_clock::time_point drawn_;
};

}  // namespace acklab::lab

// The log against what its work costs at least, in one process: appending, reading, looking up, recovering.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "tools/lab/bench_pairs.h"

namespace acklab::lab {

struct BenchLogOptions {
  int pairs = 7;
  std::string folder;           // where logs on files are made; on a disk, not in memory
  double lookup_gigabytes = 1;  // of the log that is looked up in
  bool quiet = false;
  const std::atomic<bool>* interrupted = nullptr;
};

// A log of one size, on files in the page cache.
struct LogGrowthPoint {
  double megabytes = 0;
  double append_us = 0;   // a batch of 16 KiB
  double lookup_us = 0;   // a batch anywhere in it
  double open_ms = 0;     // after it was closed in order
  double recover_ms = 0;  // after a crash with an unflushed tail
};

struct BenchLogResult {
  std::vector<BenchLine> lines;
  std::vector<LogGrowthPoint> growth;
};

// Throws std::runtime_error, a line for the user, if files cannot be written.
BenchLogResult bench_log(const BenchLogOptions& options);

}  // namespace acklab::lab

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

// Throws std::runtime_error, a line for the user, if files cannot be written.
std::vector<BenchLine> bench_log(const BenchLogOptions& options);

}  // namespace acklab::lab

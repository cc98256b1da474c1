// `acklab bench storage`: the log by itself (bench_log.h), and a served cluster with clients (bench_cluster.h), as one table.
#pragma once

#include <string>

#include "tools/lab/bench_cluster.h"
#include "tools/lab/bench_log.h"

namespace acklab::lab {

struct BenchStorageResult {
  BenchLogResult log;
  BenchClusterResult cluster;
  bool interrupted = false;
};

std::string bench_storage_text(const BenchStorageResult& result);
std::string bench_storage_json(const BenchStorageResult& result);

}  // namespace acklab::lab

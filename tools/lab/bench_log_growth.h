// How the cost of a log's calls grows with the log, from a megabyte on in steps of ten.
#pragma once

#include <vector>

#include "tools/lab/bench_append.h"
#include "tools/lab/bench_log.h"

namespace acklab::lab {

std::vector<LogGrowthPoint> bench_log_growth(const BenchLogOptions& options, BenchFolder& folder);

}  // namespace acklab::lab

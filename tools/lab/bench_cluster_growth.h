// How the cost of a record and the memory of a cluster grow with its partitions, brokers and connections.
#pragma once

#include <functional>
#include <vector>

#include "tools/lab/bench_cluster.h"
#include "tools/lab/bench_loads.h"

namespace acklab::lab {

// Each measures one size of one kind. `bench` outlives them.
std::vector<std::function<GrowthPoint()>> growth_steps(const BenchLoads& bench);

}  // namespace acklab::lab

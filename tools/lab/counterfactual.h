// What would have happened otherwise: the same scenario and seed with one setting changed, tried for real.
#pragma once

#include <string>

#include "tools/lab/run.h"

namespace acklab::lab {

// One line that ends a story: "The same seed with acks=all and min.insync.replicas=2: 0 acknowledged records lost." Empty when there is no
// setting of the producer's or the topic's that would have prevented the anomaly.
std::string counterfactual(const Scenario& scenario, const RunOptions& options, Anomaly anomaly);

}  // namespace acklab::lab

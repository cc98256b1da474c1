// What a configuration promises: one pure function from (producers, topics, era, faults) to the anomalies that a run may show. Every
// verdict is against it. The contract in words, with its sources, stands in hazards' terms:
//
//   acks=0        nothing is promised.
//   acks=1        a record survives unless leadership moves before it was replicated, or the leader loses its unflushed tail before that.
//   acks=all      a record survives if fewer than min.insync.replicas replicas lose data and no unclean election takes place.
//   idempotence   no duplicate and no reordering within one producer session, for what the client itself retries.
#pragma once

#include <set>
#include <string>

#include "protocol/era.h"
#include "protocol/result.h"
#include "tools/lab/scenario.h"

namespace acklab::lab {

struct Promise {
  std::set<Anomaly> may_show;
  std::vector<std::string> reasons;  // one line for each: "lost-write: acks=1 and a fault that moves leadership (kill-leader)"
};

Promise promise(const Scenario& scenario, const protocol::Era& era);

// The anomalies that a run may show and still be as expected: nothing for `safe`, else what the promise permits.
std::set<Anomaly> allowed(Expectation expectation, const Promise& promise);

// A scenario that expects less than the promise is bad input; the error is a line that says what is promised and why.
protocol::Result<void, std::string> check_expectation(const Scenario& scenario, const protocol::Era& era);

}  // namespace acklab::lab

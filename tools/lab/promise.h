// What a configuration promises: one pure function from (producers, topics, era, faults) to the anomalies that a run may show. Every
// verdict is against it. The contract in words, with its sources, stands in hazards' terms:
//
//   acks=0        nothing is promised.
//   acks=1        a record survives unless leadership moves before it was replicated, or the leader loses its unflushed tail before that.
//   acks=all      a record survives if fewer than min.insync.replicas replicas lose data, not even one of them when all others had left
//                 the ISR (the last replica standing, which needs KIP-966's eligible leader replicas), and no unclean election takes place.
//   idempotence   while brokers remember the producer (producer.id.expiration.ms): no duplicate and no reordering within one producer session, for what the client itself retries.
//
// Which anomalies a *configuration* permits depends on its faults: without one that moves leadership even acks=1 loses nothing. A fault
// counts whether it will fire or not, and with the worst that it may do (threats.h).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "protocol/era.h"
#include "protocol/result.h"
#include "tools/lab/scenario.h"

namespace acklab::lab {

struct Promise {
  std::set<Anomaly> may_show;
  // Lines for the user: why each may be shown ("lost-write: acks=1 and a fault that may move leadership (kill-leader)"), and why
  // each of the others may not ("no duplicate: idempotence: a leader recognises what it has").
  std::vector<std::string> reasons;
  std::vector<std::string> promised;
};

Promise promise(const Scenario& scenario, const protocol::Era& era);

// How many in-sync replicas acks=all asks for: the topic's setting, else the cluster's, else 1; never more than there are replicas.
int min_insync_replicas(const Settings& topic, const Settings& cluster, int replicas);

// The anomalies that a run may show and still be as expected: for `safe` nothing but `removed`, where the topics' settings let records
// go; for `violation` everything (there the contract is broken, by a planted bug or by an era's hole); else what the promise permits.
std::set<Anomaly> allowed(Expectation expectation, const Promise& promise);

// A scenario that expects less than the promise is bad input; the error is a line that says what is promised and why.
protocol::Result<void, std::string> check_expectation(const Scenario& scenario, const protocol::Era& era);

}  // namespace acklab::lab

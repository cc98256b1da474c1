// A scenario: cluster, topics, producers, faults and what they may show, as data. Read from TOML (the format is in CLI.md's words in
// tools/lab/scenarios/FORMAT.md); unknown keys, wrong types and targets that do not exist are errors with line and column.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "broker/faults/fault.h"
#include "protocol/era.h"
#include "protocol/result.h"
#include "protocol/runtime/time.h"
#include "tools/lab/verdict.h"

namespace acklab::lab {

using Settings = std::map<std::string, std::string>;

// What one machine can be asked for.
inline constexpr int max_brokers = 64;
inline constexpr std::int64_t max_records = 10'000'000;  // of one producer
inline constexpr int max_copies = 100;

// Verdict words of the hazard catalogue: what a scenario expects to see.
enum class Expectation {
  safe,        // nothing at all
  loss_ok,     // records may be lost, as the configuration permits
  dup_ok,      // ... duplicated
  reorder_ok,  // ... out of order
  unknown_ok,  // sends may end unknown
  stall_ok,    // unavailable is the right answer
  violation,   // the contract is broken: a planted bug, or an era with a hole
};
std::string_view name(Expectation expectation);  // "loss-ok"
std::optional<Expectation> expectation_named(std::string_view name);

struct ScenarioTopic {
  std::string name;
  int partitions = 1;
  int replicas = 3;
  Settings set;
};

struct ScenarioProducer {
  std::string topic;  // absent in the file: the only topic
  Settings set;
  std::int64_t records = 1000;            // 0: as many as there are lines
  std::optional<std::string> lines_file;  // as written; where it lies and what it holds is for whoever opens the scenario
  std::vector<std::string> lines;         // its lines, once read: the values, over and over
  double rate = 0;                        // records per second; 0: as fast as possible
  std::int64_t keys = 0;                  // records have one of so many keys, in turn; 0: none
  bool resend = false;                    // the application sends a record again whose outcome it was not told
  int copies = 1;                         // ... and every record so many times
};

struct Scenario {
  std::string name;
  std::string hazard;  // "A2"
  std::string story;

  int brokers = 3;
  Settings set;
  std::vector<ScenarioTopic> topics;
  std::vector<ScenarioProducer> producers;
  broker::FaultPlan faults;
  protocol::Duration run_for = std::chrono::seconds(20);

  Expectation expect = Expectation::safe;
  std::set<Anomaly> must;  // some seed of a sweep must show each of these
  struct EraExpectation {
    std::string before;  // a Kafka version, exclusive
    Expectation expect = Expectation::safe;
    std::set<Anomaly> must;
  };
  std::vector<EraExpectation> eras;  // `before` ascends

  // What is expected under an era: the first entry whose `before` lies above it, else the default.
  EraExpectation expected(const protocol::Era& era) const;
};

// How a producer is named in targets ("client:producer-0"): by its client.id, or by its place.
std::string client_id(const Scenario& scenario, std::size_t producer);

// How sure a fault must be to fire under an era; nothing if it owes nothing there (`fires = { before = "0.11" }` under a later era).
std::optional<broker::Fires> duty(const broker::Fault& fault, const protocol::Era& era);

// `file` is only for the error line. Every key may be overridden: "cluster.brokers=5", "producer.0.set.acks=all".
protocol::Result<Scenario, std::string> parse_scenario(std::string_view toml, std::string_view file,
                                                       const std::vector<std::string>& overrides = {});

}  // namespace acklab::lab

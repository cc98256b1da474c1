// A producer that is under way, and what its tests have in common.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "protocol/check.h"
#include "tests/producer/scripted_broker.h"

namespace acklab::producer {

inline const Settings not_idempotent = {{"enable.idempotence", "false"}};

inline Settings with(Settings settings, const Settings& more) {
  for (const auto& [key, value] : more) settings[key] = value;
  return settings;
}

// Records that each fill a batch, so that "n records" means "n batches".
inline const Settings one_record_batches = {{"batch.size", "1"}};

inline std::vector<std::string> numbers(int count) {
  std::vector<std::string> values;
  for (int i = 0; i < count; ++i) values.push_back(std::to_string(i));
  return values;
}

// One broker, topic "orders" with one partition, and a producer that has already delivered one record: it knows the metadata, has a
// connection and, if it wants one, an identity that the broker has met. The log is empty again, the counters are at zero.
struct Bench : ScriptedCluster {
  explicit Bench(const Settings& settings = {}, int brokers = 1, int partitions = 1, std::uint64_t seed = 1)
      : ScriptedCluster(brokers, seed) {
    add_topic("orders", partitions);
    configure(settings);
    for (int i = 0; i < partitions; ++i) send({.topic = "orders", .partition = i, .key = {}, .value = "warm", .headers = {}});
    flush({});
    CHECK(run_until_all_told(std::chrono::seconds(1)));
    run_for(std::chrono::seconds(1));
    for (auto& partition : state.topics.at("orders").partitions) {
      partition.values.clear();
      partition.batches.clear();
    }
    told.clear();
    state.seen.clear();
    state.requests = state.metadata_requests = state.identity_requests = 0;
    began = world.now();
  }

  std::vector<Outcome::Kind> kinds() const {
    std::vector<Outcome::Kind> all;
    for (const Told& t : told) all.push_back(t.outcome.kind);
    return all;
  }

  protocol::Time began;
};

}  // namespace acklab::producer

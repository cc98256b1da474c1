// What a fault may name: the brokers, topics and clients that there are, or will be. A fault that names anything else would never fire.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/faults/target.h"
#include "tools/lab/scenario.h"
#include "tools/lab/toml_value.h"

namespace acklab::lab {

struct FaultGround {
  struct Topic {
    std::string name;
    int partitions = 1;
    int replicas = 1;
  };

  int brokers = 3;
  // Absent on a cluster that serves strangers: any may come into being.
  std::optional<std::vector<Topic>> topics;
  std::optional<std::vector<std::string>> clients;  // by client.id

  static FaultGround of(const Scenario& scenario);
  static FaultGround of_open_cluster(int brokers);

  // Each throws ScenarioMistake. `value` is what the user wrote.
  void check_exists(const TomlValue& value, const broker::Target& target) const;
  void check_partition(const TomlValue& value, const protocol::TopicPartition& partition) const;
  // A client of a request: a producer, or a follower's fetcher.
  void check_requester(const TomlValue& value, const std::string& client_id) const;
};

// Of a value that names a target which exists. Throws ScenarioMistake.
broker::Target read_target(const TomlValue& value, std::string_view key, const FaultGround& ground);

}  // namespace acklab::lab

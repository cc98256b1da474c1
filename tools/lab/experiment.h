// The public C++ API of the lab, for test authors: a cluster in a world, records, faults, a verdict.
//
//   acklab::lab::Experiment lab(acklab::lab::WorldKind::sim, {.brokers = 3, .seed = 7});
//   lab.create_topic("orders", {.partitions = 1, .replicas = 3, .set = {{"min.insync.replicas", "2"}}});
//   lab.produce("orders", 1000, {{"acks", "all"}});
//   lab.run_until_acked(400);
//   lab.kill("leader:orders-0");
//   const auto verdict = lab.check();
//   EXPECT_EQ(verdict.records.lost, 0) << verdict.story();
//
// One word, `WorldKind::tcp`, moves the same test onto real sockets.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "broker/cluster.h"
#include "protocol/era.h"
#include "protocol/runtime/world.h"
#include "tools/lab/verdict.h"

namespace acklab::lab {

using Settings = std::map<std::string, std::string>;

enum class WorldKind { sim, tcp };

struct ExperimentConfig {
  int brokers = 3;
  std::uint64_t seed = 1;
  Settings set;     // Kafka's broker keys
  std::string era;  // empty: the newest
};

struct TopicOptions {
  int partitions = 1;
  int replicas = 3;
  Settings set;  // Kafka's topic keys
};

class Experiment {
 public:
  // Starts the cluster and waits until it is ready. Throws std::runtime_error with a line for the user if it cannot.
  Experiment(WorldKind world, ExperimentConfig config);
  ~Experiment();

  void create_topic(const std::string& name, TopicOptions options = {});

  // Starts a producer with these settings that sends `records` numbered records, as fast as possible or at a rate per second.
  void produce(const std::string& topic, int records, Settings producer = {}, double rate = 0);
  void produce_lines(const std::string& topic, const std::vector<std::string>& lines, Settings producer = {}, double rate = 0);

  // Lets the world go on. False if it did not come to that within a minute of the world's time.
  bool run_until_acked(int records);
  void run_for(protocol::Duration duration);

  // Faults by name: "broker:2", "leader:orders-0", "followers:orders-0", "controller", "killed".
  void kill(const std::string& target);
  void power_loss(const std::string& target);
  void restart(const std::string& target);
  void cut(const std::string& from, const std::string& to);
  void stall(const std::string& from, const std::string& to);
  void heal();

  // Heals everything, restarts what is dead, waits until every send has its outcome and the cluster has converged, reads every
  // partition to its end over a connection, and judges.
  Verdict check();

  protocol::World& world();
  broker::Cluster& cluster();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace acklab::lab

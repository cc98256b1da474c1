// The public C++ API of the lab, for test authors: a cluster in a world, records, faults, a verdict.
//
//   acklab::lab::Experiment lab(acklab::lab::WorldKind::sim, {.brokers = 3, .seed = 7});
//   lab.create_topic("orders", {.set = {{"min.insync.replicas", "2"}}});
//   lab.produce("orders", {.records = 1000, .rate = 500, .set = {{"acks", "all"}}});
//   lab.run_until_acked(400);
//   lab.kill("leader:orders-0");
//   const auto verdict = lab.check();
//   EXPECT_EQ(verdict.records.lost, 0) << verdict.story();
//
// One word, `WorldKind::tcp`, moves the same test onto real sockets. A user's mistake (a setting, a target) throws
// std::invalid_argument with a line that says what, where and how to mend it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "broker/cluster.h"
#include "broker/faults/fault_engine.h"
#include "protocol/runtime/traffic.h"
#include "protocol/runtime/world.h"
#include "tools/lab/verdict.h"

namespace acklab::lab {

using Settings = std::map<std::string, std::string>;

enum class WorldKind { sim, tcp };

// What looks at every event of a simulated world.
enum class Watch { invariants, nothing };

struct ExperimentConfig {
  int brokers = 3;
  std::uint64_t seed = 1;
  Settings set{};     // Kafka's broker keys
  std::string era{};  // a Kafka version; empty: the newest era
  // Hears of every event, before anybody whom it moves to cause another one: so in the simulator in the journal's order. Over sockets
  // several threads call at once. May be empty.
  protocol::Journal::Listener listener{};
  protocol::Tap tap{};  // is told all traffic; may be empty
  // A cluster that runs already, over tcp. Then nothing of the above applies but the seed: its brokers, their settings and what befalls them
  // are not ours. Topics get names of their own there, so that records of earlier experiments are not in the way.
  std::vector<protocol::Address> bootstrap{};
  Watch watch = Watch::invariants;
};

struct TopicOptions {
  int partitions = 1;
  int replicas = 3;
  Settings set{};  // Kafka's topic keys
};

struct ProduceOptions {
  int records = 1000;
  double rate = 0;                   // records per second; 0: as fast as possible
  Settings set{};                    // Kafka's producer keys
  std::vector<std::string> lines{};  // the values, over and over; empty: JSON orders made from the seed
  std::int64_t keys = 0;             // records have one of so many keys, in turn; 0: none
  bool resend = false;               // the application sends a record again whose outcome it was not told
  int copies = 1;                    // the application sends every record so many times
};

// How much of what was found check() puts into words.
enum class Tell { nothing, first_of_each_anomaly };

class Experiment {
 public:
  // Starts the cluster and waits until every broker is usable.
  Experiment(WorldKind world, ExperimentConfig config);
  ~Experiment();
  Experiment(const Experiment&) = delete;
  Experiment& operator=(const Experiment&) = delete;

  void create_topic(const std::string& name, const TopicOptions& options = {});

  // Starts a producer on a node of its own. It goes on sending while the world runs.
  void produce(const std::string& topic, ProduceOptions options = {});

  // Lets the world go on. False if it did not come to that within `limit` of the world's time.
  bool run_until_acked(std::int64_t records, protocol::Duration limit = std::chrono::seconds(60));
  bool run_until_settled(protocol::Duration limit);
  void run_for(protocol::Duration duration);

  // Faults at once, by name: "broker:2", "leader:orders-0", "followers:orders-0", "controller", "killed" (all that are dead), "paused".
  void kill(const std::string& target);
  void power_loss(const std::string& target);
  void restart(const std::string& target);
  void pause(const std::string& target);
  void resume(const std::string& target = "paused");
  void shut_down(const std::string& target);                              // in order: leaderships are handed over first
  void elect(protocol::Election election, const std::string& partition);  // "partition:orders-0"
  void cut(const std::string& from, const std::string& to);
  void stall(const std::string& from, const std::string& to);
  void heal();  // every link
  // Any fault at once, whatever its trigger says; and faults that wait for theirs (broker/faults/fault.h).
  void perform(const broker::Fault& fault);
  void plan(broker::FaultPlan plan);

  // Drops faults that have not fired, heals every link, mends every disk, restarts what is dead, waits until every send has its outcome and the cluster
  // has come to rest, reads every partition to its end over a connection, and judges. Ends the experiment.
  Verdict check(Tell tell = Tell::first_of_each_anomaly);

  protocol::World& world();
  broker::Cluster& cluster();  // there must be one
  broker::FaultEngine& faults();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace acklab::lab

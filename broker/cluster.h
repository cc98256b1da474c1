// N brokers and a controller in one world: start, kill, restart, and what an operator may ask of them. It is the hand that an experiment has on the cluster; the nodes
// themselves meet only over connections and do not know it.
//
// A node's disk outlives its process: kill keeps what was written, power loss keeps what was flushed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/config.h"
#include "broker/faults/fault_engine.h"
#include "broker/faults/request_fault.h"
#include "broker/metrics.h"
#include "protocol/era.h"
#include "protocol/runtime/world.h"
#include "storage/sim_disk.h"

namespace acklab::broker {

struct ClusterConfig {
  int brokers = 3;            // ids 0 to brokers-1
  std::uint16_t port = 9092;  // broker i listens on port + i; 0: any free ports
  Settings set{};             // Kafka's broker keys, for every broker and the controller
  protocol::Era era = protocol::newest_era();
  std::uint64_t seed = 1;
  RequestHook request_hook{};  // asked by every broker before it serves a request; may be empty
  // Where the disks are: below this directory, or in memory if it is empty. Power loss needs a disk in memory.
  std::string data_dir{};
  // What a flush of a disk in memory takes at least, and who makes the node take so long (the simulator's spend(); may be empty).
  protocol::Duration flush_time{0};
  std::function<void(protocol::NodeId, protocol::Duration)> spend{};
  std::function<void(protocol::NodeId, std::string)> log{};  // a line from a broker, on its own turn; may be empty
  // A node's disk failed in this way, and so it ends, on its own turn; may be empty.
  std::function<void(protocol::NodeId, std::string)> halted{};
};

class Cluster {
 public:
  // `world` must outlive the cluster; the cluster must be destroyed first, after its nodes were stopped.
  Cluster(protocol::World& world, ClusterConfig config);
  ~Cluster();

  // Reserves the addresses and starts all nodes. The error is a line for the user (a bad setting, an occupied port).
  Result<void, std::string> start();
  // Where clients connect, broker by broker.
  const std::vector<protocol::Address>& bootstrap() const;
  std::vector<protocol::BrokerId> brokers() const;

  // All three are nothing to a node that is in that state already. Inside a node's own turn its death is immediate, its disk's too.
  void kill(protocol::NodeId node);
  void power_loss(protocol::NodeId node);
  void restart(protocol::NodeId node);  // starts it again from its disk
  bool alive(protocol::NodeId node) const;

  // An operator's commands. Each arrives at its node, on a turn of that node's own, some time; it is nothing to a dead one, and one
  // that cannot be obeyed changes nothing.
  void elect(protocol::Election election, const protocol::TopicPartition& partition);
  // Controlled shutdown: the broker hands its leaderships over, ends, and is dead like one that was killed, with all that it had
  // written flushed. While it cannot reach the controller it goes on trying.
  void shut_down(protocol::NodeId broker);
  // Breaks or mends a node's disk in memory as a fault of disks says. Bit rot needs a living broker, which knows what is committed.
  void break_disk(protocol::NodeId node, const Fault& fault);
  // All of the above, for faults. Without disks in memory there is nothing to break.
  FaultEngine::Hands hands();
  // All brokers close their logs and end; for the end of a cluster that will be started again. They are dead some time later.
  void close();
  // Kills every node, gently for none of them; for the end of an experiment.
  void stop();

  // What they count, also while they are dead.
  const BrokerMetrics& metrics(protocol::BrokerId broker) const;
  const ControllerMetrics& controller_metrics() const;

  // The node's disk in memory; there must be one.
  storage::SimDisk& disk(protocol::NodeId node);

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with our listener of the journal
};

}  // namespace acklab::broker

// What must hold at every moment inside a cluster, whatever the clients see. An omniscient observer: it rebuilds every replica's log from
// the journal of a simulated run and checks at each entry that could break a rule:
//
//   one leader in an epoch       two brokers never lead a partition in the same epoch
//   high watermark monotonic     within an epoch a replica's high watermark never goes back
//   log matching                 below the high watermark, replicas in sync hold the same batches (KIP-101's (epoch, offset) names a batch)
//   committed prefix             whoever is elected, and whoever is in the ISR when the leader commits, holds all that is committed
//
// Replicas whose disk lost data are excused as the contract has it: the committed prefix is promised while fewer than
// min.insync.replicas of them lost any, and while somebody in the ISR has lost none: without eligible leader replicas (KIP-966) the last
// in-sync replica is elected with what it has left, whatever min.insync.replicas is.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/runtime/journal.h"
#include "protocol/types.h"

namespace acklab::lab {

class Invariants {
 public:
  // How many data losses a topic's promise does not survive; topics that are not named have 1.
  void set_min_insync_replicas(const std::string& topic, int count) { min_insync_[topic] = count; }

  void observe(const protocol::Entry& entry, std::string_view topic);

  struct Violation {
    protocol::TopicPartition partition;
    protocol::Offset offset{};
    protocol::Time at{};
    std::string what;
  };
  const std::vector<Violation>& violations() const { return violations_; }
  std::uint64_t checked() const { return checked_; }

 private:
  // The batches of one replica: for each run of offsets the epoch in which a leader wrote it.
  struct Run {
    std::int64_t begin;
    std::int64_t end;
    std::int32_t epoch;
  };
  struct Replica {
    std::vector<Run> log;
    std::int32_t hw_epoch = -1;
    std::int64_t hw = 0;
    std::int64_t flushed = 0;
    bool lost_data = false;  // or may have
    bool lacks = false;      // it lost data, and has not joined the ISR since

    std::int64_t end() const { return log.empty() ? 0 : log.back().end; }
  };
  struct Partition {
    std::map<std::int32_t, protocol::NodeId> leader_of_epoch;
    std::map<protocol::NodeId, Replica> replicas;
    std::vector<Run> committed;
    std::int32_t epoch = -1;  // as the controller decided last
    protocol::NodeId leader{};
    protocol::BrokerSet isr;
    bool isr_lacked = false;  // at some time all of the ISR lacked data

    std::int64_t committed_end() const { return committed.empty() ? 0 : committed.back().end; }
  };

  static void append(std::vector<Run>& log, Run run);
  static void cut(std::vector<Run>& log, std::int64_t end);
  // Whether `log` holds the committed offsets [from, to) as they were committed.
  static bool holds(const std::vector<Run>& log, const std::vector<Run>& committed, std::int64_t from, std::int64_t to);
  bool excused(const std::string& topic, const Partition& partition) const;
  static void lose(Partition& partition, protocol::NodeId node);
  static void look_at_isr(Partition& partition);
  void violated(const protocol::TopicPartition& partition, const protocol::Entry& entry, std::string what);
  void commit(const protocol::TopicPartition& name, Partition& partition, const protocol::Entry& entry);
  void lose_power(protocol::NodeId node);

  std::map<std::string, int, std::less<>> min_insync_;
  std::map<protocol::TopicPartition, Partition> partitions_;
  std::vector<Violation> violations_;
  std::uint64_t checked_ = 0;
};

}  // namespace acklab::lab

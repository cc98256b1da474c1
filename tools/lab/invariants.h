// What must hold at every moment inside a cluster, whatever the clients see. An omniscient observer: it rebuilds every replica's log from
// the journal of a simulated run and checks at each entry that could break a rule:
//
//   one leader in an epoch       two brokers never lead a partition in the same epoch
//   high watermark monotonic     within an epoch a replica's high watermark never goes back
//   log matching                 below its high watermark a replica holds the batches that were committed, and no others
//   leader completeness          who takes up leadership holds all that is committed
//   candidate completeness       whoever could be elected holds it too: all of the ISR when the leader commits, and who is to join the ISR
//   truncation spares the past   no replica cuts off what is committed (KIP-101)
//   recovery keeps what stays    after a kill a log ends where it ended; after a power loss, a failed disk or bit rot, at a batch that was written
//   nothing twice                a log never holds two copies of one idempotent producer's batch (KIP-98)
//   no answer to acks=0          nobody answers a Produce that asked for no answer
//   only the committed goes      no log begins above what is committed, whatever retention and DeleteRecords take
//
// What lies below a log's start, or below what a cleaning went over, is compared no more: there are gaps, and copies differ by them.
//
// The rules are those that the TLA+ models of Kafka's replication check, and a few that they take for granted.
//
// Replicas whose disk lost data are excused as the contract has it: the committed prefix is promised while fewer than
// min.insync.replicas of them lost any, and while somebody in the ISR has lost none: without eligible leader replicas (KIP-966) the last
// in-sync replica is elected with what it has left, whatever min.insync.replicas is. An unclean election ends the promise for its partition.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/runtime/journal.h"
#include "protocol/types.h"
#include "tools/lab/log_model.h"

namespace acklab::lab {

class Invariants {
 public:
  // How many data losses a topic's promise does not survive; topics that are not named have 1.
  void set_min_insync_replicas(const std::string& topic, int count) { min_insync_[topic] = count; }
  // This client sends with acks=0.
  void expect_no_answers(protocol::NodeId client) { unanswered_clients_.insert(client); }

  // Brokers forget a producer sooner than they would by default: a batch may lawfully be appended again (hazard P7).
  void expect_forgotten_producers() { producers_are_forgotten_ = true; }

  void observe(const protocol::Entry& entry, std::string_view topic);

  struct Violation {
    protocol::TopicPartition partition;
    protocol::Offset offset{};
    protocol::Time at{};
    std::string what;
  };
  // The first ones: where one rule is broken, more follow.
  const std::vector<Violation>& violations() const { return violations_; }
  std::uint64_t checked() const { return checked_; }

  static constexpr std::size_t max_violations = 100;

 private:
  struct Replica {
    LogModel log;
    std::int64_t start = 0;
    std::vector<std::int64_t> borders;  // where a batch that it ever had ended; sorted
    std::int32_t hw_epoch = -1;
    std::int64_t hw = 0;
    std::int64_t flushed = 0;
    bool may_be_short = false;           // its node lost power, or its disk failed, and it is not back yet
    std::optional<std::int64_t> rotten;  // the first batch that rots: whoever opens the log may cut it there
    bool lost_data = false;              // or may have
    bool lacks = false;                  // it lost data, and has not joined the ISR since

    protocol::NodeId source{};       // whom it followed last, or itself, if it led
    std::int32_t source_epoch = -1;  // ... in this epoch

    void append(const protocol::Entry& entry);
    void end_at(std::int64_t end);
    bool ended_at(std::int64_t offset) const;
  };
  // How an idempotent producer names a batch, and where copies of it were put.
  struct BatchName {
    std::int64_t producer;
    std::int32_t epoch;
    std::int32_t sequence;

    friend auto operator<=>(const BatchName&, const BatchName&) = default;
  };
  struct Place {
    std::int64_t offset;
    std::int32_t epoch;
  };
  struct Partition {
    protocol::TopicPartition name;
    int min_insync = 1;
    std::map<std::int32_t, protocol::NodeId> leader_of_epoch;
    std::map<protocol::NodeId, Replica> replicas;
    std::map<BatchName, std::vector<Place>> batches;
    LogModel committed;
    std::int32_t epoch = -1;  // as the controller decided last
    protocol::NodeId leader{};
    protocol::BrokerSet isr;
    bool isr_lacked = false;      // at some time all of the ISR lacked data
    bool unclean = false;         // a replica was elected that was not in sync
    std::int64_t cleaned_to = 0;  // some replica was compacted below this

    bool excused() const;
    // Whether the replica has what is committed between two offsets, of what there is to compare.
    bool holds(const Replica& replica, std::int64_t from, std::int64_t to) const {
      return replica.log.holds(committed, std::max({from, replica.start, cleaned_to}), to);
    }
    bool complete(const Replica& replica) const { return holds(replica, 0, committed.end()); }
  };

  Partition& partition_of(const protocol::Entry& entry, std::string_view topic);
  static void lose(Partition& partition, protocol::NodeId node);
  static void look_at_isr(Partition& partition);
  void lose_power(protocol::NodeId node);
  void fail_disk(protocol::NodeId node);

  // What an entry says, and the rules that it could break.
  void decided(Partition& partition, const protocol::Entry& entry);
  void led(Partition& partition, const protocol::Entry& entry);
  void appended(Partition& partition, const protocol::Entry& entry);
  void truncated(Partition& partition, const protocol::Entry& entry);
  void recovered(Partition& partition, const protocol::Entry& entry);
  static void learn_of_the_untold(Partition& partition, Replica& replica, std::int64_t end);
  void high_watermark(Partition& partition, const protocol::Entry& entry);
  void commit(Partition& partition, const protocol::Entry& entry);
  void check_joining(Partition& partition, const protocol::Entry& entry);
  void start_moved(Partition& partition, const protocol::Entry& entry);
  void topic_deleted(const protocol::Entry& entry);
  bool is_ghost(const protocol::Entry& entry);
  void check_answer(const protocol::Entry& entry, std::string_view topic);
  void violated(const Partition& partition, const protocol::Entry& entry, std::string what);

  std::map<std::string, int, std::less<>> min_insync_;
  using PartitionKey = std::pair<protocol::TopicNumber, std::int32_t>;
  std::map<PartitionKey, Partition> partitions_;
  std::map<PartitionKey, std::set<protocol::NodeId>> ghosts_;  // replicas of deleted topics, until they are made anew
  std::set<protocol::NodeId> unanswered_clients_;
  std::set<std::uint64_t> unanswered_connections_;
  bool producers_are_forgotten_ = false;
  std::vector<Violation> violations_;
  std::uint64_t checked_ = 0;
};

}  // namespace acklab::lab

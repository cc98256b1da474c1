// A partition by itself: a log on a disk in memory, a leader or follower by decree, and nobody else.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/partition/partition.h"
#include "storage/sim_disk.h"
#include "tests/broker/test_cluster.h"

namespace acklab::broker {

// A node without a world: the test moves its clock and reads its journal.
class QuietRuntime final : public protocol::Runtime {
 public:
  protocol::Time clock{std::chrono::hours(1)};
  std::vector<protocol::Entry> journal;

  protocol::NodeId node() const override { return protocol::NodeId{0}; }
  protocol::Time now() const override { return clock; }
  protocol::WallTime wall_now() const override { return {0}; }
  protocol::Random random(std::string_view) override { return protocol::Random(0); }
  std::unique_ptr<protocol::Timer> after(protocol::Duration, std::function<void()>) override { return nullptr; }
  std::unique_ptr<protocol::Connection> connect(const protocol::Address&) override { return nullptr; }
  std::unique_ptr<protocol::Listener> listen(const protocol::Address&,
                                             std::function<void(std::unique_ptr<protocol::Connection>)>) override {
    return nullptr;
  }
  void note(const protocol::Entry& entry) override { journal.push_back(entry); }
  protocol::TopicNumber topic_number(std::string_view) override { return 1; }
};

inline constexpr BrokerId self{0}, second{1}, third{2};

class APartition : public testing::Test {
 protected:
  APartition() {
    options.self = self;
    options.era = protocol::newest_era();
    for (const BrokerId broker : {self, second, third}) image.brokers[broker].fenced = false;
    state.replicas = {self, second, third};
    state.isr = {self, second, third};
    state.leader = self;
    state.leader_epoch = {5};
    state.partition_epoch = {9};
    auto log = storage::Log::open(disk, "orders-0", {});
    partition.emplace(runtime, image, options, Replica(runtime, {"orders", 0}, *std::move(log), {0}));
  }

  void decide() {
    partition->configure(config);
    partition->apply(state);
  }
  // A batch of so many records.
  protocol::Result<Partition::Appended> append(int records, protocol::Acks acks = protocol::Acks::leader) {
    const std::vector<std::string> values(static_cast<std::size_t>(records), "x");
    return partition->append({*protocol::RecordBatch::first(batch_of(values))}, acks, {});
  }
  ReadAnswer fetch(BrokerId follower, std::int64_t from) {
    return partition->read({.reader = {.replica = follower}, .from = {from}, .current_leader_epoch = {5}, .max_bytes = 1 << 20});
  }
  std::int64_t high_watermark() const { return partition->replica().high_watermark().value; }
  // Everybody but `slow` keeps up for longer than a lagging replica may take.
  void leave_behind(BrokerId slow) {
    append(1);
    for (int i = 0; i < 4; ++i) {
      runtime.clock += options.config.replica_lag_time_max / 3;
      for (const BrokerId follower : {second, third}) {
        if (follower != slow) fetch(follower, partition->replica().end().value);
      }
    }
    partition->check_isr();
  }
  PartitionState answered(std::vector<BrokerId> isr, int partition_epoch) const {
    PartitionState said = state;
    said.isr = std::move(isr);
    said.partition_epoch = {partition_epoch};
    return said;
  }

  QuietRuntime runtime;
  storage::SimDisk disk{protocol::Random(1)};
  MetadataImage image;
  Partition::Options options;
  TopicConfig config;
  PartitionState state;
  std::optional<Partition> partition;
};

}  // namespace acklab::broker

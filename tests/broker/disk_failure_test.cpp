// What a broker does about a disk that fails, and what everybody does about bits that rot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/broker/test_cluster.h"

namespace acklab::broker {
namespace {

using protocol::Acks;
using protocol::Event;
using protocol::NodeId;
using protocol::TopicPartition;
using storage::SimDisk;
using testing::ElementsAre;
using Mishap = SimDisk::Mishap;

const TopicPartition orders{"orders", 0};

class DiskFailure : public testing::Test {
 protected:
  NodeId leader_node() { return NodeId::broker(cluster.leader(orders)); }
  // Sends it to whoever leads; if that one dies over it there is no answer.
  bool is_answered(const std::string& value, Acks acks) {
    Wire& wire = cluster.connect(cluster.leader(orders));
    cluster.send_request(wire, produce_request(orders, batch_of({value}), acks), 9);
    return cluster.next_frame(wire).has_value();
  }
  bool all_in_sync() {
    return cluster.eventually([&] { return cluster.isr(orders).size() == 3; });
  }

  std::vector<std::string> halted;
  TestCluster cluster{
      {.halted = [this](NodeId node, const std::string& why) { halted.push_back(to_string(node) + ": " + why); }}};
};

TEST_F(DiskFailure, ALeaderThatCannotWriteOrFlushHaltsAndAnotherLeads) {
  struct Case {
    const char* what;
    std::function<void(SimDisk&)> breaks;
  };
  const Case cases[] = {
      {"append to orders-0/00000000000000000000.log: input/output error",
       [](SimDisk& disk) { disk.go_wrong({.call = Mishap::Call::append, .extent = Mishap::Extent::part}); }},
      {"append to orders-0/00000000000000000000.log: no space left on device", [](SimDisk& disk) { disk.fill_up(10); }},
      {"flush orders-0/00000000000000000000.log: input/output error",
       [](SimDisk& disk) { disk.go_wrong({.call = Mishap::Call::flush}); }}};
  cluster.create_topic("orders", 1, 3, {{"flush.messages", "1"}, {"min.insync.replicas", "2"}});
  std::vector<std::string> kept;
  std::size_t failures = 0;

  for (const Case& one : cases) {
    ASSERT_TRUE(all_in_sync());
    kept.push_back(std::string("before: ") + one.what);
    ASSERT_EQ(cluster.produce(orders, batch_of({kept.back()}), Acks::all).error_code, protocol::ErrorCode::none);
    const NodeId broken = leader_node();
    one.breaks(cluster.cluster.disk(broken));

    EXPECT_FALSE(is_answered("never acknowledged", Acks::leader)) << one.what;

    EXPECT_FALSE(cluster.cluster.alive(broken));
    EXPECT_THAT(halted, ElementsAre(to_string(broken) + ": " + one.what));
    EXPECT_EQ(cluster.seen(Event::disk_failed).size(), ++failures);
    EXPECT_TRUE(cluster.eventually([&] { return leader_node() != broken; }));
    halted.clear();
    cluster.cluster.disk(broken).mend();
    cluster.cluster.restart(broken);
    ASSERT_TRUE(all_in_sync());
    EXPECT_EQ(cluster.read(orders), kept);
  }
}

TEST_F(DiskFailure, AFollowerThatCannotWriteHaltsAndLeavesTheIsr) {
  cluster.create_topic("orders", 1, 3, {{"min.insync.replicas", "2"}});
  const NodeId follower = NodeId::broker(cluster.followers(orders).front());
  cluster.cluster.disk(follower).fill_up(0);

  EXPECT_EQ(cluster.produce(orders, batch_of({"a"}), Acks::all).error_code, protocol::ErrorCode::none);

  EXPECT_FALSE(cluster.cluster.alive(follower));
  EXPECT_TRUE(cluster.eventually([&] { return cluster.isr(orders).size() == 2; }));
  cluster.cluster.restart(follower);
  EXPECT_TRUE(cluster.eventually([&] { return !cluster.cluster.alive(follower); })) << "its disk is still full";
  cluster.cluster.disk(follower).mend();
  cluster.cluster.restart(follower);
  EXPECT_TRUE(all_in_sync());
}

TEST_F(DiskFailure, AControllerThatCannotWriteHaltsAndGoesOnWhenItIsBack) {
  cluster.cluster.disk(NodeId::controller()).go_wrong({.call = Mishap::Call::flush});

  protocol::CreateTopicsRequest request;
  request.topics.push_back({.name = "orders", .num_partitions = 1, .replication_factor = 3, .assignments = {}, .configs = {}});
  cluster.send_request(cluster.connect({0}), request, 5);

  ASSERT_TRUE(cluster.eventually([&] { return !cluster.cluster.alive(NodeId::controller()); }));
  EXPECT_EQ(cluster.seen(Event::disk_failed, NodeId::controller()).size(), 1U);
  cluster.cluster.restart(NodeId::controller());
  cluster.run_for(std::chrono::seconds(5));  // the brokers find it again
  cluster.create_topic("bills");
}

TEST_F(DiskFailure, AFollowerDoesNotTakeARottenBatchAndStaysOutOfTheIsr) {
  cluster.create_topic("orders", 1, 3);
  const NodeId late = NodeId::broker(cluster.followers(orders).back());
  cluster.cluster.kill(late);
  ASSERT_TRUE(cluster.eventually([&] { return cluster.isr(orders).size() == 2; }));
  ASSERT_EQ(cluster.produce(orders, batch_of({"a"}), Acks::all).error_code, protocol::ErrorCode::none);
  Fault rot;
  rot.verb = Verb::corrupt;
  rot.target.partition = orders;
  cluster.cluster.break_disk(leader_node(), rot);

  cluster.cluster.restart(late);
  cluster.run_for(std::chrono::seconds(20));

  EXPECT_EQ(cluster.seen(Event::rotted, leader_node()).size(), 1U);
  EXPECT_TRUE(cluster.seen(Event::replicated, late).empty());
  EXPECT_EQ(cluster.isr(orders).size(), 2U);
}

}  // namespace
}  // namespace acklab::broker

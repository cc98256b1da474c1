// The promise that everything else here is for: with acks=all and min.insync.replicas=2, what was acknowledged is there, once, whatever
// dies, is cut off or comes back. Random faults, many seeds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "protocol/runtime/random.h"
#include "tests/broker/test_cluster.h"

namespace acklab::broker {
namespace {

using protocol::Acks;
using protocol::Direction;
using protocol::ErrorCode;
using protocol::NodeId;
using protocol::Random;
using protocol::TopicPartition;

const TopicPartition orders{"orders", 0};

class Storm {
 public:
  Storm(std::uint64_t seed, bool power_fails)
      : power_fails_(power_fails),
        random_(Random::stream(seed, "storm", 0)),
        cluster_(config(seed), {.seed = seed, .network = {}}) {
    cluster_.create_topic("orders", 1, 3, {{"min.insync.replicas", "2"}, {"flush.messages", power_fails ? "1" : "1000000"}});
  }

  // One record after the other, each sent once to whoever led last.
  void rage(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      if (random_.one_in(3)) strike();
      const std::string value = "record " + std::to_string(round);
      const BrokerId leader = cluster_.leader(orders);
      if (!leader.known() || !cluster_.cluster.alive(NodeId::broker(leader))) {
        cluster_.run_for(200ms);
        continue;
      }
      const auto code = send(leader, value);
      if (code == ErrorCode::none) acknowledged_.insert(value);
      cluster_.run_for(std::chrono::milliseconds(random_.below(300)));
    }
  }

  void calm() {
    for (const NodeId from : nodes()) {
      for (const NodeId to : nodes()) {
        if (from != to) cluster_.world.heal(from, to, Direction::both);
      }
    }
    for (const NodeId node : nodes()) cluster_.cluster.restart(node);
    ASSERT_TRUE(
        cluster_.eventually([this] { return cluster_.isr(orders).size() == 3 && cluster_.leader(orders).known(); }, 300s));
    ASSERT_TRUE(cluster_.eventually([this] { return send(cluster_.leader(orders), "the end") == ErrorCode::none; }));
  }

  void check() {
    std::map<std::string, int> copies;
    for (const std::string& value : cluster_.read(orders)) ++copies[value];
    for (const std::string& value : acknowledged_) EXPECT_EQ(copies[value], 1) << value;
    for (const auto& [value, count] : copies) {
      if (value != "the end") {
        EXPECT_EQ(count, 1) << value;
      }
    }
    EXPECT_FALSE(acknowledged_.empty()) << "a storm in which nothing was acknowledged shows nothing";
  }

 private:
  static ClusterConfig config(std::uint64_t seed) {
    ClusterConfig config;
    config.seed = seed;
    config.set = {{"replica.lag.time.max.ms", "2000"}, {"replica.fetch.backoff.ms", "200"}};
    return config;
  }
  std::vector<NodeId> nodes() const {
    return {NodeId::controller(), NodeId::broker({0}), NodeId::broker({1}), NodeId::broker({2})};
  }

  ErrorCode send(BrokerId leader, const std::string& value) {
    if (!leader.known()) return ErrorCode::leader_not_available;
    Wire& wire = cluster_.open(leader);
    const auto correlation = cluster_.send_request(wire, produce_request(orders, batch_of({value}), Acks::all, 800), 9);
    const auto answer = cluster_.answer<protocol::ProduceResponse>(wire, correlation, 9, 1s);
    cluster_.forget(wire);
    return answer ? answer->topics[0].partitions[0].error_code : ErrorCode::network_exception;
  }

  void strike() {
    const std::vector<NodeId> all = nodes();
    const NodeId node = all[random_.below(all.size())];
    const NodeId other = all[random_.below(all.size())];
    switch (random_.below(power_fails_ ? 7 : 6)) {
      case 0:
        return cluster_.cluster.kill(node);
      case 1:
      case 2:
        for (const NodeId dead : all) cluster_.cluster.restart(dead);
        return;
      case 3:
        if (node != other) cluster_.world.cut(node, other, random_.one_in(2) ? Direction::both : Direction::forward);
        return;
      case 4:
        if (node != other) cluster_.world.stall(node, other, Direction::forward);
        return;
      case 5:
        for (const NodeId to : all) {
          if (node != to) cluster_.world.heal(node, to, Direction::both);
        }
        return;
      default:
        return cluster_.cluster.power_loss(node);
    }
  }

  bool power_fails_;
  Random random_;
  TestCluster cluster_;
  std::set<std::string> acknowledged_;
};

class Promise : public testing::TestWithParam<int> {};

TEST_P(Promise, AcknowledgedByAllIsThereOnceWhateverDiesAndComesBack) {
  Storm storm(static_cast<std::uint64_t>(GetParam()), false);

  storm.rage(120);
  storm.calm();

  storm.check();
}

TEST_P(Promise, FlushedAndAcknowledgedByAllSurvivesPowerLossToo) {
  Storm storm(static_cast<std::uint64_t>(GetParam()), true);

  storm.rage(120);
  storm.calm();

  storm.check();
}

INSTANTIATE_TEST_SUITE_P(Seeds, Promise, testing::Range(1, 21));

}  // namespace
}  // namespace acklab::broker

// Topics that are compacted, in a cluster that goes on serving.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "protocol/records/batch_builder.h"
#include "tests/broker/test_cluster.h"

namespace acklab::broker {
namespace {

using protocol::Acks;
using protocol::ErrorCode;
using protocol::NodeId;
using protocol::TopicPartition;
using testing::ElementsAre;
using testing::SizeIs;

const TopicPartition state{"state", 0};
const Settings compacted{
    {"cleanup.policy", "compact"}, {"segment.bytes", "300"}, {"min.cleanable.dirty.ratio", "0"}, {"delete.retention.ms", "0"}};

protocol::Slice keyed(const std::string& key, const std::string& value) {
  protocol::BatchBuilder builder(protocol::Codec::none);
  builder.append({.timestamp = 1000, .key = key, .value = value, .headers = {}});
  return builder.seal();
}

struct CompactionTest : testing::Test {
  void write(int records) {
    for (int i = 0; i < records; ++i) {
      const std::string key(1, static_cast<char>('a' + i % 3));
      ASSERT_EQ(cluster.produce(state, keyed(key, key + std::to_string(i)), Acks::all).error_code, ErrorCode::none);
    }
  }

  TestCluster cluster{{.set = {{"log.cleaner.backoff.ms", "500"}}}};
};

TEST_F(CompactionTest, OnlyTheLastRecordOfEachKeyIsLeftOfWhatIsNotActive) {
  cluster.create_topic("state", 1, 3, compacted);
  write(60);
  EXPECT_THAT(cluster.read(state), SizeIs(60));

  // The active segment is not touched; three more records make sure that the sixty are not in it.
  write(3);
  ASSERT_TRUE(cluster.eventually([&] { return cluster.read(state).size() < 10; }));
  const std::vector<std::string> left = cluster.read(state);
  EXPECT_THAT(std::vector<std::string>(left.end() - 3, left.end()), ElementsAre("a0", "b1", "c2"));
}

TEST_F(CompactionTest, EveryReplicaCompactsItsOwnLogAndAnyMayLead) {
  cluster.create_topic("state", 1, 3, compacted);
  write(63);
  ASSERT_TRUE(cluster.eventually([&] { return cluster.read(state).size() < 10; }));
  const std::string last = cluster.read(state).back();

  for (int i = 0; i < 2; ++i) {
    const BrokerId leader = cluster.leader(state);
    cluster.cluster.kill(NodeId::broker(leader));
    ASSERT_TRUE(cluster.eventually([&] { return cluster.leader(state).known() && cluster.leader(state) != leader; }));
    std::vector<std::string> left;
    ASSERT_TRUE(cluster.eventually([&] { return !(left = cluster.read(state)).empty() && left.size() < 10; }));
    EXPECT_EQ(left.back(), last);
    cluster.cluster.restart(NodeId::broker(leader));
    ASSERT_TRUE(cluster.eventually([&] { return cluster.isr(state).size() == 3; }));
  }
}

TEST_F(CompactionTest, ATopicThatIsNotCompactedKeepsAllItHas) {
  Settings plain = compacted;
  plain.erase("cleanup.policy");
  plain["retention.ms"] = "-1";  // the records are older than any other
  cluster.create_topic("state", 1, 3, plain);
  write(60);

  cluster.run_for(20s);

  EXPECT_THAT(cluster.read(state), SizeIs(60));
}

}  // namespace
}  // namespace acklab::broker

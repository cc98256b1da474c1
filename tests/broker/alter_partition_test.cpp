#include "broker/controller/alter_partition.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/broker/controller_fixtures.h"

namespace acklab::broker {
namespace {

using protocol::ErrorCode;

// Members without a broker epoch, as in version 2.
ReceivedProposal proposal(int leader, int leader_epoch, int partition_epoch, std::initializer_list<int> isr) {
  ReceivedProposal result{.leader = {leader}, .leader_epoch = {leader_epoch}, .partition_epoch = {partition_epoch}, .isr = {}};
  for (const int id : isr) result.isr.push_back({{id}, {}});
  return result;
}

TEST(AlterPartition, AnAcceptedProposalBumpsThePartitionEpochAndNotTheLeaderEpoch) {
  const MetadataImage image = image_of(3);

  EXPECT_EQ(judge(proposal(0, 4, 7, {0, 1}), partition({0, 1, 2}, 0, 4, 7), image), partition({0, 1}, 0, 4, 8));
  EXPECT_EQ(judge(proposal(0, 4, 8, {0, 2, 1}), partition({0, 1}, 0, 4, 8), image), partition({0, 1, 2}, 0, 4, 9));
}

TEST(AlterPartition, AProposalOfWhatAlreadyHoldsChangesNothing) {
  EXPECT_EQ(judge(proposal(0, 4, 7, {2, 1, 0}), partition({0, 1, 2}, 0, 4, 7), image_of(3)), partition({0, 1, 2}, 0, 4, 7));
}

TEST(AlterPartition, WhatWasProposedFromAnotherStateIsRefused) {
  struct Case {
    std::string what;
    ReceivedProposal proposal;
    ErrorCode code;
  };
  const PartitionState state = partition({0, 1}, 0, 4, 7);
  const std::vector<Case> cases = {
      {"a former leader", proposal(1, 3, 6, {0, 1}), ErrorCode::fenced_leader_epoch},
      {"an older state of the ISR", proposal(0, 4, 6, {0, 1, 2}), ErrorCode::invalid_update_version},
      {"a leader epoch that we have not given out", proposal(0, 5, 7, {0, 1, 2}), ErrorCode::not_controller},
      {"a partition epoch that we have not given out", proposal(0, 4, 8, {0, 1, 2}), ErrorCode::not_controller},
      {"not the leader", proposal(1, 4, 7, {0, 1, 2}), ErrorCode::invalid_request},
      {"without the leader", proposal(0, 4, 7, {1, 2}), ErrorCode::invalid_request},
      {"nobody", proposal(0, 4, 7, {}), ErrorCode::invalid_request},
      {"a broker that holds no replica", proposal(0, 4, 7, {0, 3}), ErrorCode::invalid_request},
      {"a replica twice", proposal(0, 4, 7, {0, 1, 1}), ErrorCode::invalid_request},
      {"an old epoch before an illegal ISR", proposal(1, 3, 7, {9}), ErrorCode::fenced_leader_epoch},
  };
  for (const Case& c : cases) {
    const auto judged = judge(c.proposal, state, image_of(4));
    ASSERT_FALSE(judged.has_value()) << c.what;
    EXPECT_EQ(judged.error(), c.code) << c.what << ": " << name(judged.error());
  }
}

TEST(AlterPartition, AFencedReplicaDoesNotJoin) {
  MetadataImage image = image_of(3);
  fence(image, 2);

  EXPECT_EQ(judge(proposal(0, 4, 7, {0, 1, 2}), partition({0, 1}, 0, 4, 7), image).error(), ErrorCode::ineligible_replica);
}

TEST(AlterPartition, AReplicaThatShutsDownDoesNotJoin) {
  MetadataImage image = image_of(3);
  image.apply(shut_down_record({2}, {102}));

  EXPECT_EQ(judge(proposal(0, 4, 7, {0, 1, 2}), partition({0, 1}, 0, 4, 7), image).error(), ErrorCode::ineligible_replica);
}

// KIP-903: the leader saw broker 2 catch up; the broker then died, lost its disk and registered again.
TEST(AlterPartition, AReplicaThatWasReplacedByANewIncarnationDoesNotJoin) {
  MetadataImage image = image_of(3);
  image.apply(registration_record({2}, {200}, uuid(9), {"broker-2", 9092}));
  image.apply(unfence_record({2}, {200}));
  ReceivedProposal late = proposal(0, 4, 7, {0, 1});
  late.isr.push_back({{2}, {102}});
  ReceivedProposal fresh = proposal(0, 4, 7, {0, 1});
  fresh.isr.push_back({{2}, {200}});

  EXPECT_EQ(judge(late, partition({0, 1}, 0, 4, 7), image).error(), ErrorCode::ineligible_replica);
  EXPECT_EQ(judge(fresh, partition({0, 1}, 0, 4, 7), image), partition({0, 1, 2}, 0, 4, 8));
}

TEST(AlterPartition, OnlyTheCurrentIncarnationOfABrokerIsHeard) {
  const MetadataImage image = image_of(2);

  EXPECT_EQ(check_broker_epoch(image, {1}, {101}), ErrorCode::none);
  EXPECT_EQ(check_broker_epoch(image, {1}, {100}), ErrorCode::stale_broker_epoch);
  EXPECT_EQ(check_broker_epoch(image, {1}, {102}), ErrorCode::stale_broker_epoch);
  EXPECT_EQ(check_broker_epoch(image, {2}, {100}), ErrorCode::broker_id_not_registered);
}

TEST(AlterPartition, BrokerEpochsCountFromVersion3On) {
  protocol::AlterPartitionRequest::Partition wanted;
  wanted.leader_epoch = 4;
  wanted.partition_epoch = 7;
  wanted.new_isr = {0, 1};
  wanted.new_isr_with_epochs = {{2, 102}};

  const ReceivedProposal v2 = proposal_of(wanted, {0}, 2);
  const ReceivedProposal v3 = proposal_of(wanted, {0}, 3);

  ASSERT_EQ(v2.isr.size(), 2U);
  EXPECT_FALSE(v2.isr[1].epoch.known());
  ASSERT_EQ(v3.isr.size(), 1U);
  EXPECT_EQ(v3.isr[0].broker, BrokerId{2});
  EXPECT_EQ(v3.isr[0].epoch, BrokerEpoch{102});
  EXPECT_EQ(v3.leader_epoch, LeaderEpoch{4});
  EXPECT_EQ(v3.partition_epoch, PartitionEpoch{7});
}

}  // namespace
}  // namespace acklab::broker

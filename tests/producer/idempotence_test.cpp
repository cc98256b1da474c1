#include "producer/idempotence.h"

#include <gtest/gtest.h>

namespace acklab::producer {
namespace {

using protocol::Sequence;

constexpr ProducerIdentity first{{7}, {0}};
constexpr ProducerIdentity second{{7}, {1}};

// Has an identity, and the broker has acknowledged batch 0, so that several batches may be without an outcome.
PartitionSequences introduced(std::int32_t records_before = 0) {
  PartitionSequences sequences(5);
  sequences.start(first);
  sequences.assign(0, records_before);
  sequences.acknowledged(0);
  return sequences;
}

TEST(ProducerIdentities, AnIdIsAskedForOnceAndBumpedLocally) {
  ProducerIdentities identities;
  EXPECT_TRUE(identities.wanted());
  EXPECT_FALSE(identities.after({}).known());

  identities.granted(first);

  EXPECT_FALSE(identities.wanted());
  EXPECT_EQ(identities.after({}), first);
  EXPECT_EQ(identities.after(first), second);
  EXPECT_EQ(identities.after({}), second);
}

TEST(ProducerIdentities, APartitionThatIsBehindTakesTheNewestEpochWithoutABump) {
  ProducerIdentities identities;
  identities.granted(first);
  identities.after(first);

  EXPECT_EQ(identities.after(first), second);
  EXPECT_EQ(identities.after({}), second);
}

TEST(ProducerIdentities, AnotherIdIsAskedForWhenTheEpochsAreUsedUp) {
  constexpr ProducerIdentity last{{7}, {32767}};
  ProducerIdentities identities;
  identities.granted(last);

  EXPECT_FALSE(identities.after(last).known());
  EXPECT_TRUE(identities.wanted());
  EXPECT_FALSE(identities.after(last).known());

  identities.granted({{8}, {0}});
  EXPECT_EQ(identities.after(last), (ProducerIdentity{{8}, {0}}));
}

TEST(PartitionSequences, CountRecords) {
  PartitionSequences sequences = introduced();

  EXPECT_EQ(sequences.assign(1, 10).base_sequence, Sequence{0});
  EXPECT_EQ(sequences.assign(2, 5).base_sequence, Sequence{10});
  EXPECT_EQ(sequences.assign(3, 1).base_sequence, Sequence{15});
}

TEST(PartitionSequences, SequencesWrapTo0) {
  PartitionSequences sequences = introduced(2147483647);

  EXPECT_EQ(sequences.assign(2, 1).base_sequence, Sequence{2147483647});
  EXPECT_EQ(sequences.assign(3, 1).base_sequence, Sequence{0});
}

TEST(PartitionSequences, ABatchThatSpansTheWrapIsFollowedWhereItEnds) {
  PartitionSequences sequences = introduced(2147483647);
  sequences.assign(2, 10);

  EXPECT_EQ(sequences.assign(3, 1).base_sequence, Sequence{9});
}

TEST(PartitionSequences, NothingIsNamedWithoutAnIdentity) {
  const PartitionSequences sequences(5);

  EXPECT_FALSE(sequences.may_assign());
  EXPECT_TRUE(sequences.wants_identity());
}

TEST(PartitionSequences, NoMoreAreUnsettledThanABrokerRemembers) {
  PartitionSequences sequences = introduced();
  for (std::uint64_t batch = 1; batch <= 5; ++batch) sequences.assign(batch, 1);
  EXPECT_FALSE(sequences.may_assign());

  sequences.acknowledged(1);

  EXPECT_TRUE(sequences.may_assign());
}

TEST(PartitionSequences, TheOldestUnsettledBatchStaysAmongThoseThatABrokerRemembers) {
  PartitionSequences sequences = introduced();
  for (std::uint64_t batch = 1; batch <= 5; ++batch) sequences.assign(batch, 1);

  for (std::uint64_t batch = 2; batch <= 5; ++batch) sequences.acknowledged(batch);

  EXPECT_FALSE(sequences.may_assign()) << "after a sixth, the broker would not know batch 1 again";
}

TEST(PartitionSequences, ABrokerThatNeverHeardOfTheProducerGetsOneBatchFirst) {
  PartitionSequences sequences(5);
  sequences.start(first);

  sequences.assign(1, 1);
  EXPECT_FALSE(sequences.may_assign()) << "if batch 1 were refused, the broker would take batch 2 for the first";

  sequences.acknowledged(1);
  EXPECT_TRUE(sequences.may_assign());
}

TEST(PartitionSequences, OnlyTheOldestIsSentAgain) {
  PartitionSequences sequences = introduced();
  sequences.assign(1, 1);
  sequences.assign(2, 1);
  EXPECT_TRUE(sequences.is_oldest(1));
  EXPECT_FALSE(sequences.is_oldest(2));

  sequences.acknowledged(1);

  EXPECT_TRUE(sequences.is_oldest(2));
}

TEST(PartitionSequences, AfterAGapNothingIsNamedUntilAllIsSettledAndANewEpochBegins) {
  PartitionSequences sequences = introduced();
  sequences.assign(1, 1);
  sequences.assign(2, 1);
  sequences.assign(3, 1);

  sequences.left_a_gap(2);
  EXPECT_FALSE(sequences.may_assign());
  EXPECT_FALSE(sequences.wants_identity()) << "batches 1 and 3 still bear the old epoch";
  sequences.acknowledged(1);
  EXPECT_FALSE(sequences.wants_identity());
  sequences.left_a_gap(3);
  ASSERT_TRUE(sequences.wants_identity());
  sequences.start(second);

  EXPECT_TRUE(sequences.may_assign());
  EXPECT_EQ(sequences.assign(3, 1), (BatchIdentity{second, Sequence{0}}));
}

}  // namespace
}  // namespace acklab::producer

#include "storage/producer_states.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "protocol/mutant.h"

namespace acklab::storage {
namespace {

using protocol::BatchHeader;
using protocol::ErrorCode;
using protocol::Offset;
using protocol::ProducerEpoch;
using protocol::ProducerId;
using protocol::Result;
using protocol::Sequence;

constexpr std::int32_t largest_sequence = std::numeric_limits<std::int32_t>::max();

BatchHeader batch(std::int16_t epoch, std::int32_t base_sequence, std::int32_t records) {
  BatchHeader header;
  header.producer_id = ProducerId{7};
  header.producer_epoch = ProducerEpoch{epoch};
  header.base_sequence = Sequence{base_sequence};
  header.last_offset_delta = records - 1;
  header.records_count = records;
  return header;
}

BatchHeader at(std::int64_t offset, BatchHeader header) {
  header.base_offset = Offset{offset};
  header.max_timestamp = 1000 + offset;
  return header;
}

// "append", "duplicate of OFFSET" or the error.
std::string verdict(const ProducerStates& states, const BatchHeader& header) {
  const Result<ProducerStates::Check> check = states.check(header);
  if (!check) return std::string(protocol::name(check.error()));
  if (check->verdict == ProducerStates::Verdict::append) return "append";
  return "duplicate of " + std::to_string(check->first_offset.value);
}

// Six batches of two records in epoch 3: sequences 0 to 11 at offsets 100 to 111. The first is out of the window.
ProducerStates after_six_batches() {
  ProducerStates states;
  for (std::int32_t i = 0; i < 6; ++i) states.update(at(100 + 2 * i, batch(3, 2 * i, 2)));
  return states;
}

TEST(ProducerStates, EachBatchIsJudgedByTheLastFive) {
  const ProducerStates states = after_six_batches();
  const struct {
    const char* why;
    BatchHeader batch;
    const char* verdict;
  } cases[] = {
      {"the next", batch(3, 12, 2), "append"},
      {"a retry of the last", batch(3, 10, 2), "duplicate of 110"},
      {"a retry of the oldest that is remembered", batch(3, 2, 2), "duplicate of 102"},
      {"a retry of one that is forgotten is never appended silently", batch(3, 0, 2), "OUT_OF_ORDER_SEQUENCE_NUMBER"},
      {"half of a batch is no retry", batch(3, 10, 1), "OUT_OF_ORDER_SEQUENCE_NUMBER"},
      {"the other half neither", batch(3, 11, 1), "OUT_OF_ORDER_SEQUENCE_NUMBER"},
      {"two batches in one neither", batch(3, 8, 4), "OUT_OF_ORDER_SEQUENCE_NUMBER"},
      {"a longer one neither", batch(3, 10, 3), "OUT_OF_ORDER_SEQUENCE_NUMBER"},
      {"a gap", batch(3, 13, 2), "OUT_OF_ORDER_SEQUENCE_NUMBER"},
      {"a fenced epoch", batch(2, 12, 2), "INVALID_PRODUCER_EPOCH"},
      {"a fenced epoch, sequences as of a retry", batch(2, 10, 2), "INVALID_PRODUCER_EPOCH"},
      {"a new epoch starts at zero", batch(4, 0, 2), "append"},
      {"a new epoch that does not", batch(4, 12, 2), "OUT_OF_ORDER_SEQUENCE_NUMBER"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(verdict(states, c.batch), c.verdict) << c.why;
  }
}

TEST(ProducerStates, ADuplicateIsAnsweredWithTheFirstCopysOffsetAndTimestamp) {
  const ProducerStates states = after_six_batches();

  const Result<ProducerStates::Check> check = states.check(batch(3, 6, 2));

  ASSERT_TRUE(check.has_value());
  EXPECT_EQ(check->verdict, ProducerStates::Verdict::duplicate);
  EXPECT_EQ(check->first_offset, Offset{106});
  EXPECT_EQ(check->timestamp, 1106);
}

TEST(ProducerStates, AProducerWithoutStateMayStartAnywhere) {
  const ProducerStates states = after_six_batches();
  BatchHeader stranger = batch(0, 12345, 1);
  stranger.producer_id = ProducerId{8};

  EXPECT_EQ(verdict(states, stranger), "append");
}

TEST(ProducerStates, ABatchWithoutProducerIsNeitherJudgedNorRemembered) {
  ProducerStates states;
  BatchHeader plain = batch(-1, -1, 3);
  plain.producer_id = ProducerId{};

  states.update(plain);

  EXPECT_TRUE(states.producers().empty());
  EXPECT_EQ(verdict(states, plain), "append");
}

TEST(ProducerStates, SequencesWrapFromTheLargestToZero) {
  ProducerStates states;
  states.update(at(50, batch(0, largest_sequence - 1, 2)));

  EXPECT_EQ(verdict(states, batch(0, 0, 3)), "append");
  EXPECT_EQ(verdict(states, batch(0, 1, 3)), "OUT_OF_ORDER_SEQUENCE_NUMBER");

  states.update(at(52, batch(0, 0, 3)));
  EXPECT_EQ(verdict(states, batch(0, 3, 1)), "append");
  EXPECT_EQ(verdict(states, batch(0, largest_sequence - 1, 2)), "duplicate of 50");
}

TEST(ProducerStates, ABatchMayWrapInItsMiddle) {
  ProducerStates states;
  states.update(at(50, batch(0, largest_sequence, 3)));  // sequences 2^31-1, 0, 1

  EXPECT_EQ(verdict(states, batch(0, 2, 1)), "append");
  EXPECT_EQ(verdict(states, batch(0, largest_sequence, 3)), "duplicate of 50");
}

TEST(ProducerStates, ANewEpochForgetsTheBatchesOfTheOldOne) {
  ProducerStates states = after_six_batches();

  states.update(at(112, batch(4, 0, 2)));

  EXPECT_EQ(states.producers().at(7).batches.size(), 1U);
  EXPECT_EQ(verdict(states, batch(3, 10, 2)), "INVALID_PRODUCER_EPOCH");
  EXPECT_EQ(verdict(states, batch(4, 0, 2)), "duplicate of 112");
  EXPECT_EQ(verdict(states, batch(4, 2, 2)), "append");
}

TEST(ProducerStates, AMarkerRaisesTheEpochAndHasNoSequence) {
  ProducerStates states = after_six_batches();
  BatchHeader marker = at(112, batch(4, -1, 1));
  marker.attributes = 0x30;

  states.update(marker);

  EXPECT_TRUE(states.producers().at(7).batches.empty());
  EXPECT_EQ(verdict(states, batch(3, 12, 2)), "INVALID_PRODUCER_EPOCH");
  EXPECT_EQ(verdict(states, batch(4, 0, 1)), "append");
  EXPECT_EQ(verdict(states, batch(4, 1, 1)), "OUT_OF_ORDER_SEQUENCE_NUMBER");
}

TEST(ProducerStates, AReplicaTakesWhatItsLeaderHas) {
  ProducerStates states;
  states.update(at(0, batch(0, 0, 1)));

  states.update(at(1, batch(0, 9, 1)));  // the leader had forgotten the producer in between

  EXPECT_EQ(verdict(states, batch(0, 10, 1)), "append");
}

TEST(ProducerStates, BeforeKip360AStrangerHadToStartAtZero) {
  const ProducerStates states;
  constexpr auto rule = ProducerStates::Strangers::start_at_zero;

  EXPECT_TRUE(states.check(batch(0, 0, 1), rule).has_value());
  EXPECT_EQ(states.check(batch(0, 5, 1), rule).error(), ErrorCode::unknown_producer_id);
}

TEST(ProducerStates, AProducerThatWasSilentForLongIsForgottenAndItsRetryIsNews) {
  ProducerStates states = after_six_batches();  // the newest is of time 1110

  states.forget_before(1110);
  EXPECT_EQ(verdict(states, batch(3, 10, 2)), "duplicate of 110");
  states.forget_before(1111);
  EXPECT_EQ(verdict(states, batch(3, 10, 2)), "append");
}

#ifdef ACKLAB_MUTANTS
TEST(ProducerStates, ThePlantedBugTakesARetryForNew) {
  const ProducerStates states = after_six_batches();

  ASSERT_TRUE(protocol::activate("skip-sequence-check"));
  EXPECT_EQ(verdict(states, batch(3, 10, 2)), "append");
  EXPECT_EQ(verdict(states, batch(3, 13, 2)), "append");

  ASSERT_TRUE(protocol::activate("none"));
  EXPECT_EQ(verdict(states, batch(3, 10, 2)), "duplicate of 110");
}
#endif

}  // namespace
}  // namespace acklab::storage

#include "producer/retry.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <vector>

namespace acklab::producer {
namespace {

using namespace std::chrono_literals;
using protocol::Acks;
using protocol::ChannelFault;
using protocol::ErrorCode;

constexpr Acks all_acks[] = {Acks::none, Acks::leader, Acks::all};
constexpr ChannelFault all_faults[] = {ChannelFault::refused,     ChannelFault::disconnected, ChannelFault::timed_out,
                                       ChannelFault::not_written, ChannelFault::malformed,    ChannelFault::unsupported};
constexpr int last_code = 133;

// The two lists of the protocol's error reference, by number.
const std::set<int> definite_always = {2,  10, 17, 18, 19, 21, 22, 29, 31, 32, 35, 37,  42, 43,
                                       45, 47, 48, 49, 53, 54, 58, 59, 76, 87, 90, 100, 120};
const std::set<int> definite_with_acks_1 = {3, 5, 6};
const std::set<int> appended = {0, 46};

TEST(Proof, EachCodeProvesWhatItIsKnownToProve) {
  for (const Acks acks : {Acks::leader, Acks::all}) {
    for (int code = -1; code <= last_code; ++code) {
      const Proof proof = proof_of(Answer::of(ErrorCode(code)), acks);

      const bool definite = definite_always.contains(code) || (acks == Acks::leader && definite_with_acks_1.contains(code));
      const Proof expected = appended.contains(code) ? Proof::appended : definite ? Proof::not_appended : Proof::none;
      EXPECT_EQ(proof, expected) << "code " << code << " acks " << int(acks);
    }
  }
}

TEST(Proof, WithoutAcksNoAnswerProvesAnything) {
  for (int code = -1; code <= last_code; ++code)
    EXPECT_EQ(proof_of(Answer::of(ErrorCode(code)), Acks::none), Proof::none) << code;
}

TEST(Proof, OnlyWhatNeverReachedTheWireIsDefiniteAmongTheFaults) {
  const std::set<ChannelFault> never_written = {ChannelFault::refused, ChannelFault::not_written, ChannelFault::unsupported};
  for (const Acks acks : all_acks) {
    for (const ChannelFault fault : all_faults) {
      const Proof expected = never_written.contains(fault) ? Proof::not_appended : Proof::none;
      EXPECT_EQ(proof_of(Answer::of(fault), acks), expected) << int(fault);
    }
  }
}

// All answers there are, as the first attempt and as the second.
std::vector<Answer> all_answers() {
  std::vector<Answer> answers;
  for (int code = -1; code <= last_code; ++code) answers.push_back(Answer::of(ErrorCode(code)));
  for (const ChannelFault fault : all_faults) answers.push_back(Answer::of(fault));
  return answers;
}

TEST(NextStep, AnIndefiniteAttemptIsNeverReportedFailed) {
  for (const Acks acks : all_acks) {
    for (const bool idempotent : {false, true}) {
      if (idempotent && acks != Acks::all) continue;  // no such producer
      for (const Answer& first : all_answers()) {
        for (const Answer& second : all_answers()) {
          ProducerConfig config;
          config.acks = acks;
          config.retries = 1;
          bool indefinite = false;
          std::optional<Outcome::Kind> kind;
          int retries = 0;
          for (const Answer& answer : {first, second}) {
            const Proof proof = proof_of(answer, acks);
            const Step step = next_step(answer, {.retries = retries, .indefinite = indefinite, .idempotent = idempotent}, config);
            if (step == Step::rename) {
              EXPECT_FALSE(indefinite || proof != Proof::not_appended) << "renamed a batch that may be in the log";
            }
            indefinite = indefinite || proof == Proof::none;
            if (step == Step::complete) kind = Outcome::Kind::acked;
            if (step == Step::give_up) kind = ending(indefinite, config);
            if (step == Step::fatal) kind = ending(indefinite, config);
            if (kind) break;
            ++retries;
          }
          ASSERT_TRUE(kind) << "retries=1 allows two attempts";
          EXPECT_FALSE(kind == Outcome::Kind::failed && indefinite);
          EXPECT_FALSE(kind == Outcome::Kind::unknown && !indefinite);
        }
      }
    }
  }
}

TEST(NextStep, DecidesLikeKafkasSender) {
  const ProducerConfig config;
  const Situation plain;
  const Situation first_in_flight{.idempotent = true, .oldest = true};
  const Situation later_in_flight{.idempotent = true, .oldest = false};
  const Situation perhaps_appended{.indefinite = true, .idempotent = true, .oldest = true};
  struct Case {
    Answer answer;
    Situation situation;
    Step step;
  };
  const std::vector<Case> cases = {
      {Answer::of(ErrorCode::none), plain, Step::complete},
      {Answer::of(ErrorCode::duplicate_sequence_number), first_in_flight, Step::complete},
      {Answer::of(ErrorCode::not_leader_or_follower), plain, Step::retry},
      {Answer::of(ErrorCode::not_enough_replicas), plain, Step::retry},
      {Answer::of(ErrorCode::not_enough_replicas_after_append), plain, Step::retry},
      {Answer::of(ErrorCode::request_timed_out), plain, Step::retry},
      {Answer::of(ErrorCode::corrupt_message), plain, Step::retry},
      {Answer::of(ErrorCode::kafka_storage_error), plain, Step::retry},
      {Answer::of(ErrorCode::unknown_server_error), plain, Step::give_up},
      {Answer::of(ErrorCode::message_too_large), plain, Step::give_up},
      {Answer::of(ErrorCode::invalid_record), first_in_flight, Step::give_up},
      {Answer::of(ErrorCode::out_of_order_sequence_number), plain, Step::give_up},
      {Answer::of(ErrorCode::out_of_order_sequence_number), later_in_flight, Step::retry},
      {Answer::of(ErrorCode::out_of_order_sequence_number), first_in_flight, Step::rename},
      {Answer::of(ErrorCode::out_of_order_sequence_number), perhaps_appended, Step::give_up},
      {Answer::of(ErrorCode::invalid_producer_epoch), plain, Step::give_up},
      {Answer::of(ErrorCode::invalid_producer_epoch), first_in_flight, Step::rename},
      {Answer::of(ErrorCode::invalid_producer_epoch), perhaps_appended, Step::give_up},
      {Answer::of(ErrorCode::unknown_producer_id), first_in_flight, Step::rename},
      {Answer::of(ErrorCode::unknown_producer_id), perhaps_appended, Step::give_up},
      {Answer::of(ChannelFault::disconnected), plain, Step::retry},
      {Answer::of(ChannelFault::timed_out), plain, Step::retry},
      {Answer::of(ChannelFault::not_written), plain, Step::retry},
      {Answer::of(ChannelFault::malformed), plain, Step::retry},
      {Answer::of(ChannelFault::unsupported), plain, Step::fatal},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(next_step(c.answer, c.situation, config), c.step)
        << name(c.answer.code) << " idempotent " << c.situation.idempotent << " oldest " << c.situation.oldest;
  }
}

TEST(NextStep, NothingIsRetriedWithoutRetriesOrTime) {
  ProducerConfig config;
  config.retries = 3;

  EXPECT_EQ(next_step(Answer::of(ErrorCode::not_enough_replicas), {.retries = 2}, config), Step::retry);
  EXPECT_EQ(next_step(Answer::of(ErrorCode::not_enough_replicas), {.retries = 3}, config), Step::give_up);
  EXPECT_EQ(next_step(Answer::of(ErrorCode::not_enough_replicas), {.expired = true}, config), Step::give_up);
  EXPECT_EQ(next_step(Answer::of(ErrorCode::none), {.retries = 3, .expired = true}, config), Step::complete);
}

TEST(NextStep, StaleCodesAndBrokenConnectionsAskForMetadata) {
  EXPECT_TRUE(asks_for_metadata(Answer::of(ErrorCode::not_leader_or_follower)));
  EXPECT_TRUE(asks_for_metadata(Answer::of(ErrorCode::unknown_topic_or_partition)));
  EXPECT_TRUE(asks_for_metadata(Answer::of(ChannelFault::disconnected)));
  EXPECT_TRUE(asks_for_metadata(Answer::of(ChannelFault::timed_out)));
  EXPECT_FALSE(asks_for_metadata(Answer::of(ErrorCode::not_enough_replicas)));
  EXPECT_FALSE(asks_for_metadata(Answer::of(ErrorCode::none)));
}

TEST(BackOff, DoublesUpToTheLongestGiveOrTakeAFifth) {
  protocol::Random random(1);
  const Duration expected[] = {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms};
  for (int n = 1; n <= 6; ++n) {
    Duration shortest = 1h;
    Duration longest = 0ms;
    for (int draw = 0; draw < 1000; ++draw) {
      const Duration wait = back_off(n, 100ms, 1s, random);
      shortest = std::min(shortest, wait);
      longest = std::max(longest, wait);
    }
    EXPECT_GE(shortest, expected[n - 1] * 8 / 10);
    EXPECT_LE(shortest, expected[n - 1] * 82 / 100);
    EXPECT_LE(longest, expected[n - 1] * 12 / 10);
    EXPECT_GE(longest, expected[n - 1] * 118 / 100);
  }
}

TEST(BackOff, ExtremeSettingsNeitherOverflowNorHang) {
  protocol::Random random(1);

  EXPECT_EQ(back_off(2147483647, 0ms, 1s, random), 0ms);
  EXPECT_GT(back_off(2147483647, 1ms, 24h * 36500, random), 0ms);
  EXPECT_LE(back_off(1, 5s, 1s, random), 1200ms);
}

}  // namespace
}  // namespace acklab::producer

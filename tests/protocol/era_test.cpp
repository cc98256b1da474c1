#include "protocol/era.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace acklab::protocol {
namespace {

TEST(Era, TheNewestIsTheDefaultAndHasAllRules) {
  EXPECT_EQ(newest_era().from, "4.1");

  EXPECT_TRUE(newest_era().strict_min_isr);
  EXPECT_TRUE(newest_era().isr_join_at_epoch_start);
  EXPECT_FALSE(newest_era().unclean_election_by_default);
  EXPECT_TRUE(newest_era().acks_all_by_default);
  EXPECT_TRUE(newest_era().idempotence_by_default);
  EXPECT_EQ(newest_era().linger_ms, 5);
}

TEST(Era, AnyVersionMapsToTheEraInForceThen) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"0.10", "0.10"}, {"0.10.2.1", "0.10"}, {"0.11", "0.11"},   {"0.11.0.3", "0.11"}, {"1.0", "1.0"},     {"1.1.1", "1.0"},
      {"2.0.1", "2.0"}, {"2.1", "2.1"},       {"2.3", "2.1"},     {"2.4.1", "2.4"},     {"2.5.1", "2.5"},   {"2.6", "2.5"},
      {"2.8", "2.7"},   {"3.0.0", "3.0"},     {"3.0.2", "3.0.1"}, {"3.1.0", "3.1"},     {"3.2.0", "3.1.1"}, {"3.5.1", "3.5"},
      {"3.9", "3.7"},   {"4.0", "4.0"},       {"4.1", "4.1"},     {"4.3.2", "4.1"},
  };
  for (const auto& [version, from] : cases) {
    const auto era = era_of(version);
    ASSERT_TRUE(era.has_value()) << version << ": " << era.error();
    EXPECT_EQ(era->from, from) << version;
  }
}

TEST(Era, EachRuleBeginsInItsVersion) {
  EXPECT_TRUE(era_of("0.10.2")->unclean_election_by_default);
  EXPECT_FALSE(era_of("0.11")->unclean_election_by_default);
  EXPECT_FALSE(era_of("2.0")->isr_join_at_epoch_start);
  EXPECT_TRUE(era_of("2.1")->isr_join_at_epoch_start);
  EXPECT_FALSE(era_of("2.8")->acks_all_by_default);
  EXPECT_TRUE(era_of("3.0")->acks_all_by_default);
  EXPECT_FALSE(era_of("3.6")->strict_min_isr);
  EXPECT_TRUE(era_of("3.7")->strict_min_isr);
  EXPECT_FALSE(era_of("2.4")->unknown_producer_may_start_anywhere);
  EXPECT_TRUE(era_of("2.5")->unknown_producer_may_start_anywhere);
  EXPECT_EQ(era_of("0.11")->idempotent_in_flight, 1);
  EXPECT_EQ(era_of("1.0")->idempotent_in_flight, 5);
  EXPECT_FALSE(era_of("2.4")->bumps_epoch);
  EXPECT_TRUE(era_of("2.5")->bumps_epoch);
  EXPECT_TRUE(era_of("2.6")->old_epoch_is_fatal);
  EXPECT_FALSE(era_of("2.7")->old_epoch_is_fatal);
  EXPECT_EQ(era_of("3.9")->linger_ms, 0);
  EXPECT_EQ(era_of("4.0")->linger_ms, 5);
}

TEST(Era, IdempotenceWasLeftOffByMistakeInTwoReleases) {
  EXPECT_FALSE(era_of("3.0.0")->idempotence_by_default);
  EXPECT_TRUE(era_of("3.0.1")->idempotence_by_default);
  EXPECT_FALSE(era_of("3.1.0")->idempotence_by_default);
  EXPECT_TRUE(era_of("3.2.0")->idempotence_by_default);
}

TEST(Era, BatchesInDoubtWereRenumberedFromTheFirstBumpOn) {
  EXPECT_FALSE(era_of("2.4")->renumbers_batches_in_doubt);
  EXPECT_TRUE(era_of("2.5")->renumbers_batches_in_doubt);
  EXPECT_TRUE(era_of("3.9")->renumbers_batches_in_doubt);
  EXPECT_FALSE(newest_era().renumbers_batches_in_doubt);
}

TEST(Era, ErasAreListedOldestFirst) {
  ASSERT_FALSE(eras().empty());
  EXPECT_EQ(eras().front().from, "0.10");
  EXPECT_EQ(eras().back().from, newest_era().from);
  for (const Era& era : eras()) EXPECT_EQ(era_of(era.from)->from, era.from);
}

TEST(Era, WhatKafkaNeverReleasedIsRefusedWithWhatIsAccepted) {
  for (const std::string_view version : {"", "4", "0.9", "0.8.2", "0.12", "1.2", "2.9", "3.10", "5.0", "3.x", "3.", ".3", "-1.0",
                                         "3.9 ", "v3.9", "0.10.2.1.1", "3.0.0.1", "99999999999.1"}) {
    const auto era = era_of(version);
    ASSERT_FALSE(era.has_value()) << version;
    EXPECT_THAT(era.error(), testing::HasSubstr("accepted is any from 0.10 on")) << version;
    EXPECT_THAT(era.error(), testing::Not(testing::HasSubstr("\n"))) << version;
  }
}

}  // namespace
}  // namespace acklab::protocol

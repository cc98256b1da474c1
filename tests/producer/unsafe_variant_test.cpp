#include "producer/unsafe_variant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "producer/config.h"

namespace acklab::producer {
namespace {

TEST(UnsafeVariant, IsChosenByItsNameAndNoOther) {
  for (const std::string_view word : unsafe_variant_names()) {
    const auto config = ProducerConfig::from({{"acklab.unsafe.variant", std::string(word)}});
    ASSERT_TRUE(config.has_value()) << config.error();
    EXPECT_EQ(name(config->unsafe_variant), word);
  }
  EXPECT_EQ(ProducerConfig::from({})->unsafe_variant, UnsafeVariant::none);
  EXPECT_THAT(ProducerConfig::from({{"acklab.unsafe.variant", "renumber"}}).error(), testing::HasSubstr("renumber-on-retry"));
}

TEST(UnsafeVariant, OnlyOneOfThemMayHaveMoreThanFiveInFlight) {
  const Settings ten = {{"enable.idempotence", "true"}, {"max.in.flight.requests.per.connection", "10"}};
  Settings believing = ten;
  believing["acklab.unsafe.variant"] = "more-than-5-in-flight";

  EXPECT_FALSE(ProducerConfig::from(ten).has_value());
  EXPECT_TRUE(ProducerConfig::from(believing)->enable_idempotence);
}

TEST(Idempotence, BeforeKafka1OneRequestWasInFlight) {
  const protocol::Era old = *protocol::era_of("0.11");

  EXPECT_EQ(ProducerConfig::from({{"enable.idempotence", "true"}}, old)->max_in_flight, 1);
  EXPECT_FALSE(
      ProducerConfig::from({{"enable.idempotence", "true"}, {"max.in.flight.requests.per.connection", "5"}}, old).has_value());
  EXPECT_EQ(ProducerConfig::from({}, old)->max_in_flight, 5) << "without idempotence nothing gives way";
}

}  // namespace
}  // namespace acklab::producer

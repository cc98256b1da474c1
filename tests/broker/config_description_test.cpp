#include "broker/config_description.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace acklab::broker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

DescribedKey find(const std::vector<DescribedKey>& keys, std::string_view name) {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const DescribedKey& key) { return key.name == name; });
  if (found == keys.end()) {
    ADD_FAILURE() << "no " << name;
    return {};
  }
  return *found;
}

// "name=value from source", as many as there are.
std::vector<std::string> synonyms(const DescribedKey& key) {
  std::vector<std::string> lines;
  for (const SourcedValue& value : key.synonyms) {
    lines.push_back(value.name + "=" + value.value + " from " + std::to_string(static_cast<int>(value.source)));
  }
  return lines;
}

class ConfigDescription : public testing::Test {
 protected:
  ConfigDescription() {
    EXPECT_TRUE(at_start.set("log.retention.hours", "2").has_value());
    EXPECT_TRUE(at_start.set("message.max.bytes", "100").has_value());
  }

  BrokerConfig built_in, at_start;
  Settings own, all;
  BrokerLayers layers{own, all, at_start, built_in};
};

TEST_F(ConfigDescription, TheNearestSettingOfATopicIsInForceAndTheOthersStandBehindIt) {
  own = {{"message.max.bytes", "300"}};
  all = {{"message.max.bytes", "200"}, {"log.retention.ms", "7"}};

  const auto keys = describe_topic({{"max.message.bytes", "400"}}, layers);

  EXPECT_EQ(keys.size(), topic_keys().size());
  const DescribedKey size = find(keys, "max.message.bytes");
  EXPECT_EQ(size.value, "400");
  EXPECT_EQ(size.source(), ConfigSource::topic);
  EXPECT_FALSE(size.read_only);
  EXPECT_THAT(synonyms(size),
              ElementsAre("max.message.bytes=400 from 1", "message.max.bytes=300 from 2", "message.max.bytes=200 from 3",
                          "message.max.bytes=100 from 4", "message.max.bytes=1048588 from 5"));
  EXPECT_THAT(synonyms(find(keys, "retention.ms")),
              ElementsAre("log.retention.ms=7 from 3", "log.retention.hours=2 from 4", "log.retention.hours=168 from 5"));
  EXPECT_EQ(find(keys, "retention.ms").value, "7");
}

TEST_F(ConfigDescription, WithoutASettingOfItsOwnATopicHasTheBrokers) {
  const auto keys = describe_topic({}, layers);

  EXPECT_EQ(find(keys, "retention.ms").value, "7200000");
  EXPECT_EQ(find(keys, "retention.ms").source(), ConfigSource::at_start);
  EXPECT_EQ(find(keys, "segment.ms").value, "604800000");
  EXPECT_THAT(synonyms(find(keys, "segment.ms")), ElementsAre("log.roll.hours=168 from 5"));
}

TEST_F(ConfigDescription, ABrokersNamesForOneThingEachHaveTheirOwnValue) {
  const auto keys = describe_broker(layers);

  EXPECT_EQ(find(keys, "log.retention.hours").value, "2");
  EXPECT_EQ(find(keys, "log.retention.hours").source(), ConfigSource::at_start);
  EXPECT_TRUE(find(keys, "log.retention.hours").read_only);
  EXPECT_EQ(find(keys, "log.retention.ms").value, std::nullopt);
  EXPECT_FALSE(find(keys, "log.retention.ms").read_only);
  EXPECT_EQ(find(keys, "log.roll.hours").value, "168");
  EXPECT_EQ(find(keys, "num.partitions").value, "1");
  EXPECT_TRUE(find(keys, "num.partitions").read_only);
  EXPECT_FALSE(find(keys, "producer.id.expiration.ms").read_only);
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return a.name < b.name; }));
}

TEST_F(ConfigDescription, OfAllBrokersThereIsOnlyWhatTheyWereGiven) {
  EXPECT_THAT(describe_all_brokers(layers), IsEmpty());
  all = {{"log.retention.ms", "7"}};
  own = {{"log.retention.ms", "8"}};

  const auto keys = describe_all_brokers(layers);

  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0].value, "7");
  EXPECT_THAT(synonyms(keys[0]), ElementsAre("log.retention.ms=7 from 3"));
}

}  // namespace
}  // namespace acklab::broker

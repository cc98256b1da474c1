// What clients from before Kafka 0.11 send and read: message sets of magic 0 and 1.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/records/message_set.h"
#include "tests/broker/requests_fixture.h"
#include "tests/protocol/message_sets.h"

namespace acklab::broker {
namespace {

using namespace std::string_view_literals;
using protocol::Acks;
using protocol::Codec;
using protocol::ErrorCode;
using protocol::message_set;
using protocol::NewMessage;
using protocol::ProduceResponse;
using protocol::Slice;
using protocol::wrapped_set;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int16_t old_versions[] = {0, 1, 2};

Slice set_of(std::int8_t magic, const std::vector<std::string>& values, Codec codec = Codec::none) {
  std::vector<NewMessage> messages;
  for (const std::string& value : values) {
    const auto offset = static_cast<std::int64_t>(messages.size());
    messages.push_back({.offset = {offset}, .magic = magic, .timestamp = magic > 0 ? 1000 : -1, .key = {}, .value = value});
  }
  return codec == Codec::none ? message_set(messages) : wrapped_set(codec, magic, messages.back().offset, messages);
}

class OldClients : public Requests {
 protected:
  ProduceResponse::Partition produce(std::int16_t version, const Slice& set, Acks acks = Acks::all) {
    const auto answer = cluster.ask<ProduceResponse>({0}, produce_request(orders, set, acks), version);
    EXPECT_TRUE(answer.has_value());
    return answer ? answer->topics.at(0).partitions.at(0) : ProduceResponse::Partition{};
  }
};

TEST_F(OldClients, ProduceMessageSetsInEveryCodec) {
  std::int64_t expected = 0;
  for (const std::int16_t version : old_versions) {
    for (const Codec codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4}) {
      const auto answer = produce(version, set_of(version < 2 ? 0 : 1, {"a", "b"}, codec));

      EXPECT_EQ(answer.error_code, ErrorCode::none);
      EXPECT_EQ(answer.base_offset, expected);
      EXPECT_EQ(answer.log_append_time_ms, -1);
      expected += 2;
    }
  }
  EXPECT_EQ(cluster.read(orders).size(), static_cast<std::size_t>(expected));
}

TEST_F(OldClients, AreToldTheTimeOfAppendSinceVersion2) {
  cluster.create_topic("stamped", 1, 1, {{"message.timestamp.type", "LogAppendTime"}});
  const protocol::TopicPartition stamped{"stamped", 0};
  for (const auto& [version, magic] : {std::pair<std::int16_t, std::int8_t>{1, 0}, {2, 1}}) {
    const auto answer = cluster.ask<ProduceResponse>({0}, produce_request(stamped, set_of(magic, {"a"}), Acks::all), version);

    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->topics[0].partitions[0].error_code, ErrorCode::none);
    EXPECT_EQ(answer->topics[0].partitions[0].log_append_time_ms > 0, version >= 2);
  }
}

TEST_F(OldClients, HearOfDamageAndNothingIsAppended) {
  std::string damaged(set_of(1, {"value"}).text());
  damaged.back() = 'X';

  EXPECT_EQ(produce(2, Slice::copy_of(damaged)).error_code, ErrorCode::corrupt_message);
  EXPECT_EQ(produce(2, Slice{}).error_code, ErrorCode::invalid_record);
  EXPECT_THAT(cluster.read(orders), IsEmpty());
}

TEST_F(OldClients, WithoutAcksHearNothingAndLoseTheirConnectionOverDamage) {
  Wire& connection = wire();
  cluster.send_request(connection, produce_request(orders, set_of(0, {"a"}), Acks::none), 0);
  cluster.run_for(1s);
  EXPECT_EQ(connection.bytes, 0U);
  EXPECT_FALSE(connection.closed);
  EXPECT_THAT(cluster.read(orders), ElementsAre("a"));

  std::string damaged(set_of(0, {"value"}).text());
  damaged.back() = 'X';
  cluster.send_request(connection, produce_request(orders, Slice::copy_of(damaged), Acks::none), 0);
  EXPECT_TRUE(cluster.closes(connection));
  EXPECT_EQ(connection.bytes, 0U);
}

// A producer of today counts its own batches, whoever else writes between them.
TEST_F(OldClients, DoNotDisturbIdempotentProducers) {
  const auto numbered = [](std::string_view value, std::int32_t sequence) {
    protocol::BatchBuilder builder(Codec::none);
    builder.append({.timestamp = 1, .key = {}, .value = value, .headers = {}});
    return builder.seal({7}, {0}, {sequence});
  };
  cluster.produce(orders, numbered("first", 0), Acks::all);
  EXPECT_EQ(produce(0, set_of(0, {"old", "older"}, Codec::gzip)).base_offset, 1);

  EXPECT_EQ(cluster.produce(orders, numbered("first", 0), Acks::all).base_offset, 0);
  EXPECT_EQ(cluster.produce(orders, numbered("second", 1), Acks::all).base_offset, 3);
  EXPECT_THAT(cluster.read(orders), ElementsAre("first", "old", "older", "second"));
}

TEST_F(OldClients, TheJournalCountsTheirRecords) {
  produce(1, set_of(0, {"a", "b", "c"}, Codec::snappy));

  const auto answered = cluster.seen(protocol::Event::answered);
  ASSERT_EQ(answered.size(), 1U);
  EXPECT_EQ(answered[0].count, 3);
}

}  // namespace
}  // namespace acklab::broker

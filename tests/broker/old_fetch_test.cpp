// What clients from before Kafka 0.11 are given to read: the log as message sets (Fetch 0 to 3), and where its segments begin
// (ListOffsets 0).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/records/message_set.h"
#include "tests/broker/requests_fixture.h"
#include "tests/protocol/message_sets.h"

namespace acklab::broker {
namespace {

using protocol::Acks;
using protocol::Codec;
using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::ReadMessage;
using protocol::Slice;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int16_t old_versions[] = {0, 1, 2, 3};
constexpr std::size_t large = 1000;

Slice batch_in(Codec codec, const std::vector<std::string>& values) {
  protocol::BatchBuilder builder(codec);
  const protocol::NewRecord::Header lost{.key = "h", .value = "v"};  // messages have none
  for (const std::string& value : values) {
    builder.append({.timestamp = 1000, .key = "k", .value = value, .headers = std::span(&lost, std::size_t{1})});
  }
  return builder.seal();
}

FetchRequest two_partitions() {
  FetchRequest request = fetch_request({"two", 0}, 0);
  request.topics[0].partitions.push_back({.partition = 1, .fetch_offset = 0, .partition_max_bytes = 1 << 20});
  return request;
}

class OldFetch : public Requests {
 protected:
  FetchResponse ask(const FetchRequest& request, std::int16_t version) {
    const auto answer = cluster.ask<FetchResponse>({0}, request, version);
    EXPECT_TRUE(answer.has_value());
    return answer.value_or(FetchResponse{});
  }
  FetchResponse::Partition fetch(std::int16_t version, std::int64_t offset = 0, std::int32_t max_bytes = 1 << 20) {
    FetchRequest request = fetch_request(orders, offset);
    request.topics[0].partitions[0].partition_max_bytes = max_bytes;
    return ask(request, version).topics.at(0).partitions.at(0);
  }
  ListOffsetsResponse::Partition list(std::int64_t timestamp, std::int32_t most, const std::string& topic = "orders") {
    ListOffsetsRequest request;
    request.replica_id = -1;
    request.topics.push_back({topic, {{.partition_index = 0, .timestamp = timestamp, .max_num_offsets = most}}});
    const auto answer = cluster.ask<ListOffsetsResponse>({0}, request, 0);
    EXPECT_TRUE(answer.has_value());
    return answer ? answer->topics.at(0).partitions.at(0) : ListOffsetsResponse::Partition{};
  }
};

TEST_F(OldFetch, GivesTheLogAsMessagesOfTheMagicThatTheVersionKnows) {
  for (const Codec codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4}) {
    cluster.produce(orders, batch_in(codec, {"a", "b"}), Acks::all);
  }
  for (const std::int16_t version : old_versions) {
    const std::int8_t magic = version < 2 ? 0 : 1;

    const auto answer = fetch(version);

    EXPECT_EQ(answer.error_code, ErrorCode::none);
    EXPECT_EQ(answer.high_watermark, 8);
    const auto messages = read_messages(answer.records.value());
    ASSERT_THAT(messages, SizeIs(8));
    for (std::size_t i = 0; i < messages.size(); ++i) {
      const auto offset = static_cast<std::int64_t>(i);
      EXPECT_EQ(messages[i], (ReadMessage{{offset}, magic, magic > 0 ? 1000 : -1, "k", i % 2 == 0 ? "a" : "b"}));
    }
  }
}

TEST_F(OldFetch, BeginsWhereItIsAskedToIfNothingIsCompressed) {
  cluster.produce(orders, batch_in(Codec::none, {"a", "b", "c"}), Acks::all);

  const auto messages = read_messages(fetch(2, 1).records.value());

  ASSERT_THAT(messages, SizeIs(2));
  EXPECT_EQ(messages[0].offset, protocol::Offset{1});
}

// A client that gets less than a message asks for more.
TEST_F(OldFetch, CutsAMessageThatIsLargerThanTheLimitBeforeVersion3) {
  cluster.produce(orders, batch_in(Codec::none, {std::string(large, 'x')}), Acks::all);

  for (const std::int16_t version : {old_versions[0], old_versions[1], old_versions[2]}) {
    const auto answer = fetch(version, 0, 100);
    EXPECT_EQ(answer.error_code, ErrorCode::none);
    EXPECT_THAT(answer.records.value(), SizeIs(100));
    EXPECT_THAT(read_messages(*answer.records), IsEmpty());
  }
  EXPECT_THAT(read_messages(fetch(3, 0, 100).records.value()), SizeIs(1));
}

TEST_F(OldFetch, GivesEveryPartitionItsPartBeforeVersion3) {
  cluster.create_topic("two", 2, 1);
  for (const int partition : {0, 1}) {
    cluster.produce({"two", partition}, batch_in(Codec::none, {std::string(large, 'x')}), Acks::all);
  }

  FetchRequest request = two_partitions();
  request.topics[0].partitions[1].partition_max_bytes = 100;

  const FetchResponse answer = ask(request, 2);

  EXPECT_THAT(read_messages(answer.topics.at(0).partitions.at(0).records.value()), SizeIs(1));
  EXPECT_THAT(answer.topics[0].partitions.at(1).records.value(), SizeIs(100));
}

TEST_F(OldFetch, KeepsTheLimitOfTheAnswerThoughMessagesTakeMoreRoomThanRecords) {
  cluster.create_topic("two", 2, 1);
  const std::vector<std::string> many(100, "v");
  for (const int partition : {0, 1}) cluster.produce({"two", partition}, batch_in(Codec::none, many), Acks::all);
  FetchRequest request = two_partitions();
  request.max_bytes = 4000;  // enough for the records of both

  const FetchResponse answer = ask(request, 3);

  const std::size_t first = answer.topics.at(0).partitions.at(0).records.value().size();
  EXPECT_EQ(read_messages(*answer.topics[0].partitions[0].records).size(), many.size());
  EXPECT_EQ(answer.topics[0].partitions.at(1).records.value().size(), first < 4000 ? 4000 - first : 0);
}

TEST_F(OldFetch, CannotGiveWhatOldClientsCannotOpen) {
  cluster.produce(orders, batch_in(Codec::zstd, {"a"}), Acks::all);

  for (const std::int16_t version : old_versions) {
    const auto answer = fetch(version);
    EXPECT_EQ(answer.error_code, ErrorCode::unsupported_compression_type);
    EXPECT_EQ(answer.high_watermark, -1);
    EXPECT_THAT(answer.records.value(), IsEmpty());
  }
}

TEST_F(OldFetch, WaitsForRecordsAsOthersDo) {
  Wire& connection = wire();
  const auto correlation = cluster.send_request(connection, fetch_request(orders, 0, 60000), 0);
  cluster.run_for(std::chrono::seconds(1));
  EXPECT_EQ(connection.bytes, 0U);

  cluster.produce(orders, batch_of({"late"}), Acks::all);

  const auto answer = cluster.answer<FetchResponse>(connection, correlation, 0);
  ASSERT_TRUE(answer.has_value());
  EXPECT_THAT(read_messages(answer->topics.at(0).partitions.at(0).records.value()), SizeIs(1));
}

TEST_F(OldFetch, ListsTheBeginningsOfSegmentsNewestFirst) {
  cluster.create_topic("rolling", 1, 1, {{"segment.bytes", "100"}});
  const protocol::TopicPartition rolling{"rolling", 0};
  for (const char* value : {"a", "b", "c"}) cluster.produce(rolling, batch_of({value}), Acks::all);

  EXPECT_THAT(list(ListOffsetsRequest::latest_timestamp, 10, "rolling").old_style_offsets, ElementsAre(3, 2, 1, 0));
  EXPECT_THAT(list(ListOffsetsRequest::latest_timestamp, 1, "rolling").old_style_offsets, ElementsAre(3));
  EXPECT_THAT(list(ListOffsetsRequest::earliest_timestamp, 10, "rolling").old_style_offsets, ElementsAre(0));
}

TEST_F(OldFetch, ListsOneOffsetOfAnEmptyLog) {
  EXPECT_THAT(list(ListOffsetsRequest::latest_timestamp, 10).old_style_offsets, ElementsAre(0));
  EXPECT_THAT(list(ListOffsetsRequest::earliest_timestamp, 10).old_style_offsets, ElementsAre(0));
}

// Each entry is sixteen bytes; what it asks for is all that there is.
TEST_F(OldFetch, ListsNoMoreForOneRequestThanIsReasonable) {
  constexpr int limit = 100'000;
  ListOffsetsRequest request;
  request.replica_id = -1;
  auto& topic = request.topics.emplace_back();
  topic.name = "orders";
  topic.partitions.resize(limit + 1, {.partition_index = 0, .timestamp = -1, .max_num_offsets = 10});

  const auto answer = cluster.ask<ListOffsetsResponse>({0}, request, 0);

  ASSERT_TRUE(answer.has_value());
  const auto& partitions = answer->topics.at(0).partitions;
  ASSERT_THAT(partitions, SizeIs(limit + 1));
  EXPECT_THAT(partitions[limit - 1].old_style_offsets, ElementsAre(0));
  EXPECT_EQ(partitions[limit].error_code, ErrorCode::invalid_request);
  EXPECT_THAT(partitions[limit].old_style_offsets, IsEmpty());
}

TEST_F(OldFetch, ListsNothingWhereThereIsNothingToBeListed) {
  EXPECT_EQ(list(ListOffsetsRequest::latest_timestamp, 1, "nowhere").error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(list(ListOffsetsRequest::latest_timestamp, -1).error_code, ErrorCode::unknown_server_error);
  EXPECT_THAT(list(ListOffsetsRequest::latest_timestamp, 0).old_style_offsets, IsEmpty());
}

}  // namespace
}  // namespace acklab::broker

// How a broker answers requests one by one: what it appends, reads, finds and knows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/broker/requests_fixture.h"

namespace acklab::broker {
namespace {

using protocol::Acks;
using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using protocol::Slice;
using protocol::TopicPartition;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(Requests, EachPartitionOfAProduceIsJudgedByItself) {
  ProduceRequest request = produce_request(orders, batch_of({"good"}), Acks::all);
  request.topics.push_back({"nowhere", {}, {{0, batch_of({"x"})}}});
  request.topics[0].partitions.push_back({7, batch_of({"x"})});
  request.topics[0].partitions.push_back({-1, batch_of({"x"})});

  const auto answer = cluster.ask<ProduceResponse>({0}, request);

  ASSERT_TRUE(answer.has_value());
  ASSERT_THAT(answer->topics, SizeIs(2));
  ASSERT_THAT(answer->topics[0].partitions, SizeIs(3));
  EXPECT_EQ(answer->topics[0].partitions[0].error_code, ErrorCode::none);
  EXPECT_EQ(answer->topics[0].partitions[1].error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(answer->topics[0].partitions[2].error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(answer->topics[1].partitions[0].error_code, ErrorCode::unknown_topic_or_partition);
}

TEST_F(Requests, OfAPartitionThatIsNamedTwiceTheLastBatchCounts) {
  ProduceRequest request = produce_request(orders, batch_of({"first"}), Acks::all);
  request.topics.push_back({"orders", {}, {{0, batch_of({"last"})}}});

  const auto answer = cluster.ask<ProduceResponse>({0}, request);

  ASSERT_TRUE(answer.has_value());
  ASSERT_THAT(answer->topics, SizeIs(1));
  EXPECT_THAT(answer->topics[0].partitions, SizeIs(1));
  EXPECT_THAT(cluster.read(orders), ElementsAre("last"));
}

TEST_F(Requests, ABatchThatIsNoneIsRefusedWithKafkasCode) {
  const auto flipped = [] {
    const Slice good = batch_of({"value"});
    std::vector<std::byte> bytes(good.view().begin(), good.view().end());
    bytes.back() ^= std::byte{1};
    return Slice::copy_of(bytes);
  };
  const auto transactional = [] {
    const Slice good = batch_of({"value"});
    std::vector<std::byte> bytes(good.view().begin(), good.view().end());
    bytes[22] |= std::byte{0x10};  // the attributes; who breaks this rule is told before any checksum is looked at
    return Slice::copy_of(bytes);
  };

  EXPECT_EQ(cluster.produce(orders, {}, Acks::all).error_code, ErrorCode::invalid_record);
  EXPECT_EQ(cluster.produce(orders, flipped(), Acks::all).error_code, ErrorCode::corrupt_message);
  EXPECT_EQ(cluster.produce(orders, batch_of({std::string(1'100'000, 'x')}), Acks::all).error_code, ErrorCode::message_too_large);
  EXPECT_EQ(cluster.produce(orders, transactional(), Acks::all).error_code, ErrorCode::transactional_id_authorization_failed);
  EXPECT_EQ(cluster.produce(orders, batch_of({"a"}), static_cast<Acks>(2)).error_code, ErrorCode::invalid_required_acks);
  EXPECT_THAT(cluster.read(orders), IsEmpty());
}

TEST_F(Requests, TheTransactionalBatchesOfARequestAreOfOneProducer) {
  const auto transactional = [](std::int64_t producer) {
    const Slice batch = protocol::with_producer(batch_of({"value"}), {producer}, {0}, {0});
    std::vector<std::byte> bytes(batch.view().begin(), batch.view().end());
    bytes[22] |= std::byte{0x10};  // the attributes; who breaks this rule is told before any checksum is looked at
    return Slice::copy_of(bytes);
  };
  cluster.create_topic("payments", 1, 1);
  ProduceRequest request = produce_request(orders, transactional(1), Acks::all);
  request.transactional_id = "transfer";
  request.topics.push_back({"payments", {}, {{0, transactional(2)}}});

  const auto answer = cluster.ask<ProduceResponse>({0}, request);

  ASSERT_TRUE(answer.has_value());
  ASSERT_THAT(answer->topics, SizeIs(2));
  EXPECT_EQ(answer->topics[0].partitions[0].error_code, ErrorCode::invalid_producer_id_mapping);
  EXPECT_EQ(answer->topics[1].partitions[0].error_code, ErrorCode::invalid_producer_id_mapping);
}

TEST_F(Requests, OnlyReadersOfCommittedDataAreToldOfAbortedTransactions) {
  cluster.produce(orders, batch_of({"a"}), Acks::all);
  protocol::FetchRequest request = fetch_request(orders, 0);
  for (const std::int8_t isolation_level : {std::int8_t{0}, std::int8_t{1}}) {
    request.isolation_level = isolation_level;

    const auto answer = cluster.ask<protocol::FetchResponse>({0}, request, 12);

    ASSERT_TRUE(answer.has_value());
    const auto& partition = answer->topics[0].partitions[0];
    EXPECT_EQ(partition.last_stable_offset, 1);
    EXPECT_EQ(partition.aborted_transactions.has_value(), isolation_level == 1);
  }
}

TEST_F(Requests, ARefusalSaysWhy) {
  const auto refused = cluster.produce(orders, batch_of({"a"}).part(0, 40), Acks::all);
  EXPECT_EQ(refused.error_code, ErrorCode::corrupt_message);
  ASSERT_TRUE(refused.error_message.has_value());
  EXPECT_FALSE(refused.error_message->empty());
  EXPECT_THAT(refused.record_errors, IsEmpty());

  const auto good = cluster.produce(orders, batch_of({"a"}), Acks::all);
  EXPECT_EQ(good.log_append_time_ms, -1);
  EXPECT_FALSE(good.error_message.has_value());
}

TEST_F(Requests, InternalTopicsAreNotForClients) {
  cluster.create_topic("__consumer_offsets", 1, 1);
  const TopicPartition offsets{"__consumer_offsets", 0};

  EXPECT_EQ(cluster.produce(offsets, batch_of({"a"}), Acks::all).error_code, ErrorCode::invalid_topic_exception);

  Wire& connection = wire();
  cluster.send(connection, protocol::request_frame(produce_request(offsets, batch_of({"a"}), Acks::all), 9, 1, "__admin_client"));
  EXPECT_EQ(cluster.answer<ProduceResponse>(connection, 1, 9)->topics[0].partitions[0].error_code, ErrorCode::none);
}

// Whoever fails more than one check is told of the first.
TEST_F(Requests, ChecksCountInKafkasOrder) {
  const Slice corrupt = [] {
    const Slice good = batch_of({"value"});
    std::vector<std::byte> bytes(good.view().begin(), good.view().end());
    bytes.back() ^= std::byte{1};
    return Slice::copy_of(bytes);
  }();
  const auto bad_acks = static_cast<Acks>(2);
  cluster.create_topic("__transaction_state", 1, 1);
  cluster.create_topic("tiny", 1, 1, {{"max.message.bytes", "50"}});

  EXPECT_EQ(cluster.produce(orders, {}, bad_acks).error_code, ErrorCode::invalid_record);
  EXPECT_EQ(cluster.produce(orders, corrupt, bad_acks).error_code, ErrorCode::invalid_required_acks);
  EXPECT_EQ(cluster.produce({"__transaction_state", 0}, corrupt, Acks::all).error_code, ErrorCode::invalid_topic_exception);
  EXPECT_EQ(cluster.produce({"tiny", 0}, corrupt, Acks::all).error_code, ErrorCode::message_too_large);
}

TEST_F(Requests, ABatchThatFitsInNoSegmentIsRefused) {
  cluster.create_topic("small", 1, 1, {{"segment.bytes", "500"}});

  EXPECT_EQ(cluster.produce({"small", 0}, batch_of({std::string(600, 'x')}), Acks::all).error_code,
            ErrorCode::record_list_too_large);
  EXPECT_EQ(cluster.produce({"small", 0}, batch_of({std::string(300, 'x')}), Acks::all).error_code, ErrorCode::none);
}

TEST_F(Requests, AFetchWaitsForMinBytesAndNoLongerThanItSaid) {
  Wire& connection = wire();
  const auto begin = cluster.world.now();
  EXPECT_TRUE(cluster.ask<FetchResponse>(connection, fetch_request(orders, 0, 700)).has_value());
  EXPECT_GE(cluster.world.now() - begin, 700ms);

  cluster.send_request(connection, fetch_request(orders, 0, 60000), 12);
  cluster.produce(orders, batch_of({"a"}), Acks::all);
  const auto woken = cluster.answer<FetchResponse>(connection, 2, 12, 1s);
  ASSERT_TRUE(woken.has_value());
  EXPECT_FALSE(woken->topics[0].partitions[0].records->empty());
}

TEST_F(Requests, AFetchOutsideTheLogIsToldWhereTheLogIs) {
  cluster.produce(orders, batch_of({"a", "b"}), Acks::all);

  const auto answer = cluster.ask<FetchResponse>({0}, fetch_request(orders, 3, 60000));

  ASSERT_TRUE(answer.has_value());
  const auto& partition = answer->topics[0].partitions[0];
  EXPECT_EQ(partition.error_code, ErrorCode::offset_out_of_range);
  EXPECT_EQ(partition.high_watermark, 2);
  EXPECT_EQ(partition.log_start_offset, 0);
}

TEST_F(Requests, TheFirstBatchIsServedHoweverSmallTheLimit) {
  cluster.produce(orders, batch_of({std::string(5000, 'x')}), Acks::all);
  cluster.produce(orders, batch_of({"y"}), Acks::all);
  FetchRequest request = fetch_request(orders, 0);
  request.max_bytes = 1;
  request.topics[0].partitions[0].partition_max_bytes = 1;

  const auto answer = cluster.ask<FetchResponse>({0}, request);

  ASSERT_TRUE(answer.has_value());
  const auto batches = protocol::split_batches(*answer->topics[0].partitions[0].records);
  ASSERT_TRUE(batches.has_value());
  EXPECT_THAT(*batches, SizeIs(1));
}

TEST_F(Requests, AFetchSessionThatWasNeverGrantedIsUnknown) {
  FetchRequest request = fetch_request(orders, 0);
  request.session_id = 77;
  request.session_epoch = 1;
  const auto incremental = cluster.ask<FetchResponse>({0}, request);
  ASSERT_TRUE(incremental.has_value());
  EXPECT_EQ(incremental->error_code, ErrorCode::fetch_session_id_not_found);
  EXPECT_THAT(incremental->topics, IsEmpty());

  request.session_epoch = -1;
  const auto full = cluster.ask<FetchResponse>({0}, request);
  ASSERT_TRUE(full.has_value());
  EXPECT_EQ(full->error_code, ErrorCode::none);
  EXPECT_EQ(full->session_id, 0);
  EXPECT_THAT(full->topics, SizeIs(1));
}

TEST_F(Requests, AFetchSessionAnswersWithWhatIsNewAndWaitsForIt) {
  cluster.create_topic("two", 2, 1);
  FetchRequest request = fetch_request({"two", 0}, 0);
  request.topics[0].partitions.push_back(fetch_request({"two", 1}, 0).topics[0].partitions[0]);
  request.session_epoch = 0;
  Wire& connection = wire();
  const auto full = cluster.ask<FetchResponse>(connection, request, 7);
  ASSERT_TRUE(full.has_value());
  ASSERT_NE(full->session_id, 0);
  ASSERT_THAT(full->topics, SizeIs(1));
  EXPECT_THAT(full->topics[0].partitions, SizeIs(2));

  FetchRequest next;
  next.session_id = full->session_id;
  next.session_epoch = 1;
  next.min_bytes = 1;
  next.max_wait_ms = 60000;
  const std::int32_t waiting = cluster.send_request(connection, next, 12);
  EXPECT_FALSE(cluster.next_frame(connection, 1s).has_value()) << "nothing is new";
  cluster.produce({"two", 1}, batch_of({"a"}), Acks::all);
  const auto news = cluster.answer<FetchResponse>(connection, waiting, 12, 1s);

  ASSERT_TRUE(news.has_value());
  EXPECT_EQ(news->session_id, full->session_id);
  ASSERT_THAT(news->topics, SizeIs(1));
  ASSERT_THAT(news->topics[0].partitions, SizeIs(1));
  EXPECT_EQ(news->topics[0].partitions[0].partition_index, 1);
  EXPECT_FALSE(news->topics[0].partitions[0].records->empty());
}

TEST_F(Requests, ATopicThatIsStoredInZstdIsNotForOldConsumers) {
  cluster.create_topic("zstd", 1, 1, {{"compression.type", "zstd"}});
  const auto code = [&](std::int16_t version) {
    return cluster.ask<FetchResponse>({0}, fetch_request({"zstd", 0}, 0), version)->topics[0].partitions[0].error_code;
  };

  EXPECT_EQ(code(9), ErrorCode::unsupported_compression_type);
  EXPECT_EQ(code(10), ErrorCode::none);
}

TEST_F(Requests, TheTopicsSettingsShapeWhatIsStored) {
  cluster.create_topic("stamped", 1, 1, {{"message.timestamp.type", "LogAppendTime"}, {"compression.type", "gzip"}});

  const auto produced = cluster.produce({"stamped", 0}, batch_of({"a"}), Acks::all);

  EXPECT_EQ(produced.error_code, ErrorCode::none);
  EXPECT_GT(produced.log_append_time_ms, 1000) << "what the producer said";
  const auto fetched = cluster.ask<FetchResponse>({0}, fetch_request({"stamped", 0}, 0));
  const auto batch = protocol::RecordBatch::first(*fetched->topics[0].partitions[0].records);
  ASSERT_TRUE(batch.has_value());
  EXPECT_TRUE(batch->header().log_append_time());
  EXPECT_EQ(batch->header().max_timestamp, produced.log_append_time_ms);
  EXPECT_EQ(batch->header().codec_bits(), 1);
}

TEST_F(Requests, BadRecordsAreListedSinceVersion8) {
  cluster.create_topic("compacted", 1, 1, {{"cleanup.policy", "compact"}});
  const ProduceRequest request = produce_request({"compacted", 0}, batch_of({"a", "b"}), Acks::all);

  const auto listed = cluster.ask<ProduceResponse>({0}, request, 8)->topics[0].partitions[0];
  EXPECT_EQ(listed.error_code, ErrorCode::invalid_record);
  ASSERT_THAT(listed.record_errors, SizeIs(2));
  EXPECT_EQ(listed.record_errors[1].batch_index, 1);
  EXPECT_EQ(cluster.ask<ProduceResponse>({0}, request, 7)->topics[0].partitions[0].error_code, ErrorCode::invalid_record);
}

TEST_F(Requests, MinBytesCountsWhatALimitCutsOff) {
  for (int i = 0; i < 4; ++i) cluster.produce(orders, batch_of({std::string(400, 'x')}), Acks::all);
  FetchRequest request = fetch_request(orders, 0, 60000);
  request.min_bytes = 1000;
  request.topics[0].partitions[0].partition_max_bytes = 1000;  // two batches, and not quite a third
  const auto begin = cluster.world.now();

  const auto answer = cluster.ask<FetchResponse>({0}, request);

  ASSERT_TRUE(answer.has_value());
  EXPECT_LT(cluster.world.now() - begin, 1s);
  EXPECT_THAT(*protocol::split_batches(*answer->topics[0].partitions[0].records), SizeIs(2));
}

TEST_F(Requests, AReaderOnAnOldSegmentDoesNotWait) {
  cluster.create_topic("rolling", 1, 1, {{"segment.bytes", "600"}});
  for (int i = 0; i < 2; ++i) cluster.produce({"rolling", 0}, batch_of({std::string(400, 'x')}), Acks::all);
  FetchRequest request = fetch_request({"rolling", 0}, 0, 60000);
  request.min_bytes = 100'000;
  const auto begin = cluster.world.now();

  ASSERT_TRUE(cluster.ask<FetchResponse>({0}, request).has_value());

  EXPECT_LT(cluster.world.now() - begin, 1s);
}

TEST_F(Requests, ListOffsetsFindsEndsAndTimesAndRefusesRepetition) {
  cluster.produce(orders, batch_of({"a", "b"}), Acks::all);  // at timestamp 1000
  const auto ask = [&](std::int64_t timestamp) {
    ListOffsetsRequest request;
    request.replica_id = -1;
    request.topics.push_back({"orders", {{.partition_index = 0, .timestamp = timestamp}}});
    return cluster.ask<ListOffsetsResponse>({0}, request)->topics[0].partitions[0];
  };
  EXPECT_EQ(ask(-1).offset, 2);
  EXPECT_EQ(ask(-2).offset, 0);
  EXPECT_EQ(ask(1000).offset, 0);
  EXPECT_EQ(ask(1000).timestamp, 1000);
  EXPECT_EQ(ask(1001).offset, -1);
  EXPECT_EQ(ask(1001).error_code, ErrorCode::none);
  cluster.produce(orders, batch_of({"c"}), Acks::all);
  EXPECT_EQ(ask(-3).offset, 0) << "the first of those with the largest";
  EXPECT_EQ(ask(-3).timestamp, 1000);
  EXPECT_EQ(ask(-3).leader_epoch, 0);
  EXPECT_EQ(ask(-4).offset, 0);
  EXPECT_EQ(ask(-5).offset, -1);
  EXPECT_EQ(ask(-5).error_code, ErrorCode::none);

  ListOffsetsRequest twice;
  twice.topics.push_back({"orders", {{.partition_index = 0, .timestamp = -1}, {.partition_index = 0, .timestamp = -2}}});
  const auto answer = cluster.ask<ListOffsetsResponse>({0}, twice);
  ASSERT_THAT(answer->topics[0].partitions, SizeIs(1));
  EXPECT_EQ(answer->topics[0].partitions[0].error_code, ErrorCode::invalid_request);
}

TEST_F(Requests, ListOffsetsKnowsEachPlaceSinceItsVersion) {
  const auto code = [&](std::int64_t timestamp, std::int16_t version) {
    ListOffsetsRequest request;
    request.replica_id = -1;
    request.topics.push_back({"orders", {{.partition_index = 0, .timestamp = timestamp}}});
    return cluster.ask<ListOffsetsResponse>({0}, request, version)->topics[0].partitions[0].error_code;
  };
  const struct {
    std::int64_t timestamp;
    std::int16_t first;
  } cases[] = {{-1, 1}, {-2, 1}, {-3, 7}, {-4, 8}, {-5, 9}};

  for (const auto& c : cases) {
    EXPECT_EQ(code(c.timestamp, c.first), ErrorCode::none) << c.timestamp;
    if (c.first > 1) {
      EXPECT_EQ(code(c.timestamp, static_cast<std::int16_t>(c.first - 1)), ErrorCode::unsupported_version) << c.timestamp;
    }
  }
  EXPECT_EQ(code(-6, 10), ErrorCode::unsupported_version);
  EXPECT_EQ(code(INT64_MIN, 10), ErrorCode::unsupported_version);
}

TEST_F(Requests, MetadataCreatesAMissingTopicIfItMay) {
  MetadataRequest request;
  request.topics = std::vector<MetadataRequest::Topic>{{.topic_id = {}, .name = "fresh"}, {.topic_id = {}, .name = "a b"}};
  request.allow_auto_topic_creation = false;
  const auto asked = [&] { return *cluster.ask<MetadataResponse>({0}, request); };

  EXPECT_EQ(asked().topics[0].error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(asked().topics[1].error_code, ErrorCode::unknown_topic_or_partition);

  request.allow_auto_topic_creation = true;
  EXPECT_EQ(asked().topics[0].error_code, ErrorCode::unknown_topic_or_partition) << "not there yet, but on its way";
  EXPECT_EQ(asked().topics[1].error_code, ErrorCode::invalid_topic_exception);
  EXPECT_TRUE(cluster.eventually([&] { return asked().topics[0].error_code == ErrorCode::none; }));
}

TEST_F(Requests, NamesBeyondCountingAreCreatedAFewAtATime) {
  MetadataRequest request;
  request.topics.emplace();
  for (int i = 0; i < 12'000; ++i) request.topics->push_back({.topic_id = {}, .name = "flood-" + std::to_string(i)});

  ASSERT_TRUE(cluster.ask<MetadataResponse>({0}, request).has_value());
  cluster.run_for(5s);

  const auto all = cluster.ask<MetadataResponse>({0}, MetadataRequest{.topics = {}});
  ASSERT_TRUE(all.has_value());
  EXPECT_THAT(all->topics, SizeIs(101));
}

TEST_F(Requests, MetadataKnowsTopicsByTheirIdSinceVersion12) {
  const auto all = cluster.ask<MetadataResponse>({0}, MetadataRequest{.topics = {}});
  ASSERT_THAT(all->topics, SizeIs(1));
  MetadataRequest request;
  protocol::Uuid unknown;
  unknown.bytes[3] = 9;
  request.topics =
      std::vector<MetadataRequest::Topic>{{.topic_id = all->topics[0].topic_id, .name = {}}, {.topic_id = unknown, .name = {}}};

  const auto answer = cluster.ask<MetadataResponse>({0}, request);

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->topics[0].name, "orders");
  EXPECT_EQ(answer->topics[1].error_code, ErrorCode::unknown_topic_id);
}

}  // namespace
}  // namespace acklab::broker

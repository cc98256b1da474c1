#include "broker/controller/metadata_image.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/broker/controller_fixtures.h"

namespace acklab::broker {
namespace {

std::vector<MetadataRecord> a_short_history() {
  return {
      controller_record(1),
      registration_record({0}, {1}, uuid(1), {"broker-0", 9092}),
      registration_record({1}, {2}, uuid(2), {"broker-1", 9093}),
      unfence_record({0}, {1}),
      unfence_record({1}, {2}),
      topic_record("orders", uuid(77), {{"min.insync.replicas", "2"}}),
      partition_record(uuid(77), 0, partition({0, 1}, 0, 0, 0, {0, 1})),
      partition_record(uuid(77), 1, partition({0, 1}, 1, 0, 0, {1, 0})),
      producer_ids_record(1000),
      fence_record({0}, {1}),
      partition_record(uuid(77), 0, partition({1}, 1, 1, 1, {0, 1})),
  };
}

TEST(MetadataImage, IsTheFoldOfTheRecords) {
  MetadataImage image;

  for (const MetadataRecord& record : a_short_history()) image.apply(record);

  EXPECT_EQ(image.offset, Offset{11});
  EXPECT_EQ(image.controller_epoch, 1);
  EXPECT_EQ(image.next_producer_id, 1000);
  EXPECT_FALSE(image.usable({0}));
  EXPECT_TRUE(image.usable({1}));
  EXPECT_FALSE(image.usable({2}));
  EXPECT_EQ(image.brokers.at({1}).address, (protocol::Address{"broker-1", 9093}));
  ASSERT_NE(image.find_topic("orders"), nullptr);
  EXPECT_EQ(image.find_topic("orders")->id, uuid(77));
  EXPECT_EQ(image.find_topic("orders")->settings, (Settings{{"min.insync.replicas", "2"}}));
  ASSERT_NE(image.topic_name(uuid(77)), nullptr);
  EXPECT_EQ(*image.topic_name(uuid(77)), "orders");
  ASSERT_NE(image.find({"orders", 0}), nullptr);
  EXPECT_EQ(*image.find({"orders", 0}), partition({1}, 1, 1, 1, {0, 1}));
  EXPECT_EQ(*image.find({"orders", 1}), partition({0, 1}, 1, 0, 0, {1, 0}));
}

TEST(MetadataImage, WhatDoesNotExistIsNotFound) {
  MetadataImage image;
  for (const MetadataRecord& record : a_short_history()) image.apply(record);

  EXPECT_EQ(image.find({"orders", 2}), nullptr);
  EXPECT_EQ(image.find({"orders", -1}), nullptr);
  EXPECT_EQ(image.find({"others", 0}), nullptr);
  EXPECT_EQ(image.find_topic("others"), nullptr);
  EXPECT_EQ(image.topic_name(uuid(1)), nullptr);
}

TEST(MetadataImage, HoweverTheRecordsAreCutTheImagesAtOneOffsetAreEqual) {
  const std::vector<MetadataRecord> history = a_short_history();
  for (std::size_t cut = 0; cut <= history.size(); ++cut) {
    MetadataImage at_once;
    for (std::size_t i = 0; i < cut; ++i) at_once.apply(history[i]);
    MetadataImage over_the_wire;
    for (std::size_t i = 0; i < cut; ++i) {
      const auto bytes = protocol::encode(history[i], 0).flatten();
      over_the_wire.apply(*protocol::decode<MetadataRecord>(bytes, 0));
    }

    EXPECT_EQ(at_once, over_the_wire) << cut;
  }
}

TEST(MetadataImage, ABrokerThatShutsDownIsAliveButOfNoUseUntilItsNextIncarnation) {
  MetadataImage image = image_of(1);

  image.apply(shut_down_record({0}, {99}));
  EXPECT_TRUE(image.usable({0})) << "that was an earlier incarnation";
  image.apply(shut_down_record({0}, {100}));
  EXPECT_TRUE(image.alive({0}));
  EXPECT_FALSE(image.usable({0}));
  image.apply(fence_record({0}, {100}));
  EXPECT_FALSE(image.alive({0}));

  image.apply(registration_record({0}, {200}, uuid(9), {"broker-0", 9092}));
  image.apply(unfence_record({0}, {200}));
  EXPECT_TRUE(image.usable({0}));
}

TEST(MetadataImage, ANewIncarnationIsFencedUntilItIsUnfencedUnderItsOwnEpoch) {
  MetadataImage image = image_of(1);

  image.apply(registration_record({0}, {200}, uuid(9), {"broker-0", 9092}));
  image.apply(unfence_record({0}, {100}));
  EXPECT_FALSE(image.usable({0}));
  image.apply(unfence_record({0}, {200}));

  EXPECT_TRUE(image.usable({0}));
}

TEST(MetadataImage, RecordsThatFitNothingOnlyCount) {
  const MetadataImage before = image_of(2);
  MetadataRecord unknown_kind;
  unknown_kind.kind = 99;
  for (const MetadataRecord& record : {
           partition_record(uuid(5), 0, partition({0}, 0, 0, 0)),
           partition_record(uuid(5), -1, partition({0}, 0, 0, 0)),
           fence_record({7}, {1}),
           unknown_kind,
       }) {
    MetadataImage after = before;
    after.apply(record);
    EXPECT_EQ(after.offset, before.offset + 1);
    after.offset = before.offset;
    EXPECT_EQ(after, before);
  }
}

TEST(MetadataImage, PartitionsComeInOrderOrNotAtAll) {
  MetadataImage image = image_of(1);
  image.apply(topic_record("orders", uuid(77), {}));

  image.apply(partition_record(uuid(77), 1, partition({0}, 0, 0, 0)));
  EXPECT_EQ(image.find_topic("orders")->partitions.size(), 0U);
  image.apply(partition_record(uuid(77), 0, partition({0}, 0, 0, 0)));

  EXPECT_EQ(image.find_topic("orders")->partitions.size(), 1U);
}

}  // namespace
}  // namespace acklab::broker

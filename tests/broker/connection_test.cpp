// What comes over one connection: bytes that are no request at all, and the order of answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/messages/find_coordinator.h"
#include "protocol/runtime/random.h"
#include "tests/broker/requests_fixture.h"

namespace acklab::broker {
namespace {

using protocol::Acks;
using protocol::Bytes;
using protocol::Event;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using protocol::NodeId;
using protocol::Slice;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Bytes raw(const std::vector<int>& values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return Bytes(Slice::copy_of(bytes));
}

TEST_F(Requests, AnApiThatIsNotServedClosesTheConnection) {
  for (const int key : {4, 11, 56, 62, 63, 67, 999, 20001, -1}) {
    Wire& connection = wire();
    cluster.send(connection, frame_of(static_cast<std::int16_t>(key), 0, false));

    EXPECT_TRUE(cluster.closes(connection)) << key;
    EXPECT_EQ(connection.bytes, 0U);
  }
  EXPECT_TRUE(alive());
}

TEST_F(Requests, AFrameOfNegativeOrHugeLengthClosesItsConnectionOnly) {
  Wire& bystander = wire();
  for (const Bytes& bytes : {raw({0xff, 0xff, 0xff, 0xff}), raw({0x7f, 0xff, 0xff, 0xff, 0, 0}), raw({0x80, 0, 0, 0}),
                             raw({0, 0, 0, 0}), raw({0, 0, 0, 3, 0, 18, 0})}) {
    Wire& connection = wire();
    cluster.send(connection, bytes);

    EXPECT_TRUE(cluster.closes(connection));
    EXPECT_EQ(connection.bytes, 0U);
  }
  EXPECT_TRUE(cluster.ask<MetadataResponse>(bystander, MetadataRequest{}).has_value());
}

TEST_F(Requests, ATruncatedRequestClosesItsConnectionAndSaysWhy) {
  const Slice whole = protocol::encode(produce_request(orders, batch_of({"a"}), Acks::leader), 9).flatten();
  for (std::size_t length = 0; length < whole.size(); length += 3) {
    Wire& connection = wire();
    cluster.send(connection, frame_of(0, 9, true, Bytes(whole.part(0, length))));

    EXPECT_TRUE(cluster.closes(connection)) << length;
    EXPECT_EQ(connection.bytes, 0U);
  }
  EXPECT_THAT(cluster.log, Contains(HasSubstr("Produce v9 from \"test\"")));
  EXPECT_THAT(cluster.seen(Event::appended), IsEmpty());
  EXPECT_TRUE(alive());
}

TEST_F(Requests, BitFlipsAreAnsweredOrCloseTheConnectionAndNothingElse) {
  const std::vector<Bytes> frames = {
      protocol::request_frame(produce_request(orders, batch_of({"a", "b"}), Acks::leader), 9, 1, "test"),
      protocol::request_frame(produce_request(orders, batch_of({"a"}), Acks::leader), 3, 1, "test"),
      protocol::request_frame(fetch_request(orders, 0), 12, 1, "test"),
      protocol::request_frame(MetadataRequest{}, 12, 1, "test"),
  };
  protocol::Random random(2024);
  for (int i = 0; i < 400; ++i) {
    const Slice original = frames[static_cast<std::size_t>(i) % frames.size()].flatten();
    std::vector<std::byte> bytes(original.view().begin(), original.view().end());
    const std::uint64_t bit = 32 + random.below(bytes.size() * 8 - 32);  // the length itself stays
    bytes[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    Wire& connection = wire();

    cluster.send(connection, Bytes(Slice::copy_of(bytes)));
    cluster.eventually([&] { return connection.closed || !connection.frames.empty(); }, 1s);
  }

  EXPECT_TRUE(alive());
}

TEST_F(Requests, AnswersLeaveInTheOrderOfTheRequestsEvenBehindOneThatWaits) {
  Wire& connection = wire();
  FetchRequest waiting = fetch_request(orders, 0, 2000);
  cluster.send_request(connection, waiting, 12);
  cluster.send_request(connection, MetadataRequest{}, 12);

  EXPECT_FALSE(cluster.next_frame(connection, 1s).has_value()) << "the Fetch holds all behind it";
  EXPECT_TRUE(cluster.answer<FetchResponse>(connection, 1, 12).has_value());
  EXPECT_TRUE(cluster.answer<MetadataResponse>(connection, 2, 12).has_value());
}

TEST_F(Requests, ThousandsOfPipelinedRequestsAreAllAnswered) {
  Wire& connection = wire();
  Bytes all;
  for (std::int32_t i = 1; i <= 3000; ++i) all.append(protocol::request_frame(FindCoordinatorRequest{}, 0, i, "test"));
  cluster.send(connection, all);

  for (std::int32_t i = 1; i <= 3000; ++i) {
    ASSERT_TRUE(cluster.answer<FindCoordinatorResponse>(connection, i, 0).has_value()) << i;
  }
}

TEST_F(Requests, RequestsBehindAnUnreadableFrameAreLostButThoseBeforeItAreServed) {
  Wire& connection = wire();
  Bytes bytes = protocol::request_frame(fetch_request(orders, 0, 1000), 12, 1, "test");
  bytes.append(raw({0xff, 0xff, 0xff, 0xff}));
  cluster.send(connection, bytes);

  EXPECT_TRUE(cluster.answer<FetchResponse>(connection, 1, 12).has_value());
  EXPECT_TRUE(cluster.closes(connection));
}

TEST_F(Requests, AcksZeroIsAnsweredWithNoByteAtAll) {
  Wire& connection = wire();
  cluster.send_request(connection, produce_request(orders, batch_of({"a"}), Acks::none), 9);
  cluster.run_for(5s);

  EXPECT_EQ(connection.bytes, 0U);
  EXPECT_FALSE(connection.closed);
  EXPECT_THAT(cluster.read(orders), ElementsAre("a"));
  EXPECT_THAT(cluster.seen(Event::answered), IsEmpty());
  // The next request is answered under its own number.
  EXPECT_TRUE(cluster.ask<MetadataResponse>(connection, MetadataRequest{}).has_value());
}

TEST_F(Requests, AnErrorUnderAcksZeroClosesTheConnection) {
  Wire& connection = wire();
  cluster.send_request(connection, produce_request({"nowhere", 0}, batch_of({"a"}), Acks::none), 9);

  EXPECT_TRUE(cluster.closes(connection));
  EXPECT_EQ(connection.bytes, 0U);
}

TEST_F(Requests, WhatAClientSentBeforeItClosedIsServed) {
  Wire& connection = wire();
  cluster.send_request(connection, produce_request(orders, batch_of({"a"}), Acks::none), 9);
  cluster.world.ask(NodeId::client(0), [&] { connection.connection->close(); });

  EXPECT_TRUE(cluster.eventually([&] { return cluster.read(orders) == std::vector<std::string>{"a"}; }));
}

}  // namespace
}  // namespace acklab::broker

#include "protocol/runtime/request_channel.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "protocol/messages/api_versions.h"
#include "protocol/messages/broker_heartbeat.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "protocol/wire/header.h"
#include "tests/protocol/fake_runtime.h"

namespace acklab::protocol {
namespace {

using std::chrono::seconds;

constexpr Duration moment{1};

ApiVersionsResponse offer(std::vector<ApiVersionsResponse::ApiVersion> keys) {
  ApiVersionsResponse response;
  response.api_keys = std::move(keys);
  return response;
}

// A channel, its peer, and what the channel's owner was told, in order.
class RequestChannelTest : public ::testing::Test {
 protected:
  void connect(RequestChannel::Options options) {
    channel_.emplace(runtime_, Address{"broker-0", 9092}, std::move(options),
                     [this](ChannelFault fault) { told_.push_back("channel: " + std::string(name(fault))); });
  }
  void connect() { connect({.client_id = "test"}); }
  void connect_between_nodes() { connect({.client_id = "test", .negotiate = false}); }
  // Connected, with Metadata 0-9, Produce 3-7 and FindCoordinator 5-6 on offer.
  void connect_and_negotiate() {
    connect();
    peer().open();
    answer(offer({{3, 0, 9}, {0, 3, 7}, {10, 50, 60}}));
  }

  FakeRuntime::Peer& peer() { return runtime_.peer(); }

  // The request that the peer sees next; an empty name of the client means that there is none.
  ReceivedRequest take_request() {
    const std::optional<Slice> frame = peer().take_frame();
    if (!frame) return {};
    last_ = parse_request(*frame).value();
    return last_;
  }
  template <class Response>
  void answer(const Response& response) {
    const RequestHeader header = take_request().header;
    peer().send(response_frame(response, header.api_version, header.correlation_id));
  }

  void ask_for_metadata(const std::string& label) {
    channel_->send<MetadataRequest, MetadataResponse>({}, [this, label](Result<MetadataResponse, ChannelFault> response) {
      told_.push_back(label + ": " +
                      (response ? "brokers " + std::to_string(response->brokers.size()) : std::string(name(response.error()))));
    });
  }
  static MetadataResponse brokers(std::size_t count) {
    MetadataResponse response;
    response.brokers.resize(count);
    return response;
  }

  FakeRuntime runtime_;
  std::optional<RequestChannel> channel_;
  ReceivedRequest last_;
  std::vector<std::string> told_;
};

using Told = std::vector<std::string>;

TEST_F(RequestChannelTest, AsksForVersionsFirstAndSaysWhoItIs) {
  connect();
  peer().open();

  const ReceivedRequest request = take_request();

  EXPECT_EQ(request.header.api_key, 18);
  EXPECT_EQ(request.header.api_version, 3);
  EXPECT_EQ(request.header.client_id, "test");
  EXPECT_EQ(decode<ApiVersionsRequest>(request.body, 3)->client_software_name, "acklab");
  EXPECT_FALSE(channel_->ready());
}

TEST_F(RequestChannelTest, AsksAgainInVersion0WhenTheFirstTryIsRefused) {
  connect();
  peer().open();
  ApiVersionsResponse refusal = offer({{18, 0, 2}});
  refusal.error_code = ErrorCode::unsupported_version;
  peer().send(response_frame(refusal, 0, take_request().header.correlation_id));

  const RequestHeader second = take_request().header;
  EXPECT_EQ(second.api_version, 0);
  peer().send(response_frame(offer({{3, 0, 4}}), 0, second.correlation_id));

  EXPECT_TRUE(channel_->ready());
  EXPECT_EQ(channel_->version_for(3, 0, 12), 4);
}

// librdkafka's mock cluster refuses in the shape of the version that it refuses, and gets the length of its list wrong.
TEST_F(RequestChannelTest, AsksAgainInVersion0WhateverFollowsTheErrorCodeOfTheRefusal) {
  connect();
  peer().open();
  take_request();
  // Length, correlation id 0, UNSUPPORTED_VERSION, a count, ApiVersions 0 to 2, no tags, throttle time.
  const std::string_view refusal("\0\0\0\x12\0\0\0\0\0\x23\x01\0\x12\0\0\0\x02\0\0\0\0\0", 22);
  peer().send(Slice::copy_of(refusal));

  const RequestHeader second = take_request().header;
  EXPECT_EQ(second.client_id, "test");
  EXPECT_EQ(second.api_version, 0);
}

TEST_F(RequestChannelTest, FailsWhenThePeerGivesNoVersions) {
  connect();
  peer().open();
  ApiVersionsResponse refusal;
  refusal.error_code = ErrorCode::cluster_authorization_failed;

  answer(refusal);

  EXPECT_EQ(told_, Told{"channel: unsupported"});
  EXPECT_TRUE(channel_->failed());
}

TEST_F(RequestChannelTest, ChoosesTheHighestVersionThatBothSidesKnow) {
  connect_and_negotiate();

  EXPECT_EQ(channel_->version_for(3, 0, 12), 9);
  EXPECT_EQ(channel_->version_for(3, 0, 5), 5);
  EXPECT_EQ(channel_->version_for(0, 0, 9), 7);
  EXPECT_EQ(channel_->version_for(0, 0, 2), std::nullopt);
  EXPECT_EQ(channel_->version_for(10, 0, 3), std::nullopt);
  EXPECT_EQ(channel_->version_for(99, 0, 3), std::nullopt);
}

TEST_F(RequestChannelTest, HoldsRequestsUntilItKnowsTheVersionAndSendsThemInOrder) {
  connect();
  ask_for_metadata("first");
  peer().open();
  ask_for_metadata("second");
  EXPECT_EQ(channel_->outstanding(), 3U);
  answer(offer({{3, 0, 1}}));

  EXPECT_EQ(take_request().header.api_version, 1);
  peer().send(response_frame(brokers(1), 1, last_.header.correlation_id));
  EXPECT_EQ(take_request().header.api_version, 1);
  peer().send(response_frame(brokers(2), 1, last_.header.correlation_id));

  EXPECT_EQ(told_, (Told{"first: brokers 1", "second: brokers 2"}));
  EXPECT_EQ(channel_->outstanding(), 0U);
}

TEST_F(RequestChannelTest, BetweenNodesItSendsTheNewestVersionAsSoonAsItIsConnected) {
  connect_between_nodes();
  ask_for_metadata("it");
  EXPECT_EQ(peer().take_frame(), std::nullopt);

  peer().open();

  EXPECT_EQ(take_request().header.api_version, MetadataRequest::info.last_version);
}

TEST_F(RequestChannelTest, TellsTheCorrelationIdThatARequestWillHave) {
  connect();
  const std::int32_t held = channel_->next_correlation();
  ask_for_metadata("held");
  peer().open();
  answer(offer({{3, 0, 9}}));
  const std::int32_t direct = channel_->next_correlation();
  ask_for_metadata("direct");

  EXPECT_EQ(take_request().header.correlation_id, held);
  EXPECT_EQ(take_request().header.correlation_id, direct);
  EXPECT_EQ(channel_->connection_id(), 77U);
}

TEST_F(RequestChannelTest, SaysWhenItIsReadyAfterTheHeldRequestsHaveLeft) {
  connect();
  channel_->on_ready([this] {
    told_.push_back(channel_->ready() ? "ready" : "not ready");
    ask_for_metadata("new");
  });
  ask_for_metadata("held");
  const std::int32_t held = channel_->next_correlation() - 1;
  peer().open();

  answer(offer({{3, 0, 9}}));

  EXPECT_EQ(told_, Told{"ready"});
  EXPECT_EQ(take_request().header.correlation_id, held);
  EXPECT_EQ(take_request().header.correlation_id, held + 1);
}

TEST_F(RequestChannelTest, RefusesARequestThatThePeerDoesNotOfferAndLivesOn) {
  connect_and_negotiate();

  channel_->send<FindCoordinatorRequest, FindCoordinatorResponse>(
      {}, [this](auto response) { told_.push_back("it: " + std::string(name(response.error()))); });

  EXPECT_EQ(told_, Told{}) << "a completion never runs inside the call";
  runtime_.advance(moment);
  EXPECT_EQ(told_, Told{"it: unsupported"});
  EXPECT_EQ(peer().take_frame(), std::nullopt);
  EXPECT_TRUE(channel_->ready());
}

TEST_F(RequestChannelTest, WithoutAnAnswerARequestIsDoneWhenItIsWritten) {
  connect_and_negotiate();

  channel_->send_without_answer(ProduceRequest{}, [this](Result<void, ChannelFault> written) {
    told_.push_back(written ? "written" : std::string(name(written.error())));
  });
  EXPECT_EQ(told_, Told{});
  runtime_.advance(moment);

  EXPECT_EQ(take_request().header.api_version, 7);
  EXPECT_EQ(told_, Told{"written"});
  EXPECT_EQ(channel_->outstanding(), 0U);
}

TEST_F(RequestChannelTest, RefusedItSaysThatNothingWasWritten) {
  connect();
  ask_for_metadata("it");

  peer().close(CloseReason::refused);

  EXPECT_EQ(told_, (Told{"it: not written", "channel: refused"}));
}

TEST_F(RequestChannelTest, DisconnectedItTellsApartWhatWasWrittenFromWhatWasNot) {
  for (const CloseReason reason : {CloseReason::end_of_stream, CloseReason::reset}) {
    told_.clear();
    connect_and_negotiate();
    ask_for_metadata("first");
    ask_for_metadata("second");

    peer().close(reason);
    ask_for_metadata("late");
    runtime_.advance(moment);

    EXPECT_EQ(told_, (Told{"first: disconnected", "second: disconnected", "channel: disconnected", "late: not written"}));
    EXPECT_FALSE(peer().connected());
  }
}

TEST_F(RequestChannelTest, AbandonedItFailsAsIfDisconnected) {
  connect_between_nodes();
  peer().open();
  ask_for_metadata("it");

  channel_->abandon();
  channel_->abandon();

  EXPECT_EQ(told_, (Told{"it: disconnected", "channel: disconnected"}));
  EXPECT_FALSE(peer().connected());
}

TEST_F(RequestChannelTest, GivesUpConnectingInTime) {
  connect({.connect_timeout = seconds(3)});
  ask_for_metadata("it");

  runtime_.advance(seconds(3) - moment);
  EXPECT_EQ(told_, Told{});
  runtime_.advance(moment);

  EXPECT_EQ(told_, (Told{"it: not written", "channel: timed out"}));
}

TEST_F(RequestChannelTest, GivesUpNegotiatingAfterTheRequestTimeout) {
  connect({.request_timeout = seconds(5)});
  peer().open();
  ask_for_metadata("it");

  runtime_.advance(seconds(5));

  EXPECT_EQ(told_, (Told{"it: not written", "channel: timed out"}));
}

TEST_F(RequestChannelTest, TimesOutWhenTheOldestRequestHasWaitedTooLong) {
  connect({.request_timeout = seconds(5)});
  peer().open();
  answer(offer({{3, 0, 9}}));
  ask_for_metadata("first");
  runtime_.advance(seconds(3));
  ask_for_metadata("second");
  runtime_.advance(seconds(1));
  answer(brokers(1));

  runtime_.advance(seconds(4) - moment);
  EXPECT_EQ(told_, Told{"first: brokers 1"});
  runtime_.advance(moment);

  EXPECT_EQ(told_, (Told{"first: brokers 1", "second: timed out", "channel: timed out"}));
}

TEST_F(RequestChannelTest, SetsNoTimerWhileNothingIsOutstanding) {
  connect({.request_timeout = seconds(5)});
  peer().open();
  answer(offer({{3, 0, 9}}));
  for (int i = 0; i < 100; ++i) {
    ask_for_metadata("it");
    answer(brokers(1));
  }

  runtime_.advance(seconds(1000));

  EXPECT_EQ(runtime_.tasks_run(), 1);
  EXPECT_FALSE(channel_->failed());
}

TEST_F(RequestChannelTest, AnAnswerThatCannotBeReadEndsTheChannel) {
  connect_and_negotiate();
  ask_for_metadata("first");
  ask_for_metadata("second");

  BrokerHeartbeatResponse wrong_kind;
  peer().send(response_frame(wrong_kind, 1, take_request().header.correlation_id));

  EXPECT_EQ(told_, (Told{"first: malformed", "second: malformed", "channel: malformed"}));
}

TEST_F(RequestChannelTest, AnAnswerOutOfOrderEndsTheChannel) {
  connect_and_negotiate();
  ask_for_metadata("first");
  ask_for_metadata("second");
  take_request();

  answer(brokers(1));

  EXPECT_EQ(told_, (Told{"first: malformed", "second: malformed", "channel: malformed"}));
}

TEST_F(RequestChannelTest, AnAnswerNobodyAskedForEndsTheChannel) {
  connect_and_negotiate();

  peer().send(response_frame(brokers(1), 9, 5));

  EXPECT_EQ(told_, Told{"channel: malformed"});
}

TEST_F(RequestChannelTest, AFrameOfImpossibleSizeEndsTheChannel) {
  connect_and_negotiate();

  peer().send(Bytes(Slice::copy_of("\xff\xff\xff\xff")));

  EXPECT_EQ(told_, Told{"channel: malformed"});
}

// An owner may drop its channel in whatever it is told, whatever else is outstanding then; nothing more is called.
TEST_F(RequestChannelTest, MayBeDestroyedInsideAnyOfItsCallbacks) {
  const auto send_and_drop = [this](const std::string& label) {
    channel_->send<MetadataRequest, MetadataResponse>({}, [this, label](auto response) {
      told_.push_back(label + (response ? ": answer" : ": fault"));
      channel_.reset();
    });
  };

  connect_and_negotiate();
  send_and_drop("first");
  ask_for_metadata("second");
  const Bytes answers = [&] {
    Bytes bytes = response_frame(brokers(1), 9, take_request().header.correlation_id);
    bytes.append(response_frame(brokers(1), 9, take_request().header.correlation_id));
    return bytes;
  }();
  peer().send(answers);
  EXPECT_EQ(told_, Told{"first: answer"});
  EXPECT_FALSE(peer().connected());

  told_.clear();
  connect_and_negotiate();
  send_and_drop("first");
  ask_for_metadata("second");
  peer().close(CloseReason::reset);
  EXPECT_EQ(told_, Told{"first: fault"});

  told_.clear();
  connect();
  send_and_drop("first");
  ask_for_metadata("second");
  runtime_.advance(seconds(10));
  EXPECT_EQ(told_, Told{"first: fault"});

  told_.clear();
  connect_and_negotiate();
  for (int i = 0; i < 2; ++i) {
    channel_->send_without_answer(ProduceRequest{}, [this](auto) {
      told_.push_back("written");
      channel_.reset();
    });
  }
  runtime_.advance(moment);
  EXPECT_EQ(told_, Told{"written"});

  told_.clear();
  connect();
  channel_->on_ready([this] {
    told_.push_back("ready");
    channel_.reset();
  });
  peer().open();
  answer(offer({}));
  EXPECT_EQ(told_, Told{"ready"});

  told_.clear();
  channel_.emplace(runtime_, Address{}, RequestChannel::Options{}, [this](ChannelFault) {
    told_.push_back("failed");
    channel_.reset();
  });
  peer().close(CloseReason::refused);
  EXPECT_EQ(told_, Told{"failed"});

  told_.clear();
  connect_and_negotiate();
  ask_for_metadata("first");
  channel_.reset();
  runtime_.advance(seconds(1000));
  EXPECT_EQ(told_, Told{});
}

}  // namespace
}  // namespace acklab::protocol

#include "broker/controller/controller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "protocol/messages/broker_heartbeat.h"
#include "protocol/wire/framer.h"
#include "protocol/wire/header.h"
#include "tests/broker/controller_fixtures.h"
#include "tests/broker/controller_world.h"

namespace acklab::broker {
namespace {

using protocol::ChannelFault;
using protocol::Direction;
using protocol::Duration;
using protocol::ErrorCode;
using protocol::Event;
using protocol::NodeId;
using protocol::Slice;
using protocol::Time;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;

TEST(ControllerInTheSimulator, ThreeBrokersRegisterAndAreUnfenced) {
  ControllerWorld cluster;

  cluster.start(3);

  ASSERT_TRUE(cluster.until([&] { return cluster.all_know_usable({0, 1, 2}); }));
  EXPECT_EQ(cluster.noted(Event::registered).size(), 3U);
  EXPECT_EQ(cluster.noted(Event::unfenced).size(), 3U);
  EXPECT_TRUE(cluster.images_agree());
  for (int id = 0; id < 3; ++id) {
    const auto& registration = cluster.image(0).brokers.at({id});
    EXPECT_EQ(cluster.link(id).broker_epoch(), registration.epoch);
    EXPECT_EQ(registration.address, (protocol::Address{"broker-" + std::to_string(id), 9092}));
    EXPECT_GT(cluster.changes(id), 0);
  }
  // A heartbeat interval would have passed if the brokers had waited for their turn to say that they are caught up.
  EXPECT_LT(cluster.world().now(), Time(cluster.config().heartbeat_interval));
}

TEST(ControllerInTheSimulator, BrokersThatComeFirstWaitForTheController) {
  ControllerWorld cluster;
  for (int id = 0; id < 3; ++id) cluster.start_broker(id);
  cluster.world().run_for(seconds(5));

  cluster.start_controller();

  EXPECT_TRUE(cluster.until([&] { return cluster.all_know_usable({0, 1, 2}); }));
}

TEST(ControllerInTheSimulator, ACreatedTopicReachesAllImages) {
  ControllerWorld cluster;
  cluster.start(3);
  cluster.until([&] { return cluster.all_know_usable({0, 1, 2}); });

  const auto answer = cluster.create_topic(1, "orders", 2, 3);

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->topics[0].error_code, ErrorCode::none);
  for (int id = 0; id < 3; ++id) {
    ASSERT_TRUE(cluster.until([&] { return cluster.image(id).find({"orders", 1}) != nullptr; }));
    EXPECT_EQ(*cluster.image(id).find({"orders", 0}), partition({0, 1, 2}, 0, 0, 0, {0, 1, 2}));
    EXPECT_EQ(cluster.image(id).find_topic("orders")->id, answer->topics[0].topic_id);
  }
  const auto elected = cluster.noted(Event::elected);
  ASSERT_EQ(elected.size(), 2U);
  EXPECT_EQ(elected[0].peer, NodeId::broker({0}));
  EXPECT_EQ(cluster.world().journal().topic_name(elected[0].topic), "orders");
}

TEST(ControllerInTheSimulator, ASilentBrokerIsFencedAfterItsSessionAndItsPartitionsMove) {
  ControllerWorld cluster;
  cluster.start(3);
  cluster.until([&] { return cluster.all_know_usable({0, 1, 2}); });
  cluster.create_topic(1, "orders", 1, 3);
  const Time died = cluster.world().now();

  cluster.world().power_off(cluster.node(0));

  ASSERT_TRUE(cluster.until([&] { return cluster.all_know_usable({1, 2}); }));
  EXPECT_EQ(*cluster.image(1).find({"orders", 0}), partition({1, 2}, 1, 1, 1));
  const auto fenced = cluster.noted(Event::fenced);
  ASSERT_EQ(fenced.size(), 1U);
  EXPECT_EQ(fenced[0].peer, NodeId::broker({0}));
  EXPECT_GT(fenced[0].at, died + cluster.config().session_timeout - cluster.config().heartbeat_interval - milliseconds(100));
  EXPECT_LE(fenced[0].at, died + cluster.config().session_timeout);
}

TEST(ControllerInTheSimulator, ARestartedBrokerComesBackUnderANewEpochWhenItsOldSessionHasEnded) {
  ControllerWorld cluster;
  cluster.start(2);
  cluster.until([&] { return cluster.all_know_usable({0, 1}); });
  const BrokerEpoch before = cluster.link(0).broker_epoch();

  cluster.world().kill(cluster.node(0));
  cluster.start_broker(0);

  ASSERT_TRUE(cluster.until([&] { return cluster.all_know_usable({1}); }));
  ASSERT_TRUE(cluster.until([&] { return cluster.all_know_usable({0, 1}); }));
  EXPECT_GT(cluster.link(0).broker_epoch(), before);
}

// The old records say that broker 0 leads. If its new incarnation took that up, it would do so with whatever its disk kept.
TEST(ControllerInTheSimulator, ARestartedBrokerHearsOfNothingBeforeItsOwnRegistration) {
  ControllerWorld cluster;
  cluster.start(2);
  cluster.until([&] { return cluster.all_know_usable({0, 1}); });
  cluster.create_topic(0, "orders", 1, 2);
  cluster.world().kill(cluster.node(0));
  cluster.start_broker(0);
  const int before = cluster.changes(0);

  ASSERT_TRUE(cluster.until([&] { return cluster.image(0).find({"orders", 0}) != nullptr; }));
  EXPECT_EQ(cluster.image(0).find({"orders", 0})->leader, BrokerId{0});
  EXPECT_EQ(cluster.changes(0), before);
  ASSERT_TRUE(cluster.until([&] { return cluster.changes(0) > before; }));

  EXPECT_EQ(cluster.image(0).find({"orders", 0})->leader, BrokerId{1});
  EXPECT_TRUE(cluster.link(0).broker_epoch().known());
}

TEST(ControllerInTheSimulator, ABrokerThatWasCutOffIsFencedAndComesBackInItsOldSession) {
  ControllerWorld cluster;
  cluster.start(3);
  cluster.until([&] { return cluster.all_know_usable({0, 1, 2}); });
  cluster.create_topic(1, "orders", 1, 3);
  cluster.create_topic(1, "alone", 1, 1);  // on broker 1
  const BrokerEpoch epoch = cluster.link(1).broker_epoch();

  cluster.world().cut(cluster.node(1), cluster.controller(), Direction::both);
  ASSERT_TRUE(cluster.until([&] { return !cluster.image(0).usable({1}); }));
  EXPECT_EQ(cluster.image(0).find({"alone", 0})->leader, BrokerId{});
  EXPECT_TRUE(cluster.image(1).usable({1})) << "nobody could tell it";
  cluster.world().heal(cluster.node(1), cluster.controller(), Direction::both);

  ASSERT_TRUE(cluster.until([&] { return cluster.all_know_usable({0, 1, 2}); }));
  EXPECT_EQ(cluster.link(1).broker_epoch(), epoch);
  EXPECT_EQ(cluster.image(0).find({"alone", 0})->leader, BrokerId{1});
  EXPECT_EQ(cluster.image(0).find({"alone", 0})->leader_epoch, LeaderEpoch{2});
  EXPECT_EQ(cluster.image(0).find({"orders", 0})->isr, brokers({0, 2})) << "only its leader can take it back";
}

TEST(ControllerInTheSimulator, AnIsrChangeIsAnsweredAndReachesAllImages) {
  ControllerWorld cluster;
  cluster.start(3);
  cluster.until([&] { return cluster.all_know_usable({0, 1, 2}); });
  protocol::AlterPartitionRequest request;
  request.topics.push_back({cluster.create_topic(0, "orders", 1, 3)->topics[0].topic_id, {}});
  auto& change = request.topics[0].partitions.emplace_back();
  change.new_isr_with_epochs = {{0, cluster.link(0).broker_epoch().value}, {2, cluster.link(2).broker_epoch().value}};
  const auto propose = [&] {
    return cluster.ask<protocol::AlterPartitionResponse>(
        0, [&](ControllerLink& link, auto completion) { link.alter_partition(request, std::move(completion)); });
  };

  const auto first = propose();
  const auto repeated = propose();

  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->topics[0].partitions[0].error_code, ErrorCode::none);
  EXPECT_EQ(first->topics[0].partitions[0].partition_epoch, 1);
  EXPECT_EQ(repeated->topics[0].partitions[0].error_code, ErrorCode::invalid_update_version);
  for (int id = 0; id < 3; ++id) {
    EXPECT_TRUE(cluster.until([&] { return *cluster.image(id).find({"orders", 0}) == partition({0, 2}, 0, 0, 1); }));
  }
  EXPECT_EQ(cluster.noted(Event::isr_changed).size(), 1U);
}

TEST(ControllerInTheSimulator, ProducerIdsAreNeverGivenTwiceNotEvenAcrossARestart) {
  ControllerWorld cluster;
  cluster.start(2);
  cluster.until([&] { return cluster.all_know_usable({0, 1}); });
  const auto allocate = [&](int broker) {
    return cluster.ask<protocol::AllocateProducerIdsResponse>(
        broker, [](ControllerLink& link, auto completion) { link.allocate_producer_ids(std::move(completion)); });
  };

  const auto first = allocate(0);
  const auto second = allocate(1);
  cluster.power_loss();
  cluster.start_controller();
  ASSERT_TRUE(cluster.all_learn_of_a_new_topic("ping"));
  const auto third = allocate(0);

  EXPECT_EQ(first->producer_id_start, 0);
  EXPECT_EQ(second->producer_id_start, 1000);
  EXPECT_EQ(third->producer_id_start, 2000);
}

// Power is lost after a number of events that differs from seed to seed, so in all places of the requests' way.
TEST(ControllerInTheSimulator, WhatWasAnsweredSurvivesThePowerLossOfTheController) {
  int lost_answers = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    ControllerWorld cluster(seed);
    cluster.start(3);
    ASSERT_TRUE(cluster.until([&] { return cluster.all_know_usable({0, 1, 2}); }));
    std::set<std::string> answered;
    int outstanding = 0;
    cluster.world().ask(cluster.node(0), [&] {
      for (int i = 0; i < 20; ++i) {
        ++outstanding;
        const std::string name = "t" + std::to_string(i);
        protocol::CreateTopicsRequest request;
        request.topics = {{name, 1, 3, {}, {}}};
        cluster.link(0).forward<protocol::CreateTopicsRequest, protocol::CreateTopicsResponse>(request,
                                                                                               [&, name](const auto& answer) {
                                                                                                 --outstanding;
                                                                                                 if (answer)
                                                                                                   answered.insert(name);
                                                                                               });
      }
    });
    for (std::uint64_t event = 0; event < seed * 2; ++event) cluster.world().step();

    cluster.power_loss();
    cluster.world().run_for(milliseconds(200));
    cluster.start_controller();

    ASSERT_TRUE(cluster.until([&] { return outstanding == 0; })) << seed;
    ASSERT_TRUE(cluster.all_learn_of_a_new_topic("after")) << seed;
    ASSERT_TRUE(cluster.until([&] { return cluster.images_agree(); })) << seed;
    EXPECT_EQ(cluster.image(0).controller_epoch, 1) << seed;
    for (const std::string& name : answered) EXPECT_NE(cluster.image(0).find_topic(name), nullptr) << seed << " " << name;
    EXPECT_TRUE(cluster.all_know_usable({0, 1, 2})) << "brokers had a fresh session, seed " << seed;
    lost_answers += static_cast<int>(20 - answered.size());
  }
  EXPECT_GT(lost_answers, 0) << "no run lost power in the middle";
}

// The n-th call of the disk, for every n until a run does not get so far, fails or is the controller's last.
TEST(ControllerInTheSimulator, WhatWasAnsweredSurvivesWhicheverDiskCallFailsOrIsTheLast) {
  using Extent = storage::SimDisk::Mishap::Extent;
  enum class End { failure, power_loss };
  for (const End end : {End::failure, End::power_loss}) {
    for (const Extent extent : {Extent::nothing, Extent::part, Extent::all}) {
      for (int n = 1;; ++n) {
        const std::string place = "call " + std::to_string(n) + ", end " + std::to_string(static_cast<int>(end)) + ", extent " +
                                  std::to_string(static_cast<int>(extent));
        ControllerWorld cluster;
        const std::function<void()> crash = [&] {
          cluster.disk().power_loss();
          cluster.world().power_off(cluster.controller());
        };
        cluster.disk().go_wrong({.nth = n, .extent = extent, .crash = end == End::failure ? nullptr : crash});
        cluster.start_controller();
        for (int id = 0; id < 3; ++id) cluster.start_broker(id);
        cluster.until([&] { return cluster.all_know_usable({0, 1, 2}); }, seconds(1));
        std::set<std::string> answered;
        cluster.world().ask(cluster.node(0), [&] {
          for (const std::string name : {"a", "b", "c"}) {
            protocol::CreateTopicsRequest request;
            request.topics = {{name, 2, 1, {}, {}}};
            cluster.link(0).forward<protocol::CreateTopicsRequest, protocol::CreateTopicsResponse>(
                request, [&answered, name](const auto& answer) {
                  if (answer && answer->topics[0].error_code == ErrorCode::none) answered.insert(name);
                });
          }
        });
        cluster.world().run_for(seconds(1));
        const bool reached = cluster.disk().calls() >= n;

        if (cluster.world().alive(cluster.controller())) crash();
        cluster.disk().mend();
        cluster.disk().revive();
        cluster.start_controller();

        ASSERT_TRUE(cluster.all_learn_of_a_new_topic("after")) << place;
        ASSERT_TRUE(cluster.until([&] { return cluster.all_know_usable({0, 1, 2}) && cluster.images_agree(); })) << place;
        for (const std::string& name : answered) EXPECT_NE(cluster.image(1).find_topic(name), nullptr) << place << " " << name;
        if (!reached) {
          EXPECT_EQ(answered.size(), 3U);
          EXPECT_GT(n, 20);
          break;
        }
      }
    }
  }
}

TEST(ControllerInTheSimulator, AFormerControllerIsNotBelieved) {
  ControllerWorld cluster;
  cluster.start(2);
  cluster.until([&] { return cluster.all_know_usable({0, 1}); });
  cluster.kill_controller();
  cluster.start_controller();
  ASSERT_TRUE(cluster.all_learn_of_a_new_topic("orders"));
  const MetadataImage before = cluster.image(1);

  cluster.kill_controller();
  storage::SimDisk other_disk(protocol::Random(5));
  cluster.start_controller(other_disk);  // it takes itself for the first one
  cluster.world().run_for(seconds(5));
  EXPECT_EQ(cluster.image(1), before);
  cluster.world().kill(cluster.controller());
  cluster.start_controller();

  EXPECT_TRUE(cluster.all_learn_of_a_new_topic("again"));
  EXPECT_TRUE(cluster.until([&] { return cluster.images_agree(); }));
}

TEST(ControllerInTheSimulator, TheSameSeedGivesTheSameTrace) {
  const auto trace = [](std::uint64_t seed) {
    ControllerWorld cluster(seed);
    cluster.start(3);
    cluster.world().run_for(seconds(1));
    cluster.create_topic(0, "orders", 3, 3);
    cluster.world().kill(cluster.node(2));
    cluster.world().run_for(seconds(5));
    return cluster.world().journal().trace_hash();
  };

  EXPECT_EQ(trace(7), trace(7));
  EXPECT_NE(trace(7), trace(8));
}

// A client of the controller's listener that sends raw bytes.
class RawClient final : public protocol::Process {
 public:
  RawClient(protocol::Runtime& runtime, const protocol::Address& address) : connection_(runtime.connect(address)) {
    connection_->on({.opened = nullptr,
                     .received = [this](Slice bytes) { framer_.feed(std::move(bytes)); },
                     .closed = [this](protocol::CloseReason) { closed = true; }});
  }

  void send(const protocol::Bytes& bytes) { connection_->send(bytes); }
  // The correlation id of the next answer; -1 if there is none.
  std::int32_t next_answer() {
    const auto frame = framer_.next();
    if (!frame || !*frame) return -1;
    return protocol::parse_response(**frame, BrokerHeartbeatKey, true)->correlation_id;
  }

  bool closed = false;

 private:
  static constexpr std::int16_t BrokerHeartbeatKey = 63;

  std::unique_ptr<protocol::Connection> connection_;
  protocol::Framer framer_{1u << 20};
};

class RawRequests : public testing::Test {
 protected:
  void SetUp() override {
    cluster.start(1);
    cluster.until([&] { return cluster.all_know_usable({0}); });
    connect();
  }
  void connect() {
    if (cluster.world().alive(NodeId::client(0))) cluster.world().kill(NodeId::client(0));
    cluster.world().start(NodeId::client(0), [this](protocol::Runtime& runtime) {
      auto process = std::make_unique<RawClient>(runtime, cluster.controller_address());
      client = process.get();
      return process;
    });
  }
  void send(const protocol::Bytes& bytes) {
    cluster.world().ask(NodeId::client(0), [&] { client->send(bytes); });
  }

  ControllerWorld cluster;
  RawClient* client = nullptr;
};

TEST_F(RawRequests, WhatCannotBeUnderstoodClosesTheConnectionAndNothingElse) {
  using protocol::request_header;
  const auto bytes = [](std::initializer_list<int> values) {
    std::string text;
    for (const int value : values) text.push_back(static_cast<char>(value));
    return protocol::Bytes(Slice::copy_of(text));
  };
  const auto frame = [&](const std::string& header, std::initializer_list<int> body) {
    protocol::Bytes whole = bytes({0, 0, 0, static_cast<int>(header.size() + body.size())});
    whole.append(Slice::copy_of(header));
    whole.append(bytes(body));
    return whole;
  };
  const std::vector<protocol::Bytes> nonsense = {
      bytes({255, 255, 255, 255}),   // a frame of size -1
      bytes({127, 255, 255, 255}),   // of two gigabytes
      bytes({0, 0, 0, 0}),           // without a header
      bytes({0, 0, 0, 3, 1, 2, 3}),  // with half of one
      protocol::request_frame(protocol::CreateTopicsRequest(), 7, 1, "x").flatten().part(0, 12),
      frame(request_header(4711, 0, true, 1, "x"), {}),    // an API that nobody knows
      frame(request_header(3, 0, false, 1, "x"), {}),      // one that the controller does not serve
      frame(request_header(63, 9, true, 1, "x"), {}),      // a version that does not exist
      frame(request_header(63, 0, true, 1, "x"), {1, 2}),  // a body cut short
  };
  for (std::size_t i = 0; i < nonsense.size(); ++i) {
    connect();
    send(nonsense[i]);
    cluster.world().run_for(seconds(1));
    EXPECT_EQ(client->closed, i != 4) << i;  // a frame that has not ended is waited for
    EXPECT_EQ(client->next_answer(), -1) << i;
  }
  EXPECT_TRUE(cluster.create_topic(0, "orders", 1, 1).has_value());
}

TEST_F(RawRequests, RequestsOfOneConnectionAreAnsweredInOrderEvenWhenTheFirstWaits) {
  MetadataFetchRequest poll;
  poll.from_offset = cluster.image(0).offset.value;
  poll.max_wait_ms = 2000;
  protocol::Bytes bytes = protocol::request_frame(poll, 0, 11, "x");
  bytes.append(protocol::request_frame(protocol::BrokerHeartbeatRequest(), 0, 12, "x"));
  bytes.append(protocol::request_frame(protocol::BrokerHeartbeatRequest(), 1, 13, "x"));
  const Time asked = cluster.world().now();

  send(bytes);

  cluster.world().run_for(seconds(1));
  EXPECT_EQ(client->next_answer(), -1);
  cluster.until([&] { return cluster.world().now() > asked + milliseconds(2100); });
  EXPECT_EQ(client->next_answer(), 11);
  EXPECT_EQ(client->next_answer(), 12);
  EXPECT_EQ(client->next_answer(), 13);
}

}  // namespace
}  // namespace acklab::broker

// Records that must wait or cannot be sent, and applications that call back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/producer/producer_bench.h"

namespace acklab::producer {
namespace {

using namespace std::chrono_literals;
using protocol::ErrorCode;
using protocol::Event;
using protocol::Offset;
using protocol::Sequence;
using protocol::Time;
using testing::Each;
using testing::ElementsAre;
using Kind = Outcome::Kind;

TEST(Producer, AnUnknownTopicIsWaitedForUntilMaxBlock) {
  ScriptedCluster cluster;
  cluster.configure({{"max.block.ms", "2000"}});

  cluster.send("a", "nowhere");
  cluster.send("b", "later");
  cluster.run_for(1s);
  cluster.add_topic("later");
  ASSERT_TRUE(cluster.run_until_all_told(5s));

  EXPECT_EQ(cluster.told[0].outcome.kind, Kind::failed);
  EXPECT_EQ(cluster.told[0].outcome.code, ErrorCode::request_timed_out);
  EXPECT_EQ(cluster.told[0].outcome.latency, 2000ms);
  EXPECT_EQ(cluster.told[1].outcome.kind, Kind::acked);
}

TEST(Producer, ATopicThatTheBrokerMakesIsWaitedFor) {
  ScriptedCluster cluster;
  cluster.state.auto_create = true;

  cluster.send("a", "new");
  ASSERT_TRUE(cluster.run_until_all_told(2s));

  EXPECT_EQ(cluster.told[0].outcome.kind, Kind::acked);
}

TEST(Producer, WhatCanNeverBeSentFailsAtOnce) {
  struct Case {
    ProducerRecord record;
    ErrorCode code;
  };
  const std::vector<Case> cases = {
      {{.topic = "a/b", .partition = {}, .key = {}, .value = "v", .headers = {}}, ErrorCode::invalid_topic_exception},
      {{.topic = "orders", .partition = -1, .key = {}, .value = "v", .headers = {}}, ErrorCode::invalid_partitions},
      {{.topic = "orders", .partition = {}, .key = {}, .value = std::string(1048576, 'x'), .headers = {}},
       ErrorCode::message_too_large},
  };
  Bench bench;
  for (const Case& c : cases) bench.send(c.record);

  ASSERT_TRUE(bench.run_until_all_told(1s));

  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(bench.told[i].outcome.kind, Kind::failed);
    EXPECT_EQ(bench.told[i].outcome.code, cases[i].code);
    EXPECT_EQ(bench.told[i].outcome.attempts, 0);
  }
  std::vector<std::string> topics;
  for (const protocol::Entry& entry : bench.journal(Event::failed))
    topics.push_back(bench.world.journal().topic_name(entry.topic));
  EXPECT_THAT(topics, testing::UnorderedElementsAre("a/b", "orders", "orders"));
}

TEST(Producer, APartitionThatDoesNotExistIsWaitedForUntilMaxBlock) {
  Bench bench(Settings{{"max.block.ms", "1000"}});

  bench.send({.topic = "orders", .partition = 7, .key = {}, .value = "v", .headers = {}});
  ASSERT_TRUE(bench.run_until_all_told(5s));

  EXPECT_EQ(bench.told[0].outcome.kind, Kind::failed);
  EXPECT_EQ(bench.told[0].outcome.latency, 1000ms);
}

TEST(Producer, ARecordWithoutRoomWaitsForItAndKeepsItsPlace) {
  Bench bench(Settings{{"batch.size", "1000"}, {"buffer.memory", "5000"}});
  bench.state.script = [](const SeenBatch&) { return Reaction{.delay = 20ms}; };

  for (int i = 0; i < 100; ++i) bench.send(std::to_string(i) + std::string(300, ' '));
  ASSERT_TRUE(bench.run_until_all_told(60s));

  EXPECT_THAT(bench.kinds(), Each(Kind::acked));
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(std::stoul(bench.partition("orders").values.at(i)), i);
}

TEST(Producer, ARecordThatFindsNoRoomInMaxBlockFails) {
  Bench bench(Settings{{"batch.size", "1000"}, {"buffer.memory", "2000"}, {"max.block.ms", "500"}});
  bench.state.script = [](const SeenBatch&) { return Reaction{.delay = 5s}; };

  for (int i = 0; i < 3; ++i) bench.send(std::string(900, 'x'));
  ASSERT_TRUE(bench.run_until_all_told(60s));

  EXPECT_THAT(bench.kinds(), ElementsAre(Kind::acked, Kind::acked, Kind::failed));
  EXPECT_EQ(bench.told[2].outcome.code, ErrorCode::request_timed_out);
  EXPECT_EQ(bench.told[2].at, bench.began + 500ms);
}

TEST(Producer, ARequestTakesOneBatchOfEachPartitionUpToItsSize) {
  Bench bench(with(one_record_batches, {{"max.request.size", "2500"}}), 1, 4);
  for (int round = 0; round < 2; ++round) {
    for (int p = 0; p < 4; ++p) {
      bench.send({.topic = "orders", .partition = p, .key = {}, .value = std::string(1000, 'x'), .headers = {}});
    }
  }
  ASSERT_TRUE(bench.run_until_all_told(5s));

  std::map<std::size_t, std::vector<std::int32_t>> requests;
  for (const SeenBatch& batch : bench.state.seen) requests[batch.request].push_back(batch.partition.partition);
  std::vector<std::vector<std::int32_t>> partitions;
  for (const auto& [request, of] : requests) partitions.push_back(of);
  EXPECT_THAT(partitions, ElementsAre(ElementsAre(0, 1), ElementsAre(2, 3), ElementsAre(0, 1), ElementsAre(2, 3)));
}

TEST(Producer, AThrottledProducerKeepsQuietForThatLong) {
  Bench bench(Settings{{"linger.ms", "0"}});
  bench.state.throttle_ms = 700;
  bench.send("a");
  ASSERT_TRUE(bench.run_until_all_told(1s));
  const Time told = bench.told[0].at;

  bench.send("b");
  ASSERT_TRUE(bench.run_until_all_told(2s));

  EXPECT_EQ(bench.journal(Event::sent).back().at, told + 700ms);
}

TEST(Producer, AnIdempotentProducerThatGetsNoIdentityFailsItsRecords) {
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  cluster.state.identity_code = ErrorCode::cluster_authorization_failed;

  cluster.send("a");
  ASSERT_TRUE(cluster.run_until_all_told(5s));
  cluster.send("b");
  ASSERT_TRUE(cluster.run_until_all_told(5s));

  for (const Told& told : cluster.told) {
    EXPECT_EQ(told.outcome.kind, Kind::failed);
    EXPECT_EQ(told.outcome.code, ErrorCode::cluster_authorization_failed);
  }
  EXPECT_TRUE(cluster.state.seen.empty());
}

TEST(Producer, AnIdentityIsAskedForAgainIfItIsNotToBeHadYet) {
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  cluster.state.identity_code = ErrorCode::coordinator_load_in_progress;
  cluster.send("a");
  cluster.run_for(2s);
  EXPECT_GT(cluster.state.identity_requests, 2u);

  cluster.state.identity_code = ErrorCode::none;
  ASSERT_TRUE(cluster.run_until_all_told(5s));

  EXPECT_EQ(cluster.told[0].outcome.kind, Kind::acked);
}

TEST(Producer, TheJournalTellsTheLifeOfABatch) {
  Bench bench;
  const std::size_t before = bench.world.journal().entries().size();
  bench.state.script = [](const SeenBatch& batch) {
    return batch.number == 1 ? refuse(ErrorCode::not_enough_replicas) : Reaction{};
  };

  bench.send_many(3);
  ASSERT_TRUE(bench.run_until_all_told(5s));

  std::vector<protocol::Entry> life;
  for (const protocol::Entry& entry : bench.world.journal().entries().subspan(before)) {
    if (entry.node == ScriptedCluster::client) life.push_back(entry);
  }
  std::vector<Event> events;
  for (const protocol::Entry& entry : life) events.push_back(entry.event);
  ASSERT_THAT(events,
              ElementsAre(Event::queued, Event::batched, Event::queued, Event::batched, Event::queued, Event::batched,
                          Event::sealed, Event::drained, Event::sent, Event::retried, Event::drained, Event::sent, Event::acked));
  for (const protocol::Entry& entry : life) {
    EXPECT_NE(entry.topic, 0);
    if (entry.event == Event::queued) continue;
    EXPECT_EQ(entry.batch, life.back().batch);
    EXPECT_EQ(entry.partition, 0);
    EXPECT_EQ(entry.count, entry.event == Event::batched ? 1 : 3);
  }
  EXPECT_EQ(life[6].cause, protocol::Cause::linger);
  EXPECT_EQ(life[7].sequence, Sequence{1});
  EXPECT_EQ(life[8].sequence, Sequence{1});
  EXPECT_EQ(life[8].peer, protocol::NodeId::broker({0}));
  EXPECT_NE(life[8].connection, 0u);
  EXPECT_EQ(life[9].code, ErrorCode::not_enough_replicas);
  EXPECT_GE(life[9].pause, 80ms);
  EXPECT_GT(life[11].correlation, life[8].correlation);
  EXPECT_EQ(life[12].offset, Offset{0});
}

// An application that behaves badly in its callbacks.
struct Rascal final : protocol::Process {
  Rascal(protocol::Runtime& runtime, const protocol::Address& broker)
      : producer(std::make_unique<Producer>(runtime, std::vector{broker}, ProducerConfig::from({}).value())) {}

  void send(Producer::Callback callback) {
    producer->send(ProducerRecord{.topic = "orders", .partition = {}, .key = {}, .value = "v", .headers = {}},
                   std::move(callback));
  }
  std::unique_ptr<Producer> producer;
};

TEST(Producer, ACallbackMaySendAgain) {
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  Rascal& rascal = cluster.start_client<Rascal>();
  int told = 0;
  std::function<void(const Outcome&)> again = [&](const Outcome&) {
    if (++told < 10) rascal.send(again);
  };

  cluster.world.ask(ScriptedCluster::client, [&] { rascal.send(again); });
  cluster.run_for(5s);

  EXPECT_EQ(told, 10);
}

TEST(Producer, ACallbackMayDestroyTheProducer) {
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  Rascal& rascal = cluster.start_client<Rascal>();
  int told = 0;

  cluster.world.ask(ScriptedCluster::client, [&] {
    for (int i = 0; i < 5; ++i) {
      rascal.send([&](const Outcome&) {
        ++told;
        rascal.producer.reset();
      });
    }
  });
  cluster.run_for(5s);

  EXPECT_EQ(told, 1) << "the others were dropped with the producer";
}

}  // namespace
}  // namespace acklab::producer

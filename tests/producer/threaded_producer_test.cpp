// The producer for many threads, over sockets, against a cluster in the same process.
#include "producer/threaded_producer.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "broker/cluster.h"
#include "protocol/runtime/asio_world.h"

namespace acklab::producer {
namespace {

using namespace std::chrono_literals;
using protocol::ErrorCode;
using protocol::NodeId;
using Kind = Outcome::Kind;

constexpr NodeId client = NodeId::client(0);
// Where nobody listens.
const std::vector<protocol::Address> nowhere{{"127.0.0.1", 1}};

struct Bench {
  Bench() : cluster(world, {.brokers = 1, .port = 0}) { CHECK(cluster.start()); }
  ~Bench() { cluster.stop(); }

  protocol::AsioWorld world;
  broker::Cluster cluster;
};

ProducerConfig config(const Settings& settings) { return ProducerConfig::from(settings).value(); }

ProducerRecordView record(std::string_view value) {
  ProducerRecordView view;
  view.topic = "orders";
  view.partition = 0;
  view.value = value;
  return view;
}

TEST(ThreadedProducer, RecordsOfManyThreadsAreAllDeliveredEachThreadsInItsOrder) {
  constexpr int threads = 4;
  constexpr int each = 5000;
  Bench bench;
  ThreadedProducer producer(bench.world, client, bench.cluster.bootstrap(), config({{"buffer.memory", "200000"}}));
  std::array<std::vector<std::int64_t>, threads> offsets;  // each written on the node's thread alone

  std::vector<std::thread> applications;
  for (std::size_t i = 0; i < threads; ++i) {
    applications.emplace_back([&producer, &mine = offsets[i]] {
      const std::string value(100, 'v');
      for (int sent = 0; sent < each; ++sent) {
        EXPECT_TRUE(producer.send(record(value), [&mine](const Outcome& outcome) {
          if (outcome.kind == Kind::acked) mine.push_back(outcome.offset.value);
        }));
      }
    });
  }
  for (std::thread& application : applications) application.join();
  EXPECT_EQ(producer.close(60s), 0u);

  std::vector<std::int64_t> all;
  for (const auto& mine : offsets) {
    EXPECT_EQ(mine.size(), static_cast<std::size_t>(each));
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    all.insert(all.end(), mine.begin(), mine.end());
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
  EXPECT_EQ(producer.metrics().records_sent, threads * each);
}

TEST(ThreadedProducer, WhatARecordCarriesIsTakenWholeOneAfterTheOther) {
  Bench bench;
  ThreadedProducer producer(bench.world, client, bench.cluster.bootstrap(), config({}));
  const std::array<ProducerRecordView::Header, 2> headers{{{"h", "x"}, {"n", std::nullopt}}};
  ProducerRecordView full = record("value");
  full.key = "key";
  full.headers = headers;
  full.timestamp = 1700000000000;
  ProducerRecordView bare = record("");
  bare.value = std::nullopt;

  const Outcome first = producer.send_and_wait(full);
  const Outcome second = producer.send_and_wait(bare);

  EXPECT_EQ(first.kind, Kind::acked);
  EXPECT_EQ(second.kind, Kind::acked);
  EXPECT_EQ(second.offset, first.offset + 1);
  EXPECT_GT(first.latency, Duration::zero());
}

TEST(ThreadedProducer, ASendThatFindsNoRoomWaitsAndThenSaysSo) {
  protocol::AsioWorld world;
  ThreadedProducer producer(world, client, nowhere, config({{"max.block.ms", "50"}}));
  world.pause(client);  // so that nothing leaves the intake
  const std::string value(50'000, 'v');

  std::size_t taken = 0;
  Result<void, ThreadedProducer::Refusal> last;
  while ((last = producer.send(record(value), nullptr))) ++taken;

  EXPECT_EQ(last.error(), ThreadedProducer::Refusal::no_room);
  EXPECT_LT(taken * value.size(), ThreadedProducer::max_intake + value.size());
  world.resume(client);
}

TEST(ThreadedProducer, CloseSaysHowManyRecordsHaveNoOutcomeAndTheirFuturesSayUnknown) {
  protocol::AsioWorld world;
  std::future<Outcome> future;
  {
    ThreadedProducer producer(world, client, nowhere, config({}));
    future = producer.send(record("one"));
    ASSERT_TRUE(producer.send(record("two"), nullptr));

    EXPECT_EQ(producer.close(1ms), 2u);

    EXPECT_EQ(producer.send(record("three"), nullptr).error(), ThreadedProducer::Refusal::closed);
    EXPECT_EQ(producer.close(1ms), 0u);
  }

  EXPECT_EQ(future.get().kind, Kind::unknown);
}

TEST(ThreadedProducer, ACallbackMaySend) {
  Bench bench;
  ThreadedProducer producer(bench.world, client, bench.cluster.bootstrap(), config({}));
  std::promise<Outcome> answer;

  ASSERT_TRUE(producer.send(record("question"), [&](const Outcome&) {
    EXPECT_TRUE(producer.send(record("answer"), [&](const Outcome& outcome) { answer.set_value(outcome); }));
  }));

  EXPECT_EQ(answer.get_future().get().kind, Kind::acked);
}

TEST(ThreadedProducer, FlushDoesNotWaitForLinger) {
  Bench bench;
  ThreadedProducer producer(bench.world, client, bench.cluster.bootstrap(),
                            config({{"linger.ms", "3600000"}, {"delivery.timeout.ms", "7200000"}}));
  std::future<Outcome> outcome = producer.send(record("now"));

  EXPECT_EQ(producer.flush(60s), 0u);

  EXPECT_EQ(outcome.get().kind, Kind::acked);
}

TEST(ThreadedProducer, ARecordThatWasNotDeliveredCanBeReadFromTheErrorChannelAndOneThatWasCannot) {
  Bench bench;
  ThreadedProducer producer(bench.world, client, bench.cluster.bootstrap(), config({{"max.request.size", "1000"}}),
                            ThreadedProducer::Errors::kept);
  const std::string large(2000, 'v');
  ProducerRecordView undeliverable = record(large);
  undeliverable.key = "key";
  ASSERT_TRUE(producer.send(undeliverable, nullptr));
  ASSERT_TRUE(producer.send(record("small"), nullptr));

  const std::optional<UndeliveredRecord> first = producer.errors().next(60s);
  EXPECT_EQ(producer.close(60s), 0u);
  const std::optional<UndeliveredRecord> second = producer.errors().next(60s);

  ASSERT_TRUE(first);
  EXPECT_EQ(first->topic, "orders");
  EXPECT_EQ(first->partition, 0);
  EXPECT_EQ(first->key, "key");
  EXPECT_EQ(first->value, large);
  EXPECT_EQ(first->outcome.kind, Kind::failed);
  EXPECT_EQ(first->outcome.code, ErrorCode::message_too_large);
  EXPECT_FALSE(second);
}

TEST(ErrorChannel, WithoutAReaderItKeepsTheNewestAndCountsTheOthers) {
  ErrorChannel errors;
  const std::size_t too_many = 3;
  for (std::size_t i = 0; i < ErrorChannel::max_waiting + too_many; ++i) {
    UndeliveredRecord record;
    record.topic = std::to_string(i);
    errors.put(std::move(record));
  }

  EXPECT_EQ(errors.dropped(), too_many);
  EXPECT_EQ(errors.next(0s)->topic, std::to_string(too_many));
}

TEST(ErrorChannel, AReaderWaitsUntilItsDeadlineOrTheEnd) {
  ErrorChannel errors;
  EXPECT_FALSE(errors.next(1ms));

  std::thread closer([&] { errors.close(); });
  EXPECT_FALSE(errors.next(3600s));
  closer.join();
}

TEST(ThreadedProducer, ItsInterceptorsSeeEveryRecordOfEveryThread) {
  struct Counting final : Interceptor {
    explicit Counting(std::atomic<int>& its_seen) : seen(its_seen) {}
    void on_send(ProducerRecord&) override { ++seen; }
    std::atomic<int>& seen;
  };
  Bench bench;
  std::atomic<int> seen{0};
  ThreadedProducer producer(bench.world, client, bench.cluster.bootstrap(), config({}));
  producer.add_interceptor(std::make_unique<Counting>(seen));

  std::vector<std::thread> applications;
  for (int i = 0; i < 3; ++i) applications.emplace_back([&] { producer.send_and_wait(record("v")); });
  for (std::thread& application : applications) application.join();

  EXPECT_EQ(seen, 3);
}

}  // namespace
}  // namespace acklab::producer

// What interceptors may rely on (KIP-42), over scripted brokers.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/producer/scripted_broker.h"

namespace acklab::producer {
namespace {

using namespace std::chrono_literals;
using Kind = Outcome::Kind;

// Appends its name to every value, and writes down what it hears.
struct Signing final : Interceptor {
  Signing(std::string its_name, std::vector<std::string>& its_diary) : name(std::move(its_name)), diary(its_diary) {}

  void on_send(ProducerRecord& record) override { record.value = record.value.value_or("") + name; }
  void on_acknowledgement(std::string_view topic, const Outcome& outcome) override {
    diary.push_back(name + " heard of " + std::string(topic) + (outcome.kind == Kind::acked ? ": acked" : ": not acked"));
  }

  std::string name;
  std::vector<std::string>& diary;
};

TEST(Interceptors, EachSeesWhatTheOneBeforeMadeAndAllHearTheOutcomeBeforeTheCallback) {
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  std::vector<std::string> diary;
  cluster.producer().add_interceptor(std::make_unique<Signing>("a", diary));
  cluster.producer().add_interceptor(std::make_unique<Signing>("b", diary));

  cluster.world.ask(ScriptedCluster::client, [&] {
    ProducerRecord record;
    record.topic = "orders";
    record.value = "v";
    cluster.producer().send(record, [&](const Outcome&) { diary.push_back("callback"); });
  });
  ASSERT_TRUE(cluster.world.run_until([&] { return diary.size() == 3; }, cluster.world.now() + 10s));

  EXPECT_EQ(cluster.values_seen(), std::vector<std::string>{"vab"});
  EXPECT_EQ(diary, (std::vector<std::string>{"a heard of orders: acked", "b heard of orders: acked", "callback"}));
}

TEST(Interceptors, MayRerouteARecordAndGiveItHeaders) {
  struct Rerouting final : Interceptor {
    void on_send(ProducerRecord& record) override {
      record.topic = "audit";
      record.headers.push_back({"trace", "17"});
    }
  };
  ScriptedCluster cluster;
  cluster.add_topic("audit");
  cluster.producer().add_interceptor(std::make_unique<Rerouting>());

  cluster.send("v", "orders");
  ASSERT_TRUE(cluster.run_until_all_told(10s));

  EXPECT_EQ(cluster.told[0].outcome.kind, Kind::acked);
  EXPECT_EQ(cluster.partition("audit").values, std::vector<std::string>{"v"});
}

TEST(Interceptors, HearOfARecordThatWasRefusedAtOnce) {
  ScriptedCluster cluster;
  std::vector<std::string> diary;
  cluster.producer().add_interceptor(std::make_unique<Signing>("a", diary));

  cluster.send({.topic = "orders", .partition = -7, .key = {}, .value = "v", .headers = {}});
  ASSERT_TRUE(cluster.run_until_all_told(10s));

  EXPECT_EQ(diary, std::vector<std::string>{"a heard of orders: not acked"});
}

}  // namespace
}  // namespace acklab::producer

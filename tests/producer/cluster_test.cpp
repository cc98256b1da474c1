// The producer against real brokers in a simulated world.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tools/lab/experiment.h"

namespace acklab::producer {
namespace {

using namespace std::chrono_literals;
using broker::Fault;
using broker::Verb;
using protocol::ErrorCode;

const lab::Settings quick_to_notice = {{"broker.session.timeout.ms", "1500"}, {"broker.heartbeat.interval.ms", "300"}};
const lab::Settings patient = {{"delivery.timeout.ms", "60000"}, {"request.timeout.ms", "2000"}};

struct Cluster {
  explicit Cluster(std::uint64_t seed) : lab(lab::WorldKind::sim, config(seed)) {}

  static lab::ExperimentConfig config(std::uint64_t seed) {
    lab::ExperimentConfig config;
    config.brokers = 3;
    config.seed = seed;
    config.set = quick_to_notice;
    return config;
  }
  void topic(const std::string& min_isr, int partitions = 1) {
    lab::TopicOptions options;
    options.partitions = partitions;
    options.replicas = 3;
    options.set = {{"min.insync.replicas", min_isr}};
    lab.create_topic("orders", options);
  }
  void produce(int records, const lab::Settings& settings, double rate = 2000) {
    lab::ProduceOptions options;
    options.records = records;
    options.rate = rate;
    options.set = patient;
    for (const auto& [key, value] : settings) options.set[key] = value;
    lab.produce("orders", options);
  }

  // Faults that wait for a request meet one before check() drops them.
  lab::Verdict settle_and_check() {
    EXPECT_TRUE(lab.run_until_settled(120s));
    return lab.check();
  }

  lab::Experiment lab;
};

Fault produce_fault(Verb verb, std::int64_t nth, ErrorCode code = ErrorCode::none) {
  Fault fault;
  fault.id = "produce-" + std::to_string(nth);
  fault.verb = verb;
  fault.target.kind = broker::Target::Kind::leader;
  fault.target.partition = {"orders", 0};
  fault.request.partition = {"orders", 0};
  fault.request.nth = nth;
  fault.code = code;
  return fault;
}

TEST(ProducerInACluster, DeliversOnceAndInOrderWhileLeadersDie) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Cluster cluster(seed);
    cluster.topic("2", 2);
    cluster.produce(2000, {{"batch.size", "500"}});

    ASSERT_TRUE(cluster.lab.run_until_acked(300));
    cluster.lab.kill("leader:orders-0");
    ASSERT_TRUE(cluster.lab.run_until_acked(900));
    cluster.lab.restart("killed");
    cluster.lab.run_for(500ms);
    cluster.lab.kill("leader:orders-1");
    const lab::Verdict verdict = cluster.lab.check();

    EXPECT_EQ(verdict.records.acked, 2000) << "seed " << seed;
    EXPECT_TRUE(verdict.findings.empty()) << "seed " << seed << ": " << verdict.story();
  }
}

TEST(ProducerInACluster, ADroppedAnswerDuplicatesOnlyWithoutIdempotence) {
  for (const bool idempotent : {false, true}) {
    Cluster cluster(1);
    cluster.topic("1");
    cluster.lab.plan({produce_fault(Verb::drop_answer, 5)});
    cluster.produce(500, {{"enable.idempotence", idempotent ? "true" : "false"}});

    const lab::Verdict verdict = cluster.settle_and_check();

    EXPECT_EQ(verdict.records.acked, 500);
    EXPECT_EQ(verdict.records.duplicated > 0, !idempotent);
    EXPECT_EQ(verdict.faults.at(0).fired, 1);
  }
}

TEST(ProducerInACluster, FiveInFlightStayInOrderUnderRetriableErrors) {
  for (const ErrorCode code : {ErrorCode::not_enough_replicas, ErrorCode::not_leader_or_follower, ErrorCode::corrupt_message,
                               ErrorCode::unknown_topic_or_partition, ErrorCode::kafka_storage_error}) {
    Cluster cluster(3);
    cluster.topic("2");
    broker::FaultPlan plan;
    for (std::int64_t nth = 1; nth <= 61; nth += 7) plan.push_back(produce_fault(Verb::error_on_nth, nth, code));
    cluster.lab.plan(std::move(plan));
    cluster.produce(1000, {{"batch.size", "200"}, {"linger.ms", "0"}}, 0);

    const lab::Verdict verdict = cluster.settle_and_check();

    EXPECT_EQ(verdict.records.acked, 1000) << name(code);
    EXPECT_TRUE(verdict.findings.empty()) << name(code) << ": " << verdict.story();
    for (const lab::FaultCount& fault : verdict.faults) EXPECT_EQ(fault.fired, 1) << name(code) << " " << fault.id;
  }
}

TEST(ProducerInACluster, WhatItReportsFailedIsNeverInTheLog) {
  struct Case {
    Verb verb;
    ErrorCode code;
  };
  for (const auto& [verb, code] :
       {Case{Verb::drop_before_apply, ErrorCode::none}, Case{Verb::drop_after_append, ErrorCode::none},
        Case{Verb::drop_answer, ErrorCode::none}, Case{Verb::error_on_nth, ErrorCode::not_enough_replicas}}) {
    for (const std::string acks : {"1", "all"}) {
      Cluster cluster(5);
      cluster.topic("1");
      broker::FaultPlan plan;
      for (std::int64_t nth = 2; nth <= 40; nth += 5) plan.push_back(produce_fault(verb, nth, code));
      cluster.lab.plan(std::move(plan));
      cluster.produce(500, {{"acks", acks}, {"retries", "0"}, {"batch.size", "300"}, {"enable.idempotence", "false"}});

      const lab::Verdict verdict = cluster.settle_and_check();

      EXPECT_EQ(verdict.records.present.failed, 0) << name(verb) << " acks=" << acks;
      EXPECT_EQ(verdict.records.failed > 0, verb == Verb::error_on_nth) << name(verb) << " acks=" << acks;
      EXPECT_EQ(verdict.records.unknown > 0, verb != Verb::error_on_nth) << name(verb) << " acks=" << acks;
    }
  }
}

TEST(ProducerInACluster, SurvivesAClusterThatComesAndGoes) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Cluster cluster(seed);
    cluster.topic("2", 3);
    cluster.produce(3000, {{"batch.size", "400"}}, 1000);
    protocol::Random random(seed);
    for (int i = 0; i < 6; ++i) {
      cluster.lab.run_for(protocol::Duration(random.between(0, 700'000'000)));
      const std::string broker = "broker:" + std::to_string(random.below(3));
      const std::string client = "client:producer-0";
      switch (random.below(5)) {
        case 0:
          cluster.lab.kill(broker);
          cluster.lab.run_for(100ms);
          cluster.lab.restart(broker);
          break;
        case 1:
          cluster.lab.cut(broker, client);
          break;
        case 2:
          cluster.lab.cut(broker, "all");
          break;
        case 3:
          cluster.lab.stall(client, broker);
          break;
        default:
          cluster.lab.heal();
      }
    }
    const lab::Verdict verdict = cluster.lab.check();

    EXPECT_TRUE(verdict.findings.empty()) << "seed " << seed << ": " << verdict.story();
    EXPECT_EQ(verdict.records.acked + verdict.records.failed + verdict.records.unknown, 3000);
    EXPECT_GT(verdict.records.acked, 1500) << "seed " << seed;
  }
}

TEST(ProducerInACluster, TheSameSeedIsTheSameRun) {
  const auto run = [](std::uint64_t seed) {
    Cluster cluster(seed);
    cluster.topic("2", 2);
    cluster.produce(500, {});
    cluster.lab.run_for(100ms);
    cluster.lab.kill("leader:orders-1");
    return cluster.lab.check(lab::Tell::nothing).trace_hash;
  };

  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
}

}  // namespace
}  // namespace acklab::producer

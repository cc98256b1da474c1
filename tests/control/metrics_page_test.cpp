// What Prometheus reads.

#include "broker/control/metrics_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace acklab::broker {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::array<std::int16_t, 2> apis = {0, 1};

TEST(MetricsPage, ShowsWhatBrokersCountUnderKafkasNames) {
  BrokerMetrics broker(apis);
  ControllerMetrics controller;
  broker.messages_in.add(3);
  broker.leaders.set(2);
  broker.requests.at(0).count_request(9);
  broker.requests.at(0).count_error(protocol::ErrorCode::not_enough_replicas);
  broker.requests.at(0).total_time.observe(std::chrono::milliseconds(3));
  controller.leader_elections.add();
  ClusterReport cluster;
  cluster.brokers = {{.id = 0, .address = "a"}};
  cluster.partitions[{"orders", 0}] = {};

  const std::string page =
      metrics_page({{{{0}, &broker}}, &controller}, cluster, {{.verb = "kill", .fired = 1}, {.verb = "kill", .fired = 2}});

  EXPECT_THAT(page, HasSubstr("# TYPE kafka_server_brokertopicmetrics_messagesin_total counter\n"));
  EXPECT_THAT(page, HasSubstr("kafka_server_brokertopicmetrics_messagesin_total{broker=\"0\"} 3\n"));
  EXPECT_THAT(page, HasSubstr("kafka_server_replicamanager_leadercount{broker=\"0\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("kafka_network_requestmetrics_requests_total{broker=\"0\",request=\"Produce\",version=\"9\"} 1\n"));
  EXPECT_THAT(
      page,
      HasSubstr("kafka_network_requestmetrics_errors_total{broker=\"0\",request=\"Produce\",error=\"NOT_ENOUGH_REPLICAS\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("kafka_network_requestmetrics_totaltimems_bucket{broker=\"0\",request=\"Produce\",le=\"2\"} 0\n"));
  EXPECT_THAT(page, HasSubstr("kafka_network_requestmetrics_totaltimems_bucket{broker=\"0\",request=\"Produce\",le=\"5\"} 1\n"));
  EXPECT_THAT(page,
              HasSubstr("kafka_network_requestmetrics_totaltimems_bucket{broker=\"0\",request=\"Produce\",le=\"+Inf\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("kafka_network_requestmetrics_totaltimems_sum{broker=\"0\",request=\"Produce\"} 3\n"));
  EXPECT_THAT(page, HasSubstr("kafka_controller_kafkacontroller_offlinepartitionscount 1\n"));
  EXPECT_THAT(page, HasSubstr("kafka_controller_controllerstats_leaderelections_total 1\n"));
  EXPECT_THAT(page, HasSubstr("acklab_faults_fired_total{do=\"kill\"} 3\n"));
  EXPECT_THAT(page, Not(HasSubstr("request=\"Fetch\"")));
}

TEST(MetricsPage, ADeadBrokerKeepsItsCountersAndHasNoGauges) {
  BrokerMetrics broker(apis);
  ControllerMetrics controller;
  broker.messages_in.add(7);
  broker.leaders.set(1);
  ClusterReport cluster;
  cluster.brokers = {{.id = 0, .address = "a", .alive = false, .usable = false}};

  const std::string page = metrics_page({{{{0}, &broker}}, &controller}, cluster, {});

  EXPECT_THAT(page, HasSubstr("kafka_server_brokertopicmetrics_messagesin_total{broker=\"0\"} 7\n"));
  EXPECT_THAT(page, Not(HasSubstr("leadercount{")));
  EXPECT_THAT(page, HasSubstr("kafka_controller_kafkacontroller_fencedbrokercount 1\n"));
}

TEST(BrokerMetrics, WhatHasNoPlaceInATableIsNotCounted) {
  RequestMetrics metrics;

  metrics.count_request(-1);
  metrics.count_request(RequestMetrics::versions);
  metrics.count_error(static_cast<protocol::ErrorCode>(9999));
  metrics.count_error(protocol::ErrorCode::unknown_server_error);

  for (const Counter& counter : metrics.requests) EXPECT_EQ(counter.value(), 0);
  EXPECT_EQ(metrics.errors.front().value(), 1);
}

}  // namespace
}  // namespace acklab::broker

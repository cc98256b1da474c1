// One broker, one topic: enough for everything that concerns a single connection.
#pragma once

#include <gtest/gtest.h>

#include "protocol/messages/metadata.h"
#include "tests/broker/test_cluster.h"

namespace acklab::broker {

class Requests : public testing::Test {
 protected:
  Requests() : cluster(ClusterConfig{.brokers = 1}) { cluster.create_topic("orders", 1, 1); }

  Wire& wire() { return cluster.connect({0}); }
  bool alive() { return cluster.ask<protocol::MetadataResponse>({0}, protocol::MetadataRequest{}).has_value(); }

  static inline const protocol::TopicPartition orders{"orders", 0};

  TestCluster cluster;
};

}  // namespace acklab::broker

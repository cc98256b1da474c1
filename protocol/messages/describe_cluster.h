// DescribeCluster (key 60): the brokers and the cluster's id, for administrators who need no topics (KIP-700).
//
// Versions: flexible from the beginning; 1 of brokers or of controllers (KIP-919); 2 fenced brokers too (KIP-1073).
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct DescribeClusterRequest {
  static constexpr MessageInfo info{60, 0, 2, 0};

  bool include_cluster_authorized_operations = false;
  std::int8_t endpoint_type = 1;
  bool include_fenced_brokers = false;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.include_cluster_authorized_operations, "IncludeClusterAuthorizedOperations", since(0));
    field(self.endpoint_type,                         "EndpointType",                       since(1));
    field(self.include_fenced_brokers,                "IncludeFencedBrokers",               since(2));
  }
};

struct DescribeClusterResponse {
  static constexpr MessageInfo info{60, 0, 2, 0};

  struct Broker {
    std::int32_t broker_id = 0;
    std::string host;
    std::int32_t port = 0;
    Nullable<std::string> rack;
    bool is_fenced = false;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.broker_id, "BrokerId", since(0));
      field(self.host,      "Host",     since(0));
      field(self.port,      "Port",     since(0));
      field(self.rack,      "Rack",     since(0).nullable(0));
      field(self.is_fenced, "IsFenced", since(2));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  Nullable<std::string> error_message;
  std::int8_t endpoint_type = 1;
  std::string cluster_id;
  std::int32_t controller_id = -1;
  std::vector<Broker> brokers;
  std::int32_t cluster_authorized_operations = std::numeric_limits<std::int32_t>::min();

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms,              "ThrottleTimeMs",              since(0));
    field(self.error_code,                    "ErrorCode",                   since(0));
    field(self.error_message,                 "ErrorMessage",                since(0).nullable(0));
    field(self.endpoint_type,                 "EndpointType",                since(1));
    field(self.cluster_id,                    "ClusterId",                   since(0));
    field(self.controller_id,                 "ControllerId",                since(0));
    field(self.brokers,                       "Brokers",                     since(0));
    field(self.cluster_authorized_operations, "ClusterAuthorizedOperations", since(0));
  }
};

}  // namespace acklab::protocol

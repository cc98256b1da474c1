// BrokerRegistration (key 62): a broker joins the cluster and is given its broker epoch (KIP-631). Internal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct BrokerRegistrationRequest {
  static constexpr MessageInfo info{62, 0, 4, 0};

  struct Listener {
    std::string name;
    std::string host;
    std::uint16_t port = 0;
    std::int16_t security_protocol = 0;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,              "Name",             since(0));
      field(self.host,              "Host",             since(0));
      field(self.port,              "Port",             since(0));
      field(self.security_protocol, "SecurityProtocol", since(0));
    }
  };

  struct Feature {
    std::string name;
    std::int16_t min_supported_version = 0;
    std::int16_t max_supported_version = 0;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,                  "Name",                since(0));
      field(self.min_supported_version, "MinSupportedVersion", since(0));
      field(self.max_supported_version, "MaxSupportedVersion", since(0));
    }
  };

  std::int32_t broker_id = 0;
  std::string cluster_id;
  Uuid incarnation_id;
  std::vector<Listener> listeners;
  std::vector<Feature> features;
  Nullable<std::string> rack = std::string{};
  bool is_migrating_zk_broker = false;
  std::vector<Uuid> log_dirs;
  std::int64_t previous_broker_epoch = -1;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.broker_id,              "BrokerId",            since(0));
    field(self.cluster_id,             "ClusterId",           since(0));
    field(self.incarnation_id,         "IncarnationId",       since(0));
    field(self.listeners,              "Listeners",           since(0));
    field(self.features,               "Features",            since(0));
    field(self.rack,                   "Rack",                since(0).nullable(0));
    field(self.is_migrating_zk_broker, "IsMigratingZkBroker", since(1));
    field(self.log_dirs,               "LogDirs",             since(2));
    field(self.previous_broker_epoch,  "PreviousBrokerEpoch", since(3));
  }
};

struct BrokerRegistrationResponse {
  static constexpr MessageInfo info{62, 0, 4, 0};

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::int64_t broker_epoch = -1;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(0));
    field(self.error_code,       "ErrorCode",      since(0));
    field(self.broker_epoch,     "BrokerEpoch",    since(0));
  }
};

}  // namespace acklab::protocol

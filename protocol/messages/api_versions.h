// ApiVersions (key 18): which requests this broker serves, in which versions (KIP-35).
//
// Versions: 1 throttle time; 3 flexible, client software name (KIP-511), features (KIP-584). The response header is version 0 in
// every version, so that a client can read the refusal of a version that the broker does not know.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct ApiVersionsRequest {
  static constexpr MessageInfo info{18, 0, 4, 3};

  std::string client_software_name;
  std::string client_software_version;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.client_software_name,    "ClientSoftwareName",    since(3));
    field(self.client_software_version, "ClientSoftwareVersion", since(3));
  }
};

struct ApiVersionsResponse {
  static constexpr MessageInfo info{18, 0, 4, 3};

  struct ApiVersion {
    std::int16_t api_key = 0;
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.api_key,     "ApiKey",     since(0));
      field(self.min_version, "MinVersion", since(0));
      field(self.max_version, "MaxVersion", since(0));
    }
  };

  struct SupportedFeature {
    std::string name;
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,        "Name",       since(3));
      field(self.min_version, "MinVersion", since(3));
      field(self.max_version, "MaxVersion", since(3));
    }
  };

  struct FinalizedFeature {
    std::string name;
    std::int16_t max_version_level = 0;
    std::int16_t min_version_level = 0;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,              "Name",            since(3));
      field(self.max_version_level, "MaxVersionLevel", since(3));
      field(self.min_version_level, "MinVersionLevel", since(3));
    }
  };

  ErrorCode error_code = ErrorCode::none;
  std::vector<ApiVersion> api_keys;
  std::int32_t throttle_time_ms = 0;
  Tagged<std::vector<SupportedFeature>> supported_features;
  Tagged<std::int64_t> finalized_features_epoch;
  Tagged<std::vector<FinalizedFeature>> finalized_features;
  Tagged<bool> zk_migration_ready;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.error_code,               "ErrorCode",              since(0));
    field(self.api_keys,                 "ApiKeys",                since(0));
    field(self.throttle_time_ms,         "ThrottleTimeMs",         since(1));
    field(self.supported_features,       "SupportedFeatures",      since(3).tag(0));
    field(self.finalized_features_epoch, "FinalizedFeaturesEpoch", since(3).tag(1));
    field(self.finalized_features,       "FinalizedFeatures",      since(3).tag(2));
    field(self.zk_migration_ready,       "ZkMigrationReady",       since(3).tag(3));
  }
};

}  // namespace acklab::protocol

// DescribeConfigs (key 32): what is configured, and where each value comes from. Any broker answers for topics, each for itself.
//
// Versions: 1 sources and synonyms instead of the mere default (KIP-226); 3 type and documentation (KIP-569); 4 flexible.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct DescribeConfigsRequest {
  static constexpr MessageInfo info{32, 0, 4, 4};

  struct Resource {
    std::int8_t resource_type = 0;  // see ConfigResource
    std::string resource_name;
    Nullable<std::vector<std::string>> configuration_keys = std::vector<std::string>{};  // null: all

    static constexpr void describe(auto& self, auto&& field) {
      field(self.resource_type,      "ResourceType",      since(0));
      field(self.resource_name,      "ResourceName",      since(0));
      field(self.configuration_keys, "ConfigurationKeys", since(0).nullable(0));
    }
  };

  std::vector<Resource> resources;
  bool include_synonyms = false;
  bool include_documentation = false;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.resources,             "Resources",            since(0));
    field(self.include_synonyms,      "IncludeSynonyms",      since(1));
    field(self.include_documentation, "IncludeDocumentation", since(3));
  }
};

struct DescribeConfigsResponse {
  static constexpr MessageInfo info{32, 0, 4, 4};

  struct Synonym {
    std::string name;
    Nullable<std::string> value = std::string{};
    std::int8_t source = 0;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,   "Name",   since(1));
      field(self.value,  "Value",  since(1).nullable(1));
      field(self.source, "Source", since(1));
    }
  };

  struct Config {
    std::string name;
    Nullable<std::string> value = std::string{};
    bool read_only = false;
    bool is_default = false;
    std::int8_t config_source = -1;
    bool is_sensitive = false;
    std::vector<Synonym> synonyms;
    std::int8_t config_type = 0;
    Nullable<std::string> documentation = std::string{};

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,          "Name",          since(0));
      field(self.value,         "Value",         since(0).nullable(0));
      field(self.read_only,     "ReadOnly",      since(0));
      field(self.is_default,    "IsDefault",     since(0).until(0));
      field(self.config_source, "ConfigSource",  since(1));
      field(self.is_sensitive,  "IsSensitive",   since(0));
      field(self.synonyms,      "Synonyms",      since(1));
      field(self.config_type,   "ConfigType",    since(3));
      field(self.documentation, "Documentation", since(3).nullable(3));
    }
  };

  struct Result {
    ErrorCode error_code = ErrorCode::none;
    Nullable<std::string> error_message = std::string{};
    std::int8_t resource_type = 0;
    std::string resource_name;
    std::vector<Config> configs;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.error_code,    "ErrorCode",    since(0));
      field(self.error_message, "ErrorMessage", since(0).nullable(0));
      field(self.resource_type, "ResourceType", since(0));
      field(self.resource_name, "ResourceName", since(0));
      field(self.configs,       "Configs",      since(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Result> results;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(0));
    field(self.results,          "Results",        since(0));
  }
};

}  // namespace acklab::protocol

// Metadata (key 3): the brokers, and for each partition its leader, replicas and in-sync replicas.
//
// Versions: 0 an empty list asks for all topics, 1 null does; 1 controller id and rack; 2 cluster id; 4 auto-creation flag;
// 5 offline replicas; 7 leader epoch (KIP-320); 8 authorised operations (KIP-430); 9 flexible; 10 topic id (KIP-516); 12 request by id;
// 13 an error of the whole answer, for a client that is to begin anew with its bootstrap servers (KIP-1102).
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct MetadataRequest {
  static constexpr MessageInfo info{3, 0, 13, 9};

  struct Topic {
    Uuid topic_id;
    Nullable<std::string> name = std::string{};

    static constexpr void describe(auto& self, auto&& field) {
      field(self.topic_id, "TopicId", since(10));
      field(self.name,     "Name",    since(0).nullable(10));
    }
  };

  Nullable<std::vector<Topic>> topics = std::vector<Topic>{};
  bool allow_auto_topic_creation = true;
  bool include_cluster_authorized_operations = false;
  bool include_topic_authorized_operations = false;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.topics,                                "Topics",                             since(0).nullable(1));
    field(self.allow_auto_topic_creation,             "AllowAutoTopicCreation",             since(4));
    field(self.include_cluster_authorized_operations, "IncludeClusterAuthorizedOperations", since(8).until(10));
    field(self.include_topic_authorized_operations,   "IncludeTopicAuthorizedOperations",   since(8));
  }
};

struct MetadataResponse {
  static constexpr MessageInfo info{3, 0, 13, 9};

  struct Broker {
    std::int32_t node_id = 0;
    std::string host;
    std::int32_t port = 0;
    Nullable<std::string> rack;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.node_id, "NodeId", since(0));
      field(self.host,    "Host",   since(0));
      field(self.port,    "Port",   since(0));
      field(self.rack,    "Rack",   since(1).nullable(1));
    }
  };

  struct Partition {
    ErrorCode error_code = ErrorCode::none;
    std::int32_t partition_index = 0;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = -1;
    std::vector<std::int32_t> replica_nodes;
    std::vector<std::int32_t> isr_nodes;
    std::vector<std::int32_t> offline_replicas;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.error_code,       "ErrorCode",       since(0));
      field(self.partition_index,  "PartitionIndex",  since(0));
      field(self.leader_id,        "LeaderId",        since(0));
      field(self.leader_epoch,     "LeaderEpoch",     since(7));
      field(self.replica_nodes,    "ReplicaNodes",    since(0));
      field(self.isr_nodes,        "IsrNodes",        since(0));
      field(self.offline_replicas, "OfflineReplicas", since(5));
    }
  };

  struct Topic {
    ErrorCode error_code = ErrorCode::none;
    Nullable<std::string> name = std::string{};
    Uuid topic_id;
    bool is_internal = false;
    std::vector<Partition> partitions;
    std::int32_t topic_authorized_operations = std::numeric_limits<std::int32_t>::min();

    static constexpr void describe(auto& self, auto&& field) {
      field(self.error_code,                  "ErrorCode",                 since(0));
      field(self.name,                        "Name",                      since(0).nullable(12));
      field(self.topic_id,                    "TopicId",                   since(10));
      field(self.is_internal,                 "IsInternal",                since(1));
      field(self.partitions,                  "Partitions",                since(0));
      field(self.topic_authorized_operations, "TopicAuthorizedOperations", since(8));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Broker> brokers;
  Nullable<std::string> cluster_id;
  std::int32_t controller_id = -1;
  std::vector<Topic> topics;
  std::int32_t cluster_authorized_operations = std::numeric_limits<std::int32_t>::min();
  ErrorCode error_code = ErrorCode::none;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms,              "ThrottleTimeMs",              since(3));
    field(self.brokers,                       "Brokers",                     since(0));
    field(self.cluster_id,                    "ClusterId",                   since(2).nullable(2));
    field(self.controller_id,                 "ControllerId",                since(1));
    field(self.topics,                        "Topics",                      since(0));
    field(self.cluster_authorized_operations, "ClusterAuthorizedOperations", since(8).until(10));
    field(self.error_code,                    "ErrorCode",                   since(13));
  }
};

}  // namespace acklab::protocol

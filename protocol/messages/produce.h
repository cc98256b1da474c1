// Produce (key 0): append record batches to partitions, and be told when the chosen acks are reached.
//
// Versions: 1 throttle time; 2 log append time (magic 1); 3 magic 2 only, transactional id (KIP-98); 5 log start offset
// (KIP-107); 7 zstd allowed (KIP-110); 8 per-record errors (KIP-467); 9 flexible (KIP-482); 10 the leader, to who asked another
// (KIP-951); 11 and 12 transactions of the second version (KIP-890), in the same form; 13 topics by id and not by name (KIP-516), so that
// no batch goes to a topic that was made anew under the name of another. With acks=0 there is no answer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/messages/topic_ids.h"
#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct ProduceRequest {
  static constexpr MessageInfo info{0, 0, 13, 9};

  struct Partition {
    std::int32_t index = 0;
    Nullable<Slice> records = Slice{};

    static constexpr void describe(auto& self, auto&& field) {
      field(self.index,   "Index",   since(0));
      field(self.records, "Records", since(0).nullable(0));
    }
  };

  struct Topic {
    std::string name;
    Uuid topic_id{};
    std::vector<Partition> partitions;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,       "Name",          since(0).until(12));
      field(self.topic_id,   "TopicId",       since(13));
      field(self.partitions, "PartitionData", since(0));
    }
  };

  Nullable<std::string> transactional_id;
  std::int16_t acks = 0;
  std::int32_t timeout_ms = 0;
  std::vector<Topic> topics;

  // Newest version in which it can be sent: a topic whose id is not known can only be named.
  std::int16_t highest_version() const {
    return all_have_ids(topics) ? info.last_version : last_version_by_name;
  }
  static constexpr std::int16_t last_version_by_name = 12;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.transactional_id, "TransactionalId", since(3).nullable(3));
    field(self.acks,             "Acks",            since(0));
    field(self.timeout_ms,       "TimeoutMs",       since(0));
    field(self.topics,           "TopicData",       since(0));
  }
};

struct ProduceResponse {
  static constexpr MessageInfo info{0, 0, 13, 9};

  struct LeaderIdAndEpoch {
    std::int32_t leader_id = -1;
    std::int32_t leader_epoch = -1;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.leader_id,    "LeaderId",    since(10));
      field(self.leader_epoch, "LeaderEpoch", since(10));
    }
  };

  struct NodeEndpoint {
    std::int32_t node_id = 0;
    std::string host;
    std::int32_t port = 0;
    Nullable<std::string> rack;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.node_id, "NodeId", since(10));
      field(self.host,    "Host",   since(10));
      field(self.port,    "Port",   since(10));
      field(self.rack,    "Rack",   since(10).nullable(10));
    }
  };

  struct RecordError {
    std::int32_t batch_index = 0;
    Nullable<std::string> batch_index_error_message;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.batch_index,               "BatchIndex",             since(8));
      field(self.batch_index_error_message, "BatchIndexErrorMessage", since(8).nullable(8));
    }
  };

  struct Partition {
    std::int32_t index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int64_t base_offset = 0;
    std::int64_t log_append_time_ms = -1;
    std::int64_t log_start_offset = -1;
    std::vector<RecordError> record_errors;
    Nullable<std::string> error_message;
    Tagged<LeaderIdAndEpoch> current_leader;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.index,              "Index",           since(0));
      field(self.error_code,         "ErrorCode",       since(0));
      field(self.base_offset,        "BaseOffset",      since(0));
      field(self.log_append_time_ms, "LogAppendTimeMs", since(2));
      field(self.log_start_offset,   "LogStartOffset",  since(5));
      field(self.record_errors,      "RecordErrors",    since(8));
      field(self.error_message,      "ErrorMessage",    since(8).nullable(8));
      field(self.current_leader,     "CurrentLeader",   since(10).tag(0));
    }
  };

  struct Topic {
    std::string name;
    Uuid topic_id{};
    std::vector<Partition> partitions;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,       "Name",               since(0).until(12));
      field(self.topic_id,   "TopicId",            since(13));
      field(self.partitions, "PartitionResponses", since(0));
    }
  };

  std::vector<Topic> topics;
  std::int32_t throttle_time_ms = 0;
  Tagged<std::vector<NodeEndpoint>> node_endpoints;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.topics,           "Responses",      since(0));
    field(self.throttle_time_ms, "ThrottleTimeMs", since(1));
    field(self.node_endpoints,   "NodeEndpoints",  since(10).tag(0));
  }
};

}  // namespace acklab::protocol

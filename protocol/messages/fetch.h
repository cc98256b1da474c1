// Fetch (key 1): read batches from an offset on. Followers replicate with the same request, naming themselves in ReplicaId.
//
// Versions: 1 throttle time; 2 message sets of magic 1 (KIP-32); 3 max bytes of the answer (KIP-74); 4 isolation level and magic 2
// (KIP-98); 5 log start offset (KIP-107); 7 sessions (KIP-227); 9 current leader epoch (KIP-320); 10 zstd (KIP-110); 11 rack and
// preferred replica (KIP-392); 12 flexible, last fetched epoch, diverging epoch (KIP-595); 13 topics by id and not by name
// (KIP-516); 14 tiered storage (KIP-405); 15 a follower names its incarnation too (KIP-903); 16 where the leader is, to who asked
// another (KIP-951); 17 a follower's directory (KIP-853); 18 its high watermark (KIP-1166).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/messages/topic_ids.h"
#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct FetchRequest {
  static constexpr MessageInfo info{1, 0, 18, 12};

  struct Partition {
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = -1;
    std::int64_t fetch_offset = 0;
    std::int32_t last_fetched_epoch = -1;
    std::int64_t log_start_offset = -1;
    std::int32_t partition_max_bytes = 0;
    Tagged<Uuid> replica_directory_id{};
    Tagged<std::int64_t> high_watermark{};

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition,            "Partition",          since(0));
      field(self.current_leader_epoch, "CurrentLeaderEpoch", since(9));
      field(self.fetch_offset,         "FetchOffset",        since(0));
      field(self.last_fetched_epoch,   "LastFetchedEpoch",   since(12));
      field(self.log_start_offset,     "LogStartOffset",     since(5));
      field(self.partition_max_bytes,  "PartitionMaxBytes",  since(0));
      field(self.replica_directory_id, "ReplicaDirectoryId", since(17).tag(0));
      field(self.high_watermark,       "HighWatermark",      since(18).tag(1));
    }
  };

  struct Topic {
    std::string topic;
    Uuid topic_id{};
    std::vector<Partition> partitions;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.topic,      "Topic",      since(0).until(12));
      field(self.topic_id,   "TopicId",    since(13));
      field(self.partitions, "Partitions", since(0));
    }
  };

  struct ForgottenTopic {
    std::string topic;
    Uuid topic_id{};
    std::vector<std::int32_t> partitions;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.topic,      "Topic",      since(7).until(12));
      field(self.topic_id,   "TopicId",    since(13));
      field(self.partitions, "Partitions", since(7));
    }
  };

  // Which follower asks, and which of its incarnations.
  struct ReplicaState {
    std::int32_t replica_id = -1;
    std::int64_t replica_epoch = -1;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.replica_id,    "ReplicaId",    since(15));
      field(self.replica_epoch, "ReplicaEpoch", since(15));
    }
  };

  Tagged<std::string> cluster_id;
  std::int32_t replica_id = -1;
  Tagged<ReplicaState> replica_state;
  std::int32_t max_wait_ms = 0;
  std::int32_t min_bytes = 0;
  std::int32_t max_bytes = 0x7fffffff;
  std::int8_t isolation_level = 0;
  std::int32_t session_id = 0;
  std::int32_t session_epoch = -1;
  std::vector<Topic> topics;
  std::vector<ForgottenTopic> forgotten_topics_data;
  std::string rack_id;

  // The follower that asks; -1: a consumer does.
  std::int32_t replica() const { return replica_state ? replica_state->replica_id : replica_id; }

  // Newest version in which it can be sent: a topic whose id is not known can only be named.
  std::int16_t highest_version() const {
    return all_have_ids(topics) && all_have_ids(forgotten_topics_data) ? info.last_version : last_version_by_name;
  }
  static constexpr std::int16_t last_version_by_name = 12;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.cluster_id,            "ClusterId",           since(12).nullable(12).tag(0));
    field(self.replica_id,            "ReplicaId",           since(0).until(14));
    field(self.replica_state,         "ReplicaState",        since(15).tag(1));
    field(self.max_wait_ms,           "MaxWaitMs",           since(0));
    field(self.min_bytes,             "MinBytes",            since(0));
    field(self.max_bytes,             "MaxBytes",            since(3));
    field(self.isolation_level,       "IsolationLevel",      since(4));
    field(self.session_id,            "SessionId",           since(7));
    field(self.session_epoch,         "SessionEpoch",        since(7));
    field(self.topics,                "Topics",              since(0));
    field(self.forgotten_topics_data, "ForgottenTopicsData", since(7));
    field(self.rack_id,               "RackId",              since(11));
  }
};

struct FetchResponse {
  static constexpr MessageInfo info{1, 0, 18, 12};

  struct EpochEndOffset {
    std::int32_t epoch = -1;
    std::int64_t end_offset = -1;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.epoch,      "Epoch",     since(12));
      field(self.end_offset, "EndOffset", since(12));
    }
  };

  struct LeaderIdAndEpoch {
    std::int32_t leader_id = -1;
    std::int32_t leader_epoch = -1;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.leader_id,    "LeaderId",    since(12));
      field(self.leader_epoch, "LeaderEpoch", since(12));
    }
  };

  struct SnapshotId {
    std::int64_t end_offset = -1;
    std::int32_t epoch = -1;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.end_offset, "EndOffset", since(12));
      field(self.epoch,      "Epoch",     since(12));
    }
  };

  struct NodeEndpoint {
    std::int32_t node_id = 0;
    std::string host;
    std::int32_t port = 0;
    Nullable<std::string> rack;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.node_id, "NodeId", since(16));
      field(self.host,    "Host",   since(16));
      field(self.port,    "Port",   since(16));
      field(self.rack,    "Rack",   since(16).nullable(16));
    }
  };

  struct AbortedTransaction {
    std::int64_t producer_id = 0;
    std::int64_t first_offset = 0;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.producer_id,  "ProducerId",  since(4));
      field(self.first_offset, "FirstOffset", since(4));
    }
  };

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int64_t high_watermark = 0;
    std::int64_t last_stable_offset = -1;
    std::int64_t log_start_offset = -1;
    Tagged<EpochEndOffset> diverging_epoch;
    Tagged<LeaderIdAndEpoch> current_leader;
    Tagged<SnapshotId> snapshot_id;
    Nullable<std::vector<AbortedTransaction>> aborted_transactions = std::vector<AbortedTransaction>{};
    std::int32_t preferred_read_replica = -1;
    Nullable<Slice> records = Slice{};

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_index,        "PartitionIndex",       since(0));
      field(self.error_code,             "ErrorCode",            since(0));
      field(self.high_watermark,         "HighWatermark",        since(0));
      field(self.last_stable_offset,     "LastStableOffset",     since(4));
      field(self.log_start_offset,       "LogStartOffset",       since(5));
      field(self.diverging_epoch,        "DivergingEpoch",       since(12).tag(0));
      field(self.current_leader,         "CurrentLeader",        since(12).tag(1));
      field(self.snapshot_id,            "SnapshotId",           since(12).tag(2));
      field(self.aborted_transactions,   "AbortedTransactions",  since(4).nullable(4));
      field(self.preferred_read_replica, "PreferredReadReplica", since(11));
      field(self.records,                "Records",              since(0).nullable(0));
    }
  };

  struct Topic {
    std::string topic;
    Uuid topic_id{};
    std::vector<Partition> partitions;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.topic,      "Topic",      since(0).until(12));
      field(self.topic_id,   "TopicId",    since(13));
      field(self.partitions, "Partitions", since(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::int32_t session_id = 0;
  std::vector<Topic> topics;
  Tagged<std::vector<NodeEndpoint>> node_endpoints;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(1));
    field(self.error_code,       "ErrorCode",      since(7));
    field(self.session_id,       "SessionId",      since(7));
    field(self.topics,           "Responses",      since(0));
    field(self.node_endpoints,   "NodeEndpoints",  since(16).tag(0));
  }
};

}  // namespace acklab::protocol

// OffsetCommit (key 8): how far a consumer group has come in each partition. The coordinator keeps it.
//
// Versions: 1 generation and member (of a group that has members), a timestamp for each partition; 2 a retention time for all of them,
// instead; 3 throttle time; 5 no retention time, for it is the broker's (KIP-211); 6 leader epoch (KIP-320); 7 static members
// (KIP-345); 8 flexible; 9 epoch of a member of the new protocol (KIP-848); 10 topics by id (KIP-516).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct OffsetCommitRequest {
  static constexpr MessageInfo info{8, 0, 10, 8};

  struct Partition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;
    std::int32_t committed_leader_epoch = -1;
    std::int64_t commit_timestamp = -1;
    Nullable<std::string> committed_metadata = std::string{};

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_index,        "PartitionIndex",       since(0));
      field(self.committed_offset,       "CommittedOffset",      since(0));
      field(self.committed_leader_epoch, "CommittedLeaderEpoch", since(6));
      field(self.commit_timestamp,       "CommitTimestamp",      since(1).until(1));
      field(self.committed_metadata,     "CommittedMetadata",    since(0).nullable(0));
    }
  };

  struct Topic {
    std::string name;
    Uuid topic_id;
    std::vector<Partition> partitions;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,       "Name",       since(0).until(9));
      field(self.topic_id,   "TopicId",    since(10));
      field(self.partitions, "Partitions", since(0));
    }
  };

  std::string group_id;
  std::int32_t generation_id_or_member_epoch = -1;
  std::string member_id;
  Nullable<std::string> group_instance_id;
  std::int64_t retention_time_ms = -1;
  std::vector<Topic> topics;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.group_id,                      "GroupId",                   since(0));
    field(self.generation_id_or_member_epoch, "GenerationIdOrMemberEpoch", since(1));
    field(self.member_id,                     "MemberId",                  since(1));
    field(self.group_instance_id,             "GroupInstanceId",           since(7).nullable(7));
    field(self.retention_time_ms,             "RetentionTimeMs",           since(2).until(4));
    field(self.topics,                        "Topics",                    since(0));
  }
};

struct OffsetCommitResponse {
  static constexpr MessageInfo info{8, 0, 10, 8};

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_index, "PartitionIndex", since(0));
      field(self.error_code,      "ErrorCode",      since(0));
    }
  };

  struct Topic {
    std::string name;
    Uuid topic_id;
    std::vector<Partition> partitions;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,       "Name",       since(0).until(9));
      field(self.topic_id,   "TopicId",    since(10));
      field(self.partitions, "Partitions", since(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(3));
    field(self.topics,           "Topics",         since(0));
  }
};

}  // namespace acklab::protocol

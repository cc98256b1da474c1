// OffsetFetch (key 9): what a consumer group has committed. Nobody committed anything: offset -1.
//
// Versions: 1 from the coordinator and not from ZooKeeper; 2 null asks for all topics, and a code for the answer as a whole; 3 throttle
// time; 5 leader epoch (KIP-320); 6 flexible; 7 "wait until open transactions have decided" (KIP-447); 8 several groups at once
// (KIP-709); 9 a member of the new protocol (KIP-848); 10 topics by id (KIP-516).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct OffsetFetchRequest {
  static constexpr MessageInfo info{9, 0, 10, 6};

  struct Topic {
    std::string name;
    Uuid topic_id;
    std::vector<std::int32_t> partition_indexes;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,              "Name",             since(0).until(9));
      field(self.topic_id,          "TopicId",          since(10));
      field(self.partition_indexes, "PartitionIndexes", since(0));
    }
  };

  struct Group {
    std::string group_id;
    Nullable<std::string> member_id;
    std::int32_t member_epoch = -1;
    Nullable<std::vector<Topic>> topics = std::vector<Topic>{};

    static constexpr void describe(auto& self, auto&& field) {
      field(self.group_id,     "GroupId",     since(8));
      field(self.member_id,    "MemberId",    since(9).nullable(9));
      field(self.member_epoch, "MemberEpoch", since(9));
      field(self.topics,       "Topics",      since(8).nullable(8));
    }
  };

  std::string group_id;
  Nullable<std::vector<Topic>> topics = std::vector<Topic>{};
  std::vector<Group> groups;
  bool require_stable = false;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.group_id,       "GroupId",       since(0).until(7));
    field(self.topics,         "Topics",        since(0).until(7).nullable(2));
    field(self.groups,         "Groups",        since(8));
    field(self.require_stable, "RequireStable", since(7));
  }
};

struct OffsetFetchResponse {
  static constexpr MessageInfo info{9, 0, 10, 6};

  struct Partition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;
    std::int32_t committed_leader_epoch = -1;
    Nullable<std::string> metadata = std::string{};
    ErrorCode error_code = ErrorCode::none;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_index,        "PartitionIndex",       since(0));
      field(self.committed_offset,       "CommittedOffset",      since(0));
      field(self.committed_leader_epoch, "CommittedLeaderEpoch", since(5));
      field(self.metadata,               "Metadata",             since(0).nullable(0));
      field(self.error_code,             "ErrorCode",            since(0));
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

  struct Group {
    std::string group_id;
    std::vector<Topic> topics;
    ErrorCode error_code = ErrorCode::none;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.group_id,   "GroupId",   since(8));
      field(self.topics,     "Topics",    since(8));
      field(self.error_code, "ErrorCode", since(8));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;
  ErrorCode error_code = ErrorCode::none;
  std::vector<Group> groups;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(3));
    field(self.topics,           "Topics",         since(0).until(7));
    field(self.error_code,       "ErrorCode",      since(2).until(7));
    field(self.groups,           "Groups",         since(8));
  }
};

}  // namespace acklab::protocol

// ListOffsets: the offset at one end of the log, or of the first record at or after a time.
#include <optional>
#include <set>
#include <utility>

#include "broker/handlers/handlers.h"
#include "broker/partition/replica_manager.h"

namespace acklab::broker {

using protocol::ErrorCode;
using protocol::failure;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;

namespace {

constexpr std::int64_t latest_timestamp = -1;
constexpr std::int64_t earliest_timestamp = -2;
constexpr std::int64_t max_timestamp = -3;
constexpr std::int64_t earliest_local_timestamp = -4;
constexpr std::int64_t latest_tiered_timestamp = -5;

// The first version in which a negative timestamp names a place; nothing for one that never does.
std::optional<std::int16_t> first_version_with(std::int64_t timestamp) {
  switch (timestamp) {
    case latest_timestamp:
    case earliest_timestamp:
      return 1;
    case max_timestamp:
      return 7;
    case earliest_local_timestamp:
      return 8;
    case latest_tiered_timestamp:
      return 9;
    default:
      return std::nullopt;
  }
}

protocol::Result<Partition::Position> position(const Partition& partition, const Reader& reader,
                                               const ListOffsetsRequest::Partition& asked) {
  const LeaderEpoch current{asked.current_leader_epoch};
  switch (asked.timestamp) {
    case latest_timestamp:
      return partition.latest(reader, current);
    case earliest_timestamp:
    case earliest_local_timestamp:  // without tiered storage all of the log is local
      return partition.earliest(current);
    case max_timestamp:
      return partition.at_max_timestamp(reader, current);
    case latest_tiered_timestamp:
      return partition.nowhere(current);
    default:
      return partition.at_time(asked.timestamp, reader, current);
  }
}

// Before version 5 clients did not know OFFSET_NOT_AVAILABLE.
ErrorCode in_version(ErrorCode code, std::int16_t version) {
  return code == ErrorCode::offset_not_available && version < 5 ? ErrorCode::leader_not_available : code;
}

}  // namespace

void handle(Services& services, const Call& call, const ListOffsetsRequest& request) {
  const Reader reader{.replica = {request.replica_id}};
  std::set<std::pair<std::string, std::int32_t>> once;
  std::set<std::pair<std::string, std::int32_t>> repeated;
  for (const auto& topic : request.topics) {
    for (const auto& asked : topic.partitions) {
      if (!once.insert({topic.name, asked.partition_index}).second) repeated.insert({topic.name, asked.partition_index});
    }
  }

  ListOffsetsResponse response;
  for (const auto& topic : request.topics) {
    auto& answers = response.topics.emplace_back();
    answers.name = topic.name;
    for (const auto& asked : topic.partitions) {
      const std::pair<std::string, std::int32_t> name{topic.name, asked.partition_index};
      const bool twice = repeated.contains(name);
      if (twice && !once.erase(name)) continue;  // one answer is enough
      auto& answer = answers.partitions.emplace_back();
      answer.partition_index = asked.partition_index;
      if (twice) {
        answer.error_code = ErrorCode::invalid_request;
        continue;
      }
      if (const auto first = first_version_with(asked.timestamp); asked.timestamp < 0 && (!first || call.version() < *first)) {
        answer.error_code = ErrorCode::unsupported_version;
        continue;
      }
      const auto partition = services.replicas.find(topic.name, asked.partition_index);
      const auto found = partition ? position(**partition, reader, asked) : failure(partition.error());
      if (!found) {
        answer.error_code = in_version(found.error(), call.version());
        continue;
      }
      answer.offset = found->offset.value;
      answer.timestamp = found->timestamp;
      answer.leader_epoch = found->epoch.value;
    }
  }
  call.answer(response);
}

void refuse(Services&, const Call& call, const ListOffsetsRequest& request, ErrorCode code) {
  ListOffsetsResponse response;
  for (const auto& topic : request.topics) {
    auto& answers = response.topics.emplace_back();
    answers.name = topic.name;
    for (const auto& asked : topic.partitions) {
      answers.partitions.push_back({.partition_index = asked.partition_index, .error_code = code});
    }
  }
  call.answer(response);
}

}  // namespace acklab::broker

// ListOffsets: the offset at one end of the log, or of the first record at or after a time. Version 0 tells where segments begin.
#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "broker/handlers/handlers.h"
#include "broker/partition/replica_manager.h"

namespace acklab::broker {

using protocol::ErrorCode;
using protocol::failure;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::Offset;

namespace {

// Of one answer to version 0: an entry of sixteen bytes can ask for all segments of a partition, and again, and again. Entries that come
// after it are refused and their logs not looked at.
constexpr std::size_t max_segment_offsets = 100'000;

// The first version in which a negative timestamp names a place; nothing for one that never does.
std::optional<std::int16_t> first_version_with(std::int64_t timestamp) {
  switch (timestamp) {
    case ListOffsetsRequest::latest_timestamp:
    case ListOffsetsRequest::earliest_timestamp:
      return 0;
    case ListOffsetsRequest::max_timestamp:
      return 7;
    case ListOffsetsRequest::earliest_local_timestamp:
      return 8;
    case ListOffsetsRequest::latest_tiered_timestamp:
      return 9;
    default:
      return std::nullopt;
  }
}

protocol::Result<Partition::Position> position(const Partition& partition, const Reader& reader,
                                               const ListOffsetsRequest::Partition& asked) {
  const LeaderEpoch current{asked.current_leader_epoch};
  switch (asked.timestamp) {
    case ListOffsetsRequest::latest_timestamp:
      return partition.latest(reader, current);
    case ListOffsetsRequest::earliest_timestamp:
    case ListOffsetsRequest::earliest_local_timestamp:  // without tiered storage all of the log is local
      return partition.earliest(current);
    case ListOffsetsRequest::max_timestamp:
      return partition.at_max_timestamp(reader, current);
    case ListOffsetsRequest::latest_tiered_timestamp:
      return partition.nowhere(current);
    default:
      return partition.at_time(asked.timestamp, reader, current);
  }
}

protocol::Result<std::vector<Offset>> segment_offsets(const Services& services, const std::string& topic,
                                                      const ListOffsetsRequest::Partition& asked, const Reader& reader) {
  const auto partition = services.replicas.find(topic, asked.partition_index);
  if (!partition) return failure(partition.error());
  if (asked.max_num_offsets < 0) return failure(ErrorCode::unknown_server_error);  // as Kafka, which made an array of that size
  return (*partition)->segment_offsets_before(asked.timestamp, static_cast<std::size_t>(asked.max_num_offsets), reader);
}

// Before version 5 clients did not know OFFSET_NOT_AVAILABLE.
ErrorCode in_version(ErrorCode code, std::int16_t version) {
  return code == ErrorCode::offset_not_available && version < 5 ? ErrorCode::leader_not_available : code;
}

// Version 0. It answers each entry, also those that are there twice, and knows of no other timestamp that is none.
void handle_old_style(Services& services, const Call& call, const ListOffsetsRequest& request) {
  ListOffsetsResponse response;
  std::size_t left = max_segment_offsets;
  for (const auto& topic : request.topics) {
    auto& answers = response.topics.emplace_back();
    answers.name = topic.name;
    for (const auto& asked : topic.partitions) {
      auto& answer = answers.partitions.emplace_back();
      answer.partition_index = asked.partition_index;
      const auto found = left > 0 ? segment_offsets(services, topic.name, asked, {.replica = {request.replica_id}})
                                  : failure(ErrorCode::invalid_request);
      answer.error_code = found ? ErrorCode::none : found.error();
      if (!found) continue;
      for (const Offset offset : *found) answer.old_style_offsets.push_back(offset.value);
      // One that finds nothing has been looked for, too.
      left -= std::min(left, std::max<std::size_t>(found->size(), 1));
    }
  }
  call.answer(response);
}

}  // namespace

void handle(Services& services, const Call& call, const ListOffsetsRequest& request) {
  if (call.version() == 0) return handle_old_style(services, call, request);
  const Reader reader{.replica = {request.replica_id}, .isolation = static_cast<Isolation>(request.isolation_level)};
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
      auto& answer = answers.partitions.emplace_back();
      answer.partition_index = asked.partition_index;
      answer.error_code = code;
    }
  }
  call.answer(response);
}

}  // namespace acklab::broker

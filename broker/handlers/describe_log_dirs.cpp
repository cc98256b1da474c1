// DescribeLogDirs: how large the replicas of this broker are. There is one log directory.
#include <algorithm>
#include <map>
#include <set>

#include "broker/broker.h"
#include "broker/handlers/handlers.h"
#include "broker/partition/replica_manager.h"

namespace acklab::broker {

using protocol::DescribeLogDirsRequest;
using protocol::DescribeLogDirsResponse;
using protocol::ErrorCode;

namespace {

bool asked_for(const DescribeLogDirsRequest& request, const protocol::TopicPartition& name) {
  if (!request.topics) return true;
  return std::ranges::any_of(*request.topics, [&](const DescribeLogDirsRequest::Topic& topic) {
    return topic.topic == name.topic && std::ranges::count(topic.partitions, name.partition) > 0;
  });
}

// How much of what is committed the replica has not got yet.
std::int64_t offset_lag(const Replica& replica) { return std::max<std::int64_t>(replica.high_watermark() - replica.end(), 0); }

}  // namespace

void handle(Services& services, const Call& call, const DescribeLogDirsRequest& request) {
  std::map<std::string, DescribeLogDirsResponse::Topic> topics;
  services.replicas.for_each([&](const Partition& partition) {
    const Replica& replica = partition.replica();
    if (!asked_for(request, replica.name())) return;
    DescribeLogDirsResponse::Topic& topic = topics[replica.name().topic];
    topic.name = replica.name().topic;
    topic.partitions.push_back({.partition_index = replica.name().partition,
                                .partition_size = static_cast<std::int64_t>(replica.log().size()),
                                .offset_lag = offset_lag(replica)});
  });
  DescribeLogDirsResponse response;
  DescribeLogDirsResponse::LogDir& directory = response.results.emplace_back();
  directory.log_dir = services.options.log_directory;
  for (auto& [name, topic] : topics) directory.topics.push_back(std::move(topic));
  call.answer(response);
}

void refuse(Services& services, const Call& call, const DescribeLogDirsRequest&, ErrorCode code) {
  DescribeLogDirsResponse response;
  response.error_code = code;
  DescribeLogDirsResponse::LogDir& directory = response.results.emplace_back();
  directory.error_code = code;
  directory.log_dir = services.options.log_directory;
  call.answer(response);
}

}  // namespace acklab::broker

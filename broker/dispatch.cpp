#include "broker/dispatch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "broker/broker.h"
#include "broker/controller/controller_link.h"
#include "broker/handlers/handlers.h"
#include "broker/partition/fetch_session.h"

namespace acklab::broker {

using protocol::Slice;
using protocol::TopicPartition;

namespace {

// The partitions that a request is about, for faults that mean one of them.
std::vector<TopicPartition> partitions_of(const Services& services, const protocol::ProduceRequest& request) {
  std::vector<TopicPartition> partitions;
  for (const auto& topic : request.topics) {
    const std::string* const name = services.controller.image().topic_name(topic.topic_id);
    for (const auto& partition : topic.partitions) partitions.push_back({name ? *name : topic.name, partition.index});
  }
  return partitions;
}
std::vector<TopicPartition> partitions_of(const Services&, const protocol::ListOffsetsRequest& request) {
  std::vector<TopicPartition> partitions;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) partitions.push_back({topic.name, partition.partition_index});
  }
  return partitions;
}
std::vector<TopicPartition> partitions_of(const Services&, const protocol::DeleteRecordsRequest& request) {
  std::vector<TopicPartition> partitions;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) partitions.push_back({topic.name, partition.partition_index});
  }
  return partitions;
}
std::vector<TopicPartition> partitions_of(const Services&, const protocol::OffsetForLeaderEpochRequest& request) {
  std::vector<TopicPartition> partitions;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) partitions.push_back({topic.topic, partition.partition});
  }
  return partitions;
}
// Those of its session too, which it need not name.
std::vector<TopicPartition> partitions_of(const Services& services, const protocol::FetchRequest& request) {
  return services.fetch_sessions.meant_by(request, services.controller.image().topic_names);
}
template <class Request>
std::vector<TopicPartition> partitions_of(const Services&, const Request&) {
  return {};
}

template <class Request>
RequestFault planned_fault(const Services& services, const Call& call, const Request& request) {
  const RequestHook& hook = services.options.request_hook;
  if (!hook) return {};
  return hook({.broker = services.options.id,
               .api_key = call.header.api_key,
               .client = call.header.client_id,
               .peer = call.peer(),
               .partitions = partitions_of(services, request)});
}

template <class Request>
void serve(Services& services, Call call, const Slice& body) {
  auto request = protocol::decode<Request>(body, call.version());
  if (!request) return call.close(request.error().message());

  call.fault = planned_fault(services, call, *request);
  switch (call.fault.kind) {
    case RequestFault::Kind::drop_before_apply:
      return call.close("a planned fault drops the request");
    case RequestFault::Kind::answer_error:
      return refuse(services, call, *request, call.fault.code);
    case RequestFault::Kind::delay:
      // It has arrived: it will be served even if its client gives up meanwhile.
      return call.sessions->later(call.fault.by.value_or(protocol::Duration::zero()),
                                  [&services, call, request = *std::move(request)] { handle(services, call, request); });
    default:
      return handle(services, call, *request);
  }
}

using Serve = void (*)(Services&, Call, const Slice&);

struct Row {
  ServedApi api;
  Serve serve;
};

template <class Request>
constexpr Row row(int first, int last) {
  return {{Request::info.api_key, static_cast<std::int16_t>(first), static_cast<std::int16_t>(last)}, &serve<Request>};
}

constexpr std::array rows = {
    row<protocol::ProduceRequest>(0, 13),
    row<protocol::FetchRequest>(0, 18),
    row<protocol::ListOffsetsRequest>(0, 10),
    row<protocol::MetadataRequest>(0, 13),
    row<protocol::FindCoordinatorRequest>(0, 3),
    row<protocol::ApiVersionsRequest>(0, 4),
    row<protocol::CreateTopicsRequest>(0, 7),
    row<protocol::DeleteTopicsRequest>(0, 6),
    row<protocol::DeleteRecordsRequest>(0, 2),
    row<protocol::InitProducerIdRequest>(0, 5),
    row<protocol::OffsetForLeaderEpochRequest>(0, 4),
    row<protocol::DescribeConfigsRequest>(0, 4),
    row<protocol::AlterConfigsRequest>(0, 2),
    row<protocol::DescribeLogDirsRequest>(0, 4),
    row<protocol::CreatePartitionsRequest>(0, 3),
    row<protocol::ElectLeadersRequest>(0, 2),
    row<protocol::IncrementalAlterConfigsRequest>(0, 1),
};

constexpr auto served = [] {
  std::array<ServedApi, rows.size()> apis{};
  for (std::size_t i = 0; i < rows.size(); ++i) apis[i] = rows[i].api;
  return apis;
}();

static_assert(std::is_sorted(served.begin(), served.end(), [](const ServedApi& a, const ServedApi& b) { return a.key < b.key; }));

}  // namespace

std::span<const ServedApi> served_apis() { return served; }

std::vector<std::int16_t> served_api_keys() {
  std::vector<std::int16_t> keys;
  for (const ServedApi& api : served) keys.push_back(api.key);
  return keys;
}

void dispatch(Services& services, Sessions& sessions, std::uint64_t connection, const Slice& frame) {
  Call call{.sessions = &sessions, .connection = connection, .header = {}, .fault = {}, .begun = sessions.now()};
  auto received = protocol::parse_request(frame);
  if (!received) {
    sessions.find(connection)->close("a request header that cannot be read: " + received.error().message());
    return;
  }
  call.header = std::move(received->header);

  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.api.key == call.header.api_key; });
  if (found == rows.end()) return call.close("an API that is not served");
  if (call.version() < found->api.first_version || call.version() > found->api.last_version) {
    if (call.header.api_key == protocol::ApiVersionsRequest::info.api_key) return refuse_unknown_api_versions(call);
    return call.close("a version that is not served");
  }
  sessions.metrics(call.header.api_key).count_request(call.version());
  found->serve(services, std::move(call), received->body);
}

}  // namespace acklab::broker

#include "protocol/messages/registry.h"

#include <algorithm>
#include <array>
#include <vector>

#include "protocol/messages/add_offsets_to_txn.h"
#include "protocol/messages/add_partitions_to_txn.h"
#include "protocol/messages/allocate_producer_ids.h"
#include "protocol/messages/alter_configs.h"
#include "protocol/messages/alter_partition.h"
#include "protocol/messages/alter_partition_reassignments.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/broker_heartbeat.h"
#include "protocol/messages/broker_registration.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_groups.h"
#include "protocol/messages/delete_records.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/describe_cluster.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/describe_groups.h"
#include "protocol/messages/describe_log_dirs.h"
#include "protocol/messages/describe_producers.h"
#include "protocol/messages/describe_topic_partitions.h"
#include "protocol/messages/describe_transactions.h"
#include "protocol/messages/elect_leaders.h"
#include "protocol/messages/end_txn.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/heartbeat.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/join_group.h"
#include "protocol/messages/leave_group.h"
#include "protocol/messages/list_groups.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/list_partition_reassignments.h"
#include "protocol/messages/list_transactions.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/metadata_records.h"
#include "protocol/messages/offset_commit.h"
#include "protocol/messages/offset_delete.h"
#include "protocol/messages/offset_fetch.h"
#include "protocol/messages/offset_for_leader_epoch.h"
#include "protocol/messages/produce.h"
#include "protocol/messages/sasl_authenticate.h"
#include "protocol/messages/sasl_handshake.h"
#include "protocol/messages/sync_group.h"
#include "protocol/messages/txn_offset_commit.h"
#include "protocol/messages/write_txn_markers.h"

namespace acklab::protocol {
namespace {

enum class Audience { clients, cluster };

template <class Request, class Response>
Api api(std::string_view name, Audience audience) {
  static_assert(Request::info.api_key == Response::info.api_key);
  static_assert(Request::info.first_version == Response::info.first_version);
  static_assert(Request::info.last_version == Response::info.last_version);
  static_assert(Request::info.flexible_since == Response::info.flexible_since);
  return {Request::info.api_key, name, schema_of<Request>(), schema_of<Response>(), audience == Audience::cluster};
}

}  // namespace

std::span<const Api> apis() {
  static const std::array all{
      api<ProduceRequest, ProduceResponse>("Produce", Audience::clients),
      api<FetchRequest, FetchResponse>("Fetch", Audience::clients),
      api<ListOffsetsRequest, ListOffsetsResponse>("ListOffsets", Audience::clients),
      api<MetadataRequest, MetadataResponse>("Metadata", Audience::clients),
      api<OffsetCommitRequest, OffsetCommitResponse>("OffsetCommit", Audience::clients),
      api<OffsetFetchRequest, OffsetFetchResponse>("OffsetFetch", Audience::clients),
      api<FindCoordinatorRequest, FindCoordinatorResponse>("FindCoordinator", Audience::clients),
      api<JoinGroupRequest, JoinGroupResponse>("JoinGroup", Audience::clients),
      api<HeartbeatRequest, HeartbeatResponse>("Heartbeat", Audience::clients),
      api<LeaveGroupRequest, LeaveGroupResponse>("LeaveGroup", Audience::clients),
      api<SyncGroupRequest, SyncGroupResponse>("SyncGroup", Audience::clients),
      api<DescribeGroupsRequest, DescribeGroupsResponse>("DescribeGroups", Audience::clients),
      api<ListGroupsRequest, ListGroupsResponse>("ListGroups", Audience::clients),
      api<SaslHandshakeRequest, SaslHandshakeResponse>("SaslHandshake", Audience::clients),
      api<ApiVersionsRequest, ApiVersionsResponse>("ApiVersions", Audience::clients),
      api<CreateTopicsRequest, CreateTopicsResponse>("CreateTopics", Audience::clients),
      api<DeleteTopicsRequest, DeleteTopicsResponse>("DeleteTopics", Audience::clients),
      api<DeleteRecordsRequest, DeleteRecordsResponse>("DeleteRecords", Audience::clients),
      api<InitProducerIdRequest, InitProducerIdResponse>("InitProducerId", Audience::clients),
      api<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>("OffsetForLeaderEpoch", Audience::clients),
      api<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>("AddPartitionsToTxn", Audience::clients),
      api<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>("AddOffsetsToTxn", Audience::clients),
      api<EndTxnRequest, EndTxnResponse>("EndTxn", Audience::clients),
      api<WriteTxnMarkersRequest, WriteTxnMarkersResponse>("WriteTxnMarkers", Audience::clients),
      api<TxnOffsetCommitRequest, TxnOffsetCommitResponse>("TxnOffsetCommit", Audience::clients),
      api<DescribeConfigsRequest, DescribeConfigsResponse>("DescribeConfigs", Audience::clients),
      api<AlterConfigsRequest, AlterConfigsResponse>("AlterConfigs", Audience::clients),
      api<DescribeLogDirsRequest, DescribeLogDirsResponse>("DescribeLogDirs", Audience::clients),
      api<SaslAuthenticateRequest, SaslAuthenticateResponse>("SaslAuthenticate", Audience::clients),
      api<CreatePartitionsRequest, CreatePartitionsResponse>("CreatePartitions", Audience::clients),
      api<DeleteGroupsRequest, DeleteGroupsResponse>("DeleteGroups", Audience::clients),
      api<ElectLeadersRequest, ElectLeadersResponse>("ElectLeaders", Audience::clients),
      api<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>("IncrementalAlterConfigs", Audience::clients),
      api<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse>("AlterPartitionReassignments",
                                                                                   Audience::clients),
      api<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse>("ListPartitionReassignments", Audience::clients),
      api<OffsetDeleteRequest, OffsetDeleteResponse>("OffsetDelete", Audience::clients),
      api<AlterPartitionRequest, AlterPartitionResponse>("AlterPartition", Audience::cluster),
      api<DescribeClusterRequest, DescribeClusterResponse>("DescribeCluster", Audience::clients),
      api<DescribeProducersRequest, DescribeProducersResponse>("DescribeProducers", Audience::clients),
      api<BrokerRegistrationRequest, BrokerRegistrationResponse>("BrokerRegistration", Audience::cluster),
      api<BrokerHeartbeatRequest, BrokerHeartbeatResponse>("BrokerHeartbeat", Audience::cluster),
      api<DescribeTransactionsRequest, DescribeTransactionsResponse>("DescribeTransactions", Audience::clients),
      api<ListTransactionsRequest, ListTransactionsResponse>("ListTransactions", Audience::clients),
      api<AllocateProducerIdsRequest, AllocateProducerIdsResponse>("AllocateProducerIds", Audience::cluster),
      api<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>("DescribeTopicPartitions", Audience::clients),
      api<MetadataFetchRequest, MetadataFetchResponse>("MetadataFetch", Audience::cluster),
  };
  return all;
}

const Api* find_api(std::int16_t key) {
  const auto found = std::ranges::lower_bound(apis(), key, {}, &Api::key);
  return found != apis().end() && found->key == key ? &*found : nullptr;
}

std::span<const Schema* const> messages() {
  static const std::vector<const Schema*> all = [] {
    std::vector<const Schema*> schemas;
    for (const Api& api : apis()) {
      schemas.push_back(&api.request);
      schemas.push_back(&api.response);
    }
    schemas.push_back(&schema_of<MetadataRecord>());
    return schemas;
  }();
  return all;
}

bool flexible(std::int16_t api_key, std::int16_t version) {
  const Api* api = find_api(api_key);
  return api != nullptr && api->request.info.flexible(version);
}

}  // namespace acklab::protocol

// The handlers: each translates one request to the domain and the domain's answer back; none decides. For each request there are
//
//   handle   serves it
//   refuse   answers it with one code in every place that can hold one, without applying anything (a planned fault)
#pragma once

#include "broker/call.h"
#include "broker/services.h"
#include "protocol/error_code.h"
#include "protocol/messages/alter_configs.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_records.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/describe_log_dirs.h"
#include "protocol/messages/elect_leaders.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/offset_for_leader_epoch.h"
#include "protocol/messages/produce.h"

namespace acklab::broker {

void handle(Services& services, const Call& call, const protocol::AlterConfigsRequest& request);
void handle(Services& services, const Call& call, const protocol::ApiVersionsRequest& request);
void handle(Services& services, const Call& call, const protocol::CreatePartitionsRequest& request);
void handle(Services& services, const Call& call, const protocol::CreateTopicsRequest& request);
void handle(Services& services, const Call& call, const protocol::DeleteRecordsRequest& request);
void handle(Services& services, const Call& call, const protocol::DeleteTopicsRequest& request);
void handle(Services& services, const Call& call, const protocol::DescribeConfigsRequest& request);
void handle(Services& services, const Call& call, const protocol::DescribeLogDirsRequest& request);
void handle(Services& services, const Call& call, const protocol::ElectLeadersRequest& request);
void handle(Services& services, const Call& call, const protocol::FetchRequest& request);
void handle(Services& services, const Call& call, const protocol::FindCoordinatorRequest& request);
void handle(Services& services, const Call& call, const protocol::IncrementalAlterConfigsRequest& request);
void handle(Services& services, const Call& call, const protocol::InitProducerIdRequest& request);
void handle(Services& services, const Call& call, const protocol::ListOffsetsRequest& request);
void handle(Services& services, const Call& call, const protocol::MetadataRequest& request);
void handle(Services& services, const Call& call, const protocol::OffsetForLeaderEpochRequest& request);
void handle(Services& services, const Call& call, const protocol::ProduceRequest& request);

void refuse(Services& services, const Call& call, const protocol::AlterConfigsRequest& request, protocol::ErrorCode code);
void refuse(Services& services, const Call& call, const protocol::ApiVersionsRequest& request, protocol::ErrorCode code);
void refuse(Services& services, const Call& call, const protocol::CreatePartitionsRequest& request, protocol::ErrorCode code);
void refuse(Services& services, const Call& call, const protocol::CreateTopicsRequest& request, protocol::ErrorCode code);
void refuse(Services& services, const Call& call, const protocol::DeleteRecordsRequest& request, protocol::ErrorCode code);
void refuse(Services& services, const Call& call, const protocol::DeleteTopicsRequest& request, protocol::ErrorCode code);
void refuse(Services& services, const Call& call, const protocol::DescribeConfigsRequest& request, protocol::ErrorCode code);
void refuse(Services& services, const Call& call, const protocol::DescribeLogDirsRequest& request, protocol::ErrorCode code);
void refuse(Services& services, const Call& call, const protocol::ElectLeadersRequest& request, protocol::ErrorCode code);
void refuse(Services& services, const Call& call, const protocol::FetchRequest& request, protocol::ErrorCode code);
void refuse(Services& services, const Call& call, const protocol::FindCoordinatorRequest& request, protocol::ErrorCode code);
void refuse(Services& services, const Call& call, const protocol::IncrementalAlterConfigsRequest& request,
            protocol::ErrorCode code);
void refuse(Services& services, const Call& call, const protocol::InitProducerIdRequest& request, protocol::ErrorCode code);
void refuse(Services& services, const Call& call, const protocol::ListOffsetsRequest& request, protocol::ErrorCode code);
void refuse(Services& services, const Call& call, const protocol::MetadataRequest& request, protocol::ErrorCode code);
void refuse(Services& services, const Call& call, const protocol::OffsetForLeaderEpochRequest& request, protocol::ErrorCode code);
void refuse(Services& services, const Call& call, const protocol::ProduceRequest& request, protocol::ErrorCode code);

// Of an ApiVersions request in a version that we do not know: code 35 in the layout of version 0, which every client can read.
void refuse_unknown_api_versions(const Call& call);

}  // namespace acklab::broker

#include "protocol/error_code.h"

#include <algorithm>
#include <iterator>

namespace acklab::protocol {
namespace {

enum class Retry { no, yes, after_metadata };

struct Entry {
  ErrorCode code;
  std::string_view name;
  Retry retry;
};

// In the order of the codes.
constexpr Entry table[] = {
    {ErrorCode::unknown_server_error, "UNKNOWN_SERVER_ERROR", Retry::no},
    {ErrorCode::none, "NONE", Retry::no},
    {ErrorCode::offset_out_of_range, "OFFSET_OUT_OF_RANGE", Retry::no},
    {ErrorCode::corrupt_message, "CORRUPT_MESSAGE", Retry::yes},
    {ErrorCode::unknown_topic_or_partition, "UNKNOWN_TOPIC_OR_PARTITION", Retry::after_metadata},
    {ErrorCode::invalid_fetch_size, "INVALID_FETCH_SIZE", Retry::no},
    {ErrorCode::leader_not_available, "LEADER_NOT_AVAILABLE", Retry::after_metadata},
    {ErrorCode::not_leader_or_follower, "NOT_LEADER_OR_FOLLOWER", Retry::after_metadata},
    {ErrorCode::request_timed_out, "REQUEST_TIMED_OUT", Retry::yes},
    {ErrorCode::broker_not_available, "BROKER_NOT_AVAILABLE", Retry::no},
    {ErrorCode::replica_not_available, "REPLICA_NOT_AVAILABLE", Retry::after_metadata},
    {ErrorCode::message_too_large, "MESSAGE_TOO_LARGE", Retry::no},
    {ErrorCode::stale_controller_epoch, "STALE_CONTROLLER_EPOCH", Retry::no},
    {ErrorCode::offset_metadata_too_large, "OFFSET_METADATA_TOO_LARGE", Retry::no},
    {ErrorCode::network_exception, "NETWORK_EXCEPTION", Retry::after_metadata},
    {ErrorCode::coordinator_load_in_progress, "COORDINATOR_LOAD_IN_PROGRESS", Retry::yes},
    {ErrorCode::coordinator_not_available, "COORDINATOR_NOT_AVAILABLE", Retry::yes},
    {ErrorCode::not_coordinator, "NOT_COORDINATOR", Retry::yes},
    {ErrorCode::invalid_topic_exception, "INVALID_TOPIC_EXCEPTION", Retry::no},
    {ErrorCode::record_list_too_large, "RECORD_LIST_TOO_LARGE", Retry::no},
    {ErrorCode::not_enough_replicas, "NOT_ENOUGH_REPLICAS", Retry::yes},
    {ErrorCode::not_enough_replicas_after_append, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", Retry::yes},
    {ErrorCode::invalid_required_acks, "INVALID_REQUIRED_ACKS", Retry::no},
    {ErrorCode::illegal_generation, "ILLEGAL_GENERATION", Retry::no},
    {ErrorCode::inconsistent_group_protocol, "INCONSISTENT_GROUP_PROTOCOL", Retry::no},
    {ErrorCode::invalid_group_id, "INVALID_GROUP_ID", Retry::no},
    {ErrorCode::unknown_member_id, "UNKNOWN_MEMBER_ID", Retry::no},
    {ErrorCode::invalid_session_timeout, "INVALID_SESSION_TIMEOUT", Retry::no},
    {ErrorCode::rebalance_in_progress, "REBALANCE_IN_PROGRESS", Retry::no},
    {ErrorCode::invalid_commit_offset_size, "INVALID_COMMIT_OFFSET_SIZE", Retry::no},
    {ErrorCode::topic_authorization_failed, "TOPIC_AUTHORIZATION_FAILED", Retry::no},
    {ErrorCode::group_authorization_failed, "GROUP_AUTHORIZATION_FAILED", Retry::no},
    {ErrorCode::cluster_authorization_failed, "CLUSTER_AUTHORIZATION_FAILED", Retry::no},
    {ErrorCode::invalid_timestamp, "INVALID_TIMESTAMP", Retry::no},
    {ErrorCode::unsupported_sasl_mechanism, "UNSUPPORTED_SASL_MECHANISM", Retry::no},
    {ErrorCode::illegal_sasl_state, "ILLEGAL_SASL_STATE", Retry::no},
    {ErrorCode::unsupported_version, "UNSUPPORTED_VERSION", Retry::no},
    {ErrorCode::topic_already_exists, "TOPIC_ALREADY_EXISTS", Retry::no},
    {ErrorCode::invalid_partitions, "INVALID_PARTITIONS", Retry::no},
    {ErrorCode::invalid_replication_factor, "INVALID_REPLICATION_FACTOR", Retry::no},
    {ErrorCode::invalid_replica_assignment, "INVALID_REPLICA_ASSIGNMENT", Retry::no},
    {ErrorCode::invalid_config, "INVALID_CONFIG", Retry::no},
    {ErrorCode::not_controller, "NOT_CONTROLLER", Retry::yes},
    {ErrorCode::invalid_request, "INVALID_REQUEST", Retry::no},
    {ErrorCode::unsupported_for_message_format, "UNSUPPORTED_FOR_MESSAGE_FORMAT", Retry::no},
    {ErrorCode::policy_violation, "POLICY_VIOLATION", Retry::no},
    {ErrorCode::out_of_order_sequence_number, "OUT_OF_ORDER_SEQUENCE_NUMBER", Retry::no},
    {ErrorCode::duplicate_sequence_number, "DUPLICATE_SEQUENCE_NUMBER", Retry::no},
    {ErrorCode::invalid_producer_epoch, "INVALID_PRODUCER_EPOCH", Retry::no},
    {ErrorCode::invalid_txn_state, "INVALID_TXN_STATE", Retry::no},
    {ErrorCode::invalid_producer_id_mapping, "INVALID_PRODUCER_ID_MAPPING", Retry::no},
    {ErrorCode::invalid_transaction_timeout, "INVALID_TRANSACTION_TIMEOUT", Retry::no},
    {ErrorCode::concurrent_transactions, "CONCURRENT_TRANSACTIONS", Retry::yes},
    {ErrorCode::transaction_coordinator_fenced, "TRANSACTION_COORDINATOR_FENCED", Retry::no},
    {ErrorCode::transactional_id_authorization_failed, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", Retry::no},
    {ErrorCode::security_disabled, "SECURITY_DISABLED", Retry::no},
    {ErrorCode::operation_not_attempted, "OPERATION_NOT_ATTEMPTED", Retry::no},
    {ErrorCode::kafka_storage_error, "KAFKA_STORAGE_ERROR", Retry::after_metadata},
    {ErrorCode::log_dir_not_found, "LOG_DIR_NOT_FOUND", Retry::no},
    {ErrorCode::sasl_authentication_failed, "SASL_AUTHENTICATION_FAILED", Retry::no},
    {ErrorCode::unknown_producer_id, "UNKNOWN_PRODUCER_ID", Retry::no},
    {ErrorCode::reassignment_in_progress, "REASSIGNMENT_IN_PROGRESS", Retry::no},
    {ErrorCode::invalid_principal_type, "INVALID_PRINCIPAL_TYPE", Retry::no},
    {ErrorCode::non_empty_group, "NON_EMPTY_GROUP", Retry::no},
    {ErrorCode::group_id_not_found, "GROUP_ID_NOT_FOUND", Retry::no},
    {ErrorCode::fetch_session_id_not_found, "FETCH_SESSION_ID_NOT_FOUND", Retry::yes},
    {ErrorCode::invalid_fetch_session_epoch, "INVALID_FETCH_SESSION_EPOCH", Retry::yes},
    {ErrorCode::listener_not_found, "LISTENER_NOT_FOUND", Retry::after_metadata},
    {ErrorCode::topic_deletion_disabled, "TOPIC_DELETION_DISABLED", Retry::no},
    {ErrorCode::fenced_leader_epoch, "FENCED_LEADER_EPOCH", Retry::after_metadata},
    {ErrorCode::unknown_leader_epoch, "UNKNOWN_LEADER_EPOCH", Retry::yes},
    {ErrorCode::unsupported_compression_type, "UNSUPPORTED_COMPRESSION_TYPE", Retry::no},
    {ErrorCode::stale_broker_epoch, "STALE_BROKER_EPOCH", Retry::no},
    {ErrorCode::offset_not_available, "OFFSET_NOT_AVAILABLE", Retry::yes},
    {ErrorCode::member_id_required, "MEMBER_ID_REQUIRED", Retry::no},
    {ErrorCode::preferred_leader_not_available, "PREFERRED_LEADER_NOT_AVAILABLE", Retry::after_metadata},
    {ErrorCode::group_max_size_reached, "GROUP_MAX_SIZE_REACHED", Retry::no},
    {ErrorCode::fenced_instance_id, "FENCED_INSTANCE_ID", Retry::no},
    {ErrorCode::eligible_leaders_not_available, "ELIGIBLE_LEADERS_NOT_AVAILABLE", Retry::after_metadata},
    {ErrorCode::election_not_needed, "ELECTION_NOT_NEEDED", Retry::after_metadata},
    {ErrorCode::no_reassignment_in_progress, "NO_REASSIGNMENT_IN_PROGRESS", Retry::no},
    {ErrorCode::group_subscribed_to_topic, "GROUP_SUBSCRIBED_TO_TOPIC", Retry::no},
    {ErrorCode::invalid_record, "INVALID_RECORD", Retry::no},
    {ErrorCode::unstable_offset_commit, "UNSTABLE_OFFSET_COMMIT", Retry::yes},
    {ErrorCode::throttling_quota_exceeded, "THROTTLING_QUOTA_EXCEEDED", Retry::yes},
    {ErrorCode::producer_fenced, "PRODUCER_FENCED", Retry::no},
    {ErrorCode::resource_not_found, "RESOURCE_NOT_FOUND", Retry::no},
    {ErrorCode::duplicate_resource, "DUPLICATE_RESOURCE", Retry::no},
    {ErrorCode::unacceptable_credential, "UNACCEPTABLE_CREDENTIAL", Retry::no},
    {ErrorCode::inconsistent_voter_set, "INCONSISTENT_VOTER_SET", Retry::no},
    {ErrorCode::invalid_update_version, "INVALID_UPDATE_VERSION", Retry::no},
    {ErrorCode::feature_update_failed, "FEATURE_UPDATE_FAILED", Retry::no},
    {ErrorCode::principal_deserialization_failure, "PRINCIPAL_DESERIALIZATION_FAILURE", Retry::no},
    {ErrorCode::snapshot_not_found, "SNAPSHOT_NOT_FOUND", Retry::no},
    {ErrorCode::position_out_of_range, "POSITION_OUT_OF_RANGE", Retry::no},
    {ErrorCode::unknown_topic_id, "UNKNOWN_TOPIC_ID", Retry::after_metadata},
    {ErrorCode::duplicate_broker_registration, "DUPLICATE_BROKER_REGISTRATION", Retry::no},
    {ErrorCode::broker_id_not_registered, "BROKER_ID_NOT_REGISTERED", Retry::no},
    {ErrorCode::inconsistent_topic_id, "INCONSISTENT_TOPIC_ID", Retry::after_metadata},
    {ErrorCode::inconsistent_cluster_id, "INCONSISTENT_CLUSTER_ID", Retry::no},
    {ErrorCode::transactional_id_not_found, "TRANSACTIONAL_ID_NOT_FOUND", Retry::no},
    {ErrorCode::fetch_session_topic_id_error, "FETCH_SESSION_TOPIC_ID_ERROR", Retry::yes},
    {ErrorCode::ineligible_replica, "INELIGIBLE_REPLICA", Retry::no},
    {ErrorCode::new_leader_elected, "NEW_LEADER_ELECTED", Retry::no},
    {ErrorCode::offset_moved_to_tiered_storage, "OFFSET_MOVED_TO_TIERED_STORAGE", Retry::no},
    {ErrorCode::fenced_member_epoch, "FENCED_MEMBER_EPOCH", Retry::no},
    {ErrorCode::unreleased_instance_id, "UNRELEASED_INSTANCE_ID", Retry::no},
    {ErrorCode::unsupported_assignor, "UNSUPPORTED_ASSIGNOR", Retry::no},
    {ErrorCode::stale_member_epoch, "STALE_MEMBER_EPOCH", Retry::no},
    {ErrorCode::mismatched_endpoint_type, "MISMATCHED_ENDPOINT_TYPE", Retry::no},
    {ErrorCode::unsupported_endpoint_type, "UNSUPPORTED_ENDPOINT_TYPE", Retry::no},
    {ErrorCode::unknown_controller_id, "UNKNOWN_CONTROLLER_ID", Retry::no},
    {ErrorCode::unknown_subscription_id, "UNKNOWN_SUBSCRIPTION_ID", Retry::no},
    {ErrorCode::telemetry_too_large, "TELEMETRY_TOO_LARGE", Retry::no},
    {ErrorCode::invalid_registration, "INVALID_REGISTRATION", Retry::no},
    {ErrorCode::transaction_abortable, "TRANSACTION_ABORTABLE", Retry::no},
    {ErrorCode::invalid_record_state, "INVALID_RECORD_STATE", Retry::no},
    {ErrorCode::share_session_not_found, "SHARE_SESSION_NOT_FOUND", Retry::yes},
    {ErrorCode::invalid_share_session_epoch, "INVALID_SHARE_SESSION_EPOCH", Retry::yes},
    {ErrorCode::fenced_state_epoch, "FENCED_STATE_EPOCH", Retry::no},
    {ErrorCode::invalid_voter_key, "INVALID_VOTER_KEY", Retry::no},
    {ErrorCode::duplicate_voter, "DUPLICATE_VOTER", Retry::no},
    {ErrorCode::voter_not_found, "VOTER_NOT_FOUND", Retry::no},
    {ErrorCode::invalid_regular_expression, "INVALID_REGULAR_EXPRESSION", Retry::no},
    {ErrorCode::rebootstrap_required, "REBOOTSTRAP_REQUIRED", Retry::no},
    {ErrorCode::share_session_limit_reached, "SHARE_SESSION_LIMIT_REACHED", Retry::yes},
};

static_assert(std::ranges::is_sorted(table, {}, &Entry::code));

const Entry* find(ErrorCode code) {
  const Entry* entry = std::ranges::lower_bound(table, code, {}, &Entry::code);
  return entry != std::end(table) && entry->code == code ? entry : nullptr;
}

}  // namespace

std::string_view name(ErrorCode code) {
  const Entry* entry = find(code);
  return entry ? entry->name : "UNKNOWN";
}

bool retriable(ErrorCode code) {
  const Entry* entry = find(code);
  return entry && entry->retry != Retry::no;
}

bool stale_metadata(ErrorCode code) {
  const Entry* entry = find(code);
  return entry && entry->retry == Retry::after_metadata;
}

}  // namespace acklab::protocol

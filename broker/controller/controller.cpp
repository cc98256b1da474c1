#include "broker/controller/controller.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/controller/cluster_state.h"
#include "broker/controller/internal_server.h"
#include "broker/controller/metadata_log.h"
#include "broker/log_directory.h"

namespace acklab::broker {

using protocol::AllocateProducerIdsRequest;
using protocol::AllocateProducerIdsResponse;
using protocol::AlterConfigsRequest;
using protocol::AlterPartitionRequest;
using protocol::BrokerHeartbeatRequest;
using protocol::BrokerHeartbeatResponse;
using protocol::BrokerRegistrationRequest;
using protocol::BrokerRegistrationResponse;
using protocol::CreatePartitionsRequest;
using protocol::CreateTopicsRequest;
using protocol::DeleteTopicsRequest;
using protocol::ElectLeadersRequest;
using protocol::ErrorCode;
using protocol::IncrementalAlterConfigsRequest;
using protocol::ReceivedRequest;
using protocol::Runtime;
using protocol::Timer;

namespace {

// A broker that asks to wait longer is answered with nothing after this long.
constexpr Duration longest_metadata_wait = std::chrono::seconds(10);

}  // namespace

class Controller::Core {
 public:
  Core(Runtime& runtime, storage::Disk& disk, ControllerOptions options);

  void elect(Election election, const TopicPartition& partition);

 private:
  using SessionId = InternalServer::SessionId;

  // A broker that has all records and waits for more.
  struct Poll {
    std::int64_t from_offset = 0;
    std::int16_t version = 0;
    std::int32_t correlation = 0;
    std::unique_ptr<Timer> timer;
  };

  void serve(SessionId session, const ReceivedRequest& request);
  template <class Request, class Handler>
  void serve_as(SessionId session, const ReceivedRequest& request, const Handler& handler);
  BrokerRegistrationResponse register_broker(const BrokerRegistrationRequest& request);
  BrokerHeartbeatResponse heartbeat(const BrokerHeartbeatRequest& request);

  void fetch_metadata(SessionId session, const ReceivedRequest& request);
  void answer_poll(SessionId session, const Poll& poll);
  void end_poll(SessionId session);

  void keep_session(BrokerId broker);
  void end_session(BrokerId broker) { sessions_.erase(broker); }
  void session_ended(BrokerId broker);

  bool commit();
  void note(const std::vector<ClusterState::Change>& changes);
  void stop();
  void halt(const storage::DiskError& error);

  Runtime& runtime_;
  const ControllerOptions options_;
  LogDirectory log_directory_;
  protocol::Random topic_ids_;
  ClusterState state_;
  std::optional<MetadataLog> log_;
  std::int32_t epoch_ = -1;
  std::map<BrokerId, std::unique_ptr<Timer>> sessions_;  // of brokers; each goes off when the broker was silent for too long
  std::map<SessionId, Poll> polls_;
  std::optional<InternalServer> server_;
  std::unique_ptr<Timer> closing_;
};

Controller::Core::Core(Runtime& runtime, storage::Disk& disk, ControllerOptions options)
    : runtime_(runtime),
      options_(std::move(options)),
      log_directory_(disk, [this](const storage::DiskError& error) { halt(error); }),
      topic_ids_(runtime.random("topic-id")),
      state_(options_.config, [this] { return protocol::random_uuid(topic_ids_); }) {
  auto log = MetadataLog::open(log_directory_, [this](const auto& decision) { state_.replay(decision); });
  if (!log) return;
  log_.emplace(*std::move(log));
  // The flush behind this also makes durable what an earlier incarnation had written and not flushed before it was killed: nobody
  // may be told of it before.
  state_.begin();
  epoch_ = state_.image().controller_epoch;
  if (!commit()) return;
  // Nobody could be heard while there was no controller.
  for (const auto& [broker, registration] : state_.image().brokers) keep_session(broker);
  server_.emplace(runtime_, options_.listen, static_cast<std::size_t>(options_.config.socket_request_max_bytes),
                  [this](SessionId session, const ReceivedRequest& request) { serve(session, request); });
}

void Controller::Core::serve(SessionId session, const ReceivedRequest& request) {
  if (closing_) return;
  switch (request.header.api_key) {
    case BrokerRegistrationRequest::info.api_key:
      return serve_as<BrokerRegistrationRequest>(session, request, [this](const auto& body) { return register_broker(body); });
    case BrokerHeartbeatRequest::info.api_key:
      return serve_as<BrokerHeartbeatRequest>(session, request, [this](const auto& body) { return heartbeat(body); });
    case AlterPartitionRequest::info.api_key:
      return serve_as<AlterPartitionRequest>(
          session, request, [&](const auto& body) { return state_.alter_partition(body, request.header.api_version); });
    case AllocateProducerIdsRequest::info.api_key:
      return serve_as<AllocateProducerIdsRequest>(session, request,
                                                  [this](const auto& body) { return state_.allocate_producer_ids(body); });
    case CreateTopicsRequest::info.api_key:
      return serve_as<CreateTopicsRequest>(session, request, [this](const auto& body) { return state_.create_topics(body); });
    case CreatePartitionsRequest::info.api_key:
      return serve_as<CreatePartitionsRequest>(session, request,
                                               [this](const auto& body) { return state_.create_partitions(body); });
    case DeleteTopicsRequest::info.api_key:
      return serve_as<DeleteTopicsRequest>(session, request, [this](const auto& body) { return state_.delete_topics(body); });
    case AlterConfigsRequest::info.api_key:
      return serve_as<AlterConfigsRequest>(session, request, [this](const auto& body) { return state_.alter_configs(body); });
    case IncrementalAlterConfigsRequest::info.api_key:
      return serve_as<IncrementalAlterConfigsRequest>(session, request,
                                                      [this](const auto& body) { return state_.alter_configs(body); });
    case ElectLeadersRequest::info.api_key:
      return serve_as<ElectLeadersRequest>(session, request, [this](const auto& body) { return state_.elect_leaders(body); });
    case MetadataFetchRequest::info.api_key:
      return fetch_metadata(session, request);
    default:
      return server_->refuse(session);
  }
}

void Controller::Core::halt(const storage::DiskError& error) {
  runtime_.note({.event = protocol::Event::disk_failed, .code = ErrorCode::kafka_storage_error});
  if (options_.halted) options_.halted(error.what);
}

void Controller::Core::elect(Election election, const TopicPartition& partition) {
  if (!server_ || closing_) return;  // its disk has failed
  state_.elect(election, partition);
  commit();
}

// Decides, makes durable, answers: in this order. A controller that cannot write is silent; its brokers find out by their
// time-outs.
template <class Request, class Handler>
void Controller::Core::serve_as(SessionId session, const ReceivedRequest& request, const Handler& handler) {
  const std::int16_t version = request.header.api_version;
  if (!Request::info.has(version)) return server_->refuse(session);
  const auto body = protocol::decode<Request>(request.body, version);
  if (!body) return server_->refuse(session);
  const auto answer = handler(*body);
  if (!commit()) return;
  server_->answer(session, protocol::response_frame(answer, version, request.header.correlation_id));
}

BrokerRegistrationResponse Controller::Core::register_broker(const BrokerRegistrationRequest& request) {
  const BrokerId broker{request.broker_id};
  const auto old_session = sessions_.contains(broker) ? ClusterState::OldSession::alive : ClusterState::OldSession::ended;
  const BrokerRegistrationResponse answer = state_.register_broker(request, old_session);
  if (answer.error_code == ErrorCode::none) keep_session(broker);
  return answer;
}

BrokerHeartbeatResponse Controller::Core::heartbeat(const BrokerHeartbeatRequest& request) {
  const BrokerHeartbeatResponse answer = state_.heartbeat(request);
  if (answer.error_code != ErrorCode::none) return answer;
  // A broker that may end has no session any more: its next incarnation need not wait for it to time out.
  answer.should_shut_down ? end_session({request.broker_id}) : keep_session({request.broker_id});
  return answer;
}

void Controller::Core::fetch_metadata(SessionId session, const ReceivedRequest& request) {
  const std::int16_t version = request.header.api_version;
  if (!MetadataFetchRequest::info.has(version)) return server_->refuse(session);
  const auto body = protocol::decode<MetadataFetchRequest>(request.body, version);
  if (!body) return server_->refuse(session);
  Poll poll{body->from_offset, version, request.header.correlation_id, nullptr};
  const Duration wait = std::min<Duration>(std::chrono::milliseconds(body->max_wait_ms), longest_metadata_wait);
  if (poll.from_offset != state_.image().offset.value || wait <= Duration::zero()) return answer_poll(session, poll);
  poll.timer = runtime_.after(wait, [this, session] { end_poll(session); });
  polls_[session] = std::move(poll);
}

void Controller::Core::answer_poll(SessionId session, const Poll& poll) {
  protocol::MetadataFetchResponse answer;
  answer.controller_epoch = epoch_;
  answer.from_offset = poll.from_offset;
  const Offset from{poll.from_offset};
  if (from < Offset{0} || from > log_->end()) {
    answer.error_code = ErrorCode::offset_out_of_range;
  } else if (auto records = log_->read(from, max_metadata_fetch_bytes)) {
    answer.records = *std::move(records);
  } else {
    answer.error_code = ErrorCode::kafka_storage_error;
  }
  server_->answer(session, protocol::response_frame(answer, poll.version, poll.correlation));
}

void Controller::Core::end_poll(SessionId session) {
  const auto poll = polls_.extract(session);
  if (poll) answer_poll(session, poll.mapped());
}

// A broker's time-out runs anew from each heartbeat that is heard.
void Controller::Core::keep_session(BrokerId broker) {
  sessions_[broker] = runtime_.after(options_.config.session_timeout, [this, broker] { session_ended(broker); });
}

void Controller::Core::session_ended(BrokerId broker) {
  sessions_.erase(broker);
  state_.session_ended(broker);
  commit();
}

// Makes durable what was decided in this turn, then tells the journal and the brokers that wait for records. False if the disk
// failed: then nobody may hear of the decision, and this incarnation is at its end.
bool Controller::Core::commit() {
  const ClusterState::Decision decision = state_.take();
  if (!decision.records.empty() && !log_->append(decision.records, epoch_, runtime_.wall_now())) {
    stop();
    return false;
  }
  note(decision.changes);
  if (decision.records.empty()) return true;
  for (auto& [session, poll] : std::exchange(polls_, {})) answer_poll(session, poll);
  return true;
}

void Controller::Core::note(const std::vector<ClusterState::Change>& changes) {
  for (const auto& [change, topic] : changes) {
    protocol::Entry entry = change;
    // A partition's first leader is not the outcome of an election.
    if (change.event == protocol::Event::elected && change.peer.known() && change.epoch > protocol::LeaderEpoch{0}) {
      options_.metrics->leader_elections.add();
    }
    if (!topic.empty()) entry.topic = runtime_.topic_number(topic);
    runtime_.note(entry);
  }
}

// Kafka's controller resigns when it cannot write; there is no other one here, so it falls silent until it is restarted.
void Controller::Core::stop() {
  sessions_.clear();
  polls_.clear();
  closing_ = runtime_.after(Duration::zero(), [this] { server_.reset(); });  // not now: it may be in the middle of a request
}

Controller::Controller(Runtime& runtime, storage::Disk& disk, ControllerOptions options)
    : core_(std::make_unique<Core>(runtime, disk, std::move(options))) {}

Controller::~Controller() = default;

void Controller::elect(Election election, const TopicPartition& partition) { core_->elect(election, partition); }

}  // namespace acklab::broker

// Two connections, because the controller serves one request of a connection at a time: on one of them a MetadataFetch waits for
// records most of the time, on the other everything else is answered at once.
#include "broker/controller/controller_link.h"

#include <algorithm>
#include <string>
#include <utility>

#include "broker/controller/lasting_channel.h"
#include "protocol/messages/broker_heartbeat.h"
#include "protocol/messages/broker_registration.h"

namespace acklab::broker {

using protocol::AllocateProducerIdsRequest;
using protocol::AllocateProducerIdsResponse;
using protocol::AlterPartitionRequest;
using protocol::AlterPartitionResponse;
using protocol::BrokerHeartbeatRequest;
using protocol::BrokerHeartbeatResponse;
using protocol::BrokerRegistrationRequest;
using protocol::BrokerRegistrationResponse;
using protocol::ErrorCode;
using protocol::RequestChannel;
using protocol::Runtime;
using protocol::Timer;

namespace {

constexpr std::chrono::milliseconds metadata_wait{500};                    // how long a MetadataFetch may wait at the controller
constexpr Duration retry_delay = std::chrono::milliseconds(100);           // after an answer that was an error
constexpr Duration first_shut_down_delay = std::chrono::milliseconds(50);  // as in Kafka: it may be granted soon

}  // namespace

class ControllerLink::Core {
 public:
  Core(Runtime& runtime, ControllerLinkOptions options, std::function<void()> changed);

  const MetadataImage& image() const { return image_; }
  BrokerEpoch broker_epoch() const { return epoch_; }

  void shut_down(std::function<void()> granted);
  void alter_partition(AlterPartitionRequest request, Completion<AlterPartitionResponse> completion);
  void allocate_producer_ids(Completion<AllocateProducerIdsResponse> completion);
  RequestChannel& requests() { return requests_.now(); }

 private:
  RequestChannel::Options channel_options(Duration longest_wait) const;

  // The session.
  void resume();
  void register_broker();
  void registered(const BrokerRegistrationResponse& answer);
  void heartbeat();
  void heard(const BrokerHeartbeatRequest& request, const BrokerHeartbeatResponse& answer);
  Duration next_heartbeat_delay();
  void check_session(ErrorCode code, BrokerEpoch asked_with);
  // The image contains our own registration.
  bool caught_up() const { return epoch_.known() && image_.offset.value > epoch_.value; }

  // The metadata.
  void fetch_metadata();
  void take_metadata(const MetadataFetchResponse& answer);
  void announce();

  Runtime& runtime_;
  const ControllerLinkOptions options_;
  const std::function<void()> changed_;
  protocol::Random incarnations_;
  Uuid incarnation_;
  BrokerEpoch epoch_{};
  bool fenced_ = true;
  bool asking_ = false;                               // a registration or heartbeat is on its way
  std::function<void()> shut_down_granted_;           // empty: we do not want to shut down
  Duration shut_down_delay_ = first_shut_down_delay;  // after the next answer that does not grant it
  std::unique_ptr<Timer> next_request_;
  MetadataImage image_;
  bool present_ = false;                // the image has once contained our registration: what it says since then concerns us
  std::int32_t controller_epoch_ = -1;  // the highest that was seen
  std::unique_ptr<Timer> next_fetch_;
  LastingChannel requests_;
  LastingChannel metadata_;
};

ControllerLink::Core::Core(Runtime& runtime, ControllerLinkOptions options, std::function<void()> changed)
    : runtime_(runtime),
      options_(std::move(options)),
      changed_(std::move(changed)),
      incarnations_(runtime.random("incarnation")),
      incarnation_(protocol::random_uuid(incarnations_)),
      requests_(runtime, options_.controller, channel_options(Duration::zero()), [this] { resume(); }),
      metadata_(runtime, options_.controller, channel_options(metadata_wait), [this] { fetch_metadata(); }) {}

// As in Kafka, half a session: a request that got lost is noticed while there is time for another one.
RequestChannel::Options ControllerLink::Core::channel_options(Duration longest_wait) const {
  const Duration patience = options_.config.session_timeout / 2;
  return {.client_id = "broker-" + std::to_string(options_.broker.value),
          .request_timeout = longest_wait + patience,
          .connect_timeout = patience,
          .negotiate = false};
}

void ControllerLink::Core::resume() { epoch_.known() ? heartbeat() : register_broker(); }

void ControllerLink::Core::register_broker() {
  if (asking_) return;
  asking_ = true;
  next_request_.reset();
  BrokerRegistrationRequest request;
  request.broker_id = options_.broker.value;
  request.incarnation_id = incarnation_;
  request.listeners = {{"PLAINTEXT", options_.advertised.host, options_.advertised.port, 0}};
  requests_.now().send<BrokerRegistrationRequest, BrokerRegistrationResponse>(request, [this](const auto& answer) {
    asking_ = false;
    if (answer) registered(*answer);  // a fault ended the channel: resume() follows
  });
}

void ControllerLink::Core::registered(const BrokerRegistrationResponse& answer) {
  if (answer.error_code == ErrorCode::none) {
    epoch_ = {answer.broker_epoch};
    fenced_ = true;
    heartbeat();
    announce();
  } else {
    next_request_ = runtime_.after(retry_delay, [this] { resume(); });
  }
}

void ControllerLink::Core::heartbeat() {
  if (asking_) return;
  asking_ = true;
  next_request_.reset();
  BrokerHeartbeatRequest request;
  request.broker_id = options_.broker.value;
  request.broker_epoch = epoch_.value;
  request.current_metadata_offset = image_.offset.value - 1;
  request.want_shut_down = shut_down_granted_ != nullptr;
  requests_.now().send<BrokerHeartbeatRequest, BrokerHeartbeatResponse>(request, [this, request](const auto& answer) {
    asking_ = false;
    if (!answer) return;
    if (answer->error_code == ErrorCode::none) return heard(request, *answer);
    next_request_ = runtime_.after(retry_delay, [this] { resume(); });
    check_session(answer->error_code, {request.broker_epoch});
  });
}

void ControllerLink::Core::heard(const BrokerHeartbeatRequest& request, const BrokerHeartbeatResponse& answer) {
  fenced_ = answer.is_fenced;
  if (shut_down_granted_ && answer.should_shut_down) return shut_down_granted_();
  // What has changed since the request left need not wait for its turn.
  if (shut_down_granted_ && !request.want_shut_down) return heartbeat();
  if (fenced_ && request.current_metadata_offset < request.broker_epoch && caught_up()) return heartbeat();
  next_request_ = runtime_.after(next_heartbeat_delay(), [this] { resume(); });
}

Duration ControllerLink::Core::next_heartbeat_delay() {
  if (!shut_down_granted_) return options_.config.heartbeat_interval;
  return std::exchange(shut_down_delay_, options_.config.heartbeat_interval);
}

void ControllerLink::Core::shut_down(std::function<void()> granted) {
  if (shut_down_granted_) return;
  shut_down_granted_ = std::move(granted);
  epoch_.known() ? heartbeat() : shut_down_granted_();
}

// The controller does not know this incarnation, or no longer: the broker begins again as a new one.
void ControllerLink::Core::check_session(ErrorCode code, BrokerEpoch asked_with) {
  if (code != ErrorCode::stale_broker_epoch && code != ErrorCode::broker_id_not_registered) return;
  if (!epoch_.known() || asked_with != epoch_) return;
  epoch_ = {};
  fenced_ = true;
  incarnation_ = protocol::random_uuid(incarnations_);
  register_broker();
}

void ControllerLink::Core::fetch_metadata() {
  next_fetch_.reset();
  if (!metadata_.now().ready()) return;  // when it is, this is called again; two at a time would go on for ever
  MetadataFetchRequest request;
  request.broker_id = options_.broker.value;
  request.from_offset = image_.offset.value;
  request.max_wait_ms = static_cast<std::int32_t>(metadata_wait.count());
  metadata_.now().send<MetadataFetchRequest, MetadataFetchResponse>(request, [this](const auto& answer) {
    if (answer) take_metadata(*answer);
  });
}

void ControllerLink::Core::take_metadata(const MetadataFetchResponse& answer) {
  // A former controller that does not know that it was replaced: nothing that it says counts, on either connection.
  if (answer.controller_epoch < controller_epoch_) {
    requests_.now().abandon();
    metadata_.now().abandon();
    return;
  }
  controller_epoch_ = answer.controller_epoch;
  if (answer.error_code != ErrorCode::none || answer.from_offset != image_.offset.value) {
    next_fetch_ = runtime_.after(retry_delay, [this] { fetch_metadata(); });
    return;
  }
  for (const MetadataRecord& record : answer.records) image_.apply(record);
  fetch_metadata();
  if (answer.records.empty()) return;
  if (fenced_ && caught_up()) heartbeat();  // need not wait for its turn: this one will unfence
  announce();
}

// The registration's record may come before its answer or after it, so both look.
void ControllerLink::Core::announce() {
  present_ = present_ || caught_up();
  if (present_) changed_();
}

void ControllerLink::Core::alter_partition(AlterPartitionRequest request, Completion<AlterPartitionResponse> completion) {
  request.broker_id = options_.broker.value;
  request.broker_epoch = epoch_.value;
  requests_.now().send<AlterPartitionRequest, AlterPartitionResponse>(
      request, [this, asked_with = epoch_, completion = std::move(completion)](const auto& answer) {
        if (answer) check_session(answer->error_code, asked_with);
        completion(answer);
      });
}

void ControllerLink::Core::allocate_producer_ids(Completion<AllocateProducerIdsResponse> completion) {
  requests_.now().send<AllocateProducerIdsRequest, AllocateProducerIdsResponse>(
      {options_.broker.value, epoch_.value}, [this, asked_with = epoch_, completion = std::move(completion)](const auto& answer) {
        if (answer) check_session(answer->error_code, asked_with);
        completion(answer);
      });
}

ControllerLink::ControllerLink(Runtime& runtime, ControllerLinkOptions options, std::function<void()> changed)
    : core_(std::make_unique<Core>(runtime, std::move(options), std::move(changed))) {}

ControllerLink::~ControllerLink() = default;

const MetadataImage& ControllerLink::image() const { return core_->image(); }
BrokerEpoch ControllerLink::broker_epoch() const { return core_->broker_epoch(); }

void ControllerLink::shut_down(std::function<void()> granted) { core_->shut_down(std::move(granted)); }

void ControllerLink::alter_partition(const AlterPartitionRequest& request, Completion<AlterPartitionResponse> completion) {
  core_->alter_partition(request, std::move(completion));
}

void ControllerLink::allocate_producer_ids(Completion<AllocateProducerIdsResponse> completion) {
  core_->allocate_producer_ids(std::move(completion));
}

RequestChannel& ControllerLink::requests() { return core_->requests(); }

}  // namespace acklab::broker

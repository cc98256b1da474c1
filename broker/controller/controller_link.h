// A broker's link to the controller: registers, sends heartbeats, and long-polls for metadata records; carries the broker's own
// requests (AlterPartition, AllocateProducerIds) and those that clients asked it and the controller decides. Reconnects for ever with a back-off. When the session
// is lost (the controller answers STALE_BROKER_EPOCH or BROKER_ID_NOT_REGISTERED) it registers again.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "broker/config.h"
#include "broker/controller/metadata_image.h"
#include "protocol/messages/allocate_producer_ids.h"
#include "protocol/messages/alter_partition.h"
#include "protocol/runtime/request_channel.h"
#include "protocol/runtime/runtime.h"

namespace acklab::broker {

struct ControllerLinkOptions {
  BrokerId broker{};
  protocol::Address controller;
  protocol::Address advertised;  // of this broker's client listener
  BrokerConfig config;
};

class ControllerLink {
 public:
  template <class Answer>
  using Completion = std::function<void(Result<Answer, protocol::ChannelFault>)>;

  // `changed` runs whenever records were applied to image(), once the image contains the registration of this incarnation. Before
  // that it tells of the past: of partitions that a former incarnation led, with a log that may since have lost its tail.
  ControllerLink(protocol::Runtime& runtime, ControllerLinkOptions options, std::function<void()> changed);
  ~ControllerLink();

  const MetadataImage& image() const;
  BrokerEpoch broker_epoch() const;  // -1 until registered

  // Controlled shutdown: every heartbeat says that this broker wants to end, until the controller grants it. A broker that has not
  // registered has nothing to hand over, and is granted it inside the call. A second call changes nothing.
  void shut_down(std::function<void()> granted);

  // Each completes once, never inside the call; a fault other than not_written means that nobody knows whether it was applied.
  // The link fills in broker id and broker epoch.
  void alter_partition(const protocol::AlterPartitionRequest& request, Completion<protocol::AlterPartitionResponse> completion);
  void allocate_producer_ids(Completion<protocol::AllocateProducerIdsResponse> completion);
  // What a client asked of any broker, and only the controller may decide.
  template <class Request, class Answer>
  void forward(const Request& request, Completion<Answer> completion) {
    requests().template send<Request, Answer>(request, std::move(completion));
  }

 private:
  protocol::RequestChannel& requests();

  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace acklab::broker

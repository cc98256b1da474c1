// Producer ids for idempotent producers, never the same one twice: handed out from blocks that the controller gives to this broker.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>

#include "broker/controller/controller_link.h"
#include "protocol/types.h"

namespace acklab::broker {

class ProducerIds {
 public:
  // The error is COORDINATOR_LOAD_IN_PROGRESS: no block could be had, ask again.
  using Completion = std::function<void(protocol::Result<protocol::ProducerId>)>;

  explicit ProducerIds(ControllerLink& controller) : controller_(controller) {}
  ProducerIds(const ProducerIds&) = delete;
  ProducerIds& operator=(const ProducerIds&) = delete;

  // At once if there are any left, else when the next block is here.
  void take(Completion completion);

 private:
  void ask_for_block();

  ControllerLink& controller_;
  std::int64_t next_ = 0;
  std::int64_t end_ = 0;
  std::deque<Completion> waiting_;  // not more than there are sessions
};

}  // namespace acklab::broker

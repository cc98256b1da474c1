// A request channel that is made anew whenever it fails, for ever, after a back-off that doubles from 50 ms to a second. What was
// outstanding completes with the fault; the owner begins again when `ready` is called.
#pragma once

#include <functional>
#include <memory>

#include "protocol/runtime/request_channel.h"
#include "protocol/runtime/runtime.h"

namespace acklab::broker {

class LastingChannel {
 public:
  // Connects at once. `ready` is called each time that a connection stands.
  LastingChannel(protocol::Runtime& runtime, protocol::Address address, protocol::RequestChannel::Options options,
                 std::function<void()> ready);

  // The channel of the moment. A request waits if it is connecting, and fails with not_written during a back-off.
  protocol::RequestChannel& now() { return *channel_; }

 private:
  void connect();
  void back_off();

  protocol::Runtime& runtime_;
  const protocol::Address address_;
  const protocol::RequestChannel::Options options_;
  const std::function<void()> ready_;
  std::unique_ptr<protocol::RequestChannel> channel_;
  // The one before it, which failed. A request that was handed to it in its last moment is told so a moment later.
  std::unique_ptr<protocol::RequestChannel> failed_;
  protocol::Duration delay_;  // of the next back-off
  std::unique_ptr<protocol::Timer> retry_;
};

}  // namespace acklab::broker

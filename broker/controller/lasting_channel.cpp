#include "broker/controller/lasting_channel.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace acklab::broker {

using protocol::Duration;
using protocol::RequestChannel;

namespace {

// Kafka's reconnect.backoff.ms and reconnect.backoff.max.ms.
constexpr Duration shortest_delay = std::chrono::milliseconds(50);
constexpr Duration longest_delay = std::chrono::seconds(1);

}  // namespace

LastingChannel::LastingChannel(protocol::Runtime& runtime, protocol::Address address, RequestChannel::Options options,
                               std::function<void()> ready)
    : runtime_(runtime),
      address_(std::move(address)),
      options_(std::move(options)),
      ready_(std::move(ready)),
      delay_(shortest_delay) {
  connect();
}

void LastingChannel::connect() {
  failed_ = std::move(channel_);
  channel_ = std::make_unique<RequestChannel>(runtime_, address_, options_, [this](protocol::ChannelFault) { back_off(); });
  channel_->on_ready([this] {
    delay_ = shortest_delay;
    ready_();
  });
}

void LastingChannel::back_off() {
  retry_ = runtime_.after(delay_, [this] { connect(); });
  delay_ = std::min(2 * delay_, longest_delay);
}

}  // namespace acklab::broker

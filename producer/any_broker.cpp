#include "producer/any_broker.h"

#include <algorithm>

#include "producer/connecting.h"
#include "protocol/check.h"

namespace acklab::producer {

using protocol::Address;
using protocol::RequestChannel;

AnyBroker::AnyBroker(protocol::Runtime& runtime, const ProducerConfig& config, std::vector<Address> bootstrap)
    : runtime_(runtime),
      config_(config),
      bootstrap_(std::move(bootstrap)),
      candidates_(bootstrap_),
      setup_random_(runtime.random("connect to any broker")) {
  CHECK(!bootstrap_.empty());
  // Many clients with one list should not all meet at its first broker.
  next_ = runtime_.random("first broker").below(candidates_.size());
}

void AnyBroker::know(const std::map<protocol::BrokerId, Address>& brokers) {
  candidates_.clear();
  for (const auto& [id, address] : brokers) candidates_.push_back(address);
  for (const Address& address : bootstrap_) {
    if (std::find(candidates_.begin(), candidates_.end(), address) == candidates_.end()) candidates_.push_back(address);
  }
}

void AnyBroker::try_another() {
  if (unanswered_ == 0) channel_.reset();
}

protocol::Time AnyBroker::close_if_idle() {
  if (!channel_ || unanswered_ > 0) return never;
  const protocol::Time idle_at = last_used_ + config_.connections_max_idle;
  if (idle_at > runtime_.now()) return idle_at;
  channel_.reset();
  return never;
}

RequestChannel& AnyBroker::channel() {
  if (!channel_) {
    const Address address = candidates_[next_++ % candidates_.size()];
    channel_ = std::make_unique<RequestChannel>(runtime_, address, channel_options(config_, failed_connections_, setup_random_),
                                                [this](protocol::ChannelFault) {
                                                  ++failed_connections_;
                                                  channel_.reset();
                                                });
    channel_->on_ready([this] { failed_connections_ = 0; });
  }
  return *channel_;
}

}  // namespace acklab::producer

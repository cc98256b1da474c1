#include "producer/any_broker.h"

#include <algorithm>

#include "protocol/check.h"

namespace acklab::producer {

using protocol::Address;
using protocol::RequestChannel;

AnyBroker::AnyBroker(protocol::Runtime& runtime, const ProducerConfig& config, std::vector<Address> bootstrap)
    : runtime_(runtime), config_(config), bootstrap_(std::move(bootstrap)), candidates_(bootstrap_) {
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

RequestChannel& AnyBroker::channel() {
  if (!channel_) {
    const Address address = candidates_[next_++ % candidates_.size()];
    channel_ = std::make_unique<RequestChannel>(
        runtime_, address, RequestChannel::Options{.client_id = config_.client_id, .request_timeout = config_.request_timeout},
        [this](protocol::ChannelFault) { channel_.reset(); });
  }
  return *channel_;
}

}  // namespace acklab::producer

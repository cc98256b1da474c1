// Where an idempotent producer gets its identity: a producer id from InitProducerId, then epochs of its own making.
#pragma once

#include <functional>
#include <optional>

#include "producer/any_broker.h"
#include "producer/config.h"
#include "producer/idempotence.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/runtime/random.h"
#include "protocol/runtime/time.h"

namespace acklab::producer {

class IdentitySource {
 public:
  // `changed` is called when something came of a question. All references outlive the source.
  IdentitySource(protocol::Runtime& runtime, const ProducerConfig& config, AnyBroker& brokers, std::function<void()> changed);

  // The identity of a partition that has none, or may not use its old one any more. Unknown if there is none yet; then one is asked
  // for as soon as ask() is called.
  ProducerIdentity after(const ProducerIdentity& old);
  // Why there will never be one.
  const std::optional<protocol::ErrorCode>& refusal() const { return refusal_; }

  // When the next question is due; `never` if nobody wants to know, or one is under way.
  protocol::Time ask_at() const;
  void ask();

 private:
  void answered(const protocol::Result<protocol::InitProducerIdResponse, protocol::ChannelFault>& answer);

  protocol::Runtime& runtime_;
  const ProducerConfig& config_;
  AnyBroker& brokers_;
  std::function<void()> changed_;
  protocol::Random random_;

  ProducerIdentities identities_;
  std::optional<protocol::ErrorCode> refusal_;
  bool wanted_ = false;
  bool under_way_ = false;
  int failures_ = 0;
  protocol::Time not_before_ = protocol::Time::min();
};

}  // namespace acklab::producer

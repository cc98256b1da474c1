#include "producer/identity_source.h"

#include <limits>

#include "producer/retry.h"
#include "protocol/check.h"

namespace acklab::producer {

using protocol::ErrorCode;
using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;
using protocol::Time;

IdentitySource::IdentitySource(protocol::Runtime& runtime, const ProducerConfig& config, AnyBroker& brokers,
                               std::function<void()> changed)
    : runtime_(runtime),
      config_(config),
      brokers_(brokers),
      changed_(std::move(changed)),
      random_(runtime.random("producer id back-off")),
      identities_(config.era.bumps_epoch ? ProducerIdentities::Renewal::next_epoch : ProducerIdentities::Renewal::another_id) {}

ProducerIdentity IdentitySource::after(const ProducerIdentity& old) {
  const ProducerIdentity next = identities_.after(old);
  if (!next.known()) wanted_ = true;
  return next;
}

Time IdentitySource::ask_at() const { return wanted_ && !under_way_ && !refusal_ ? not_before_ : never; }

void IdentitySource::ask() {
  CHECK(!under_way_);
  under_way_ = true;
  InitProducerIdRequest request;
  request.transactional_id = std::nullopt;
  request.transaction_timeout_ms = std::numeric_limits<std::int32_t>::max();
  brokers_.ask<InitProducerIdRequest, InitProducerIdResponse>(request, [this](auto answer) { answered(answer); });
}

void IdentitySource::answered(const protocol::Result<InitProducerIdResponse, protocol::ChannelFault>& answer) {
  under_way_ = false;
  const Answer end = answer ? Answer::of(answer->error_code) : Answer::of(answer.error());
  if (end.code == ErrorCode::none) {
    failures_ = 0;
    wanted_ = false;
    identities_.granted({{answer->producer_id}, {answer->producer_epoch}});
  } else if (may_succeed_later(end)) {
    ++failures_;
    not_before_ = runtime_.now() + back_off(failures_, config_.retry_backoff, config_.retry_backoff_max, random_);
  } else {
    refusal_ = end.code;
  }
  changed_();
}

}  // namespace acklab::producer

#include "producer/idempotence.h"

#include <algorithm>
#include <limits>

#include "protocol/check.h"

namespace acklab::producer {

ProducerIdentity ProducerIdentities::after(const ProducerIdentity& old) {
  const bool newest_is_old = newest_.known() && newest_ == old;
  if (!newest_is_old) return newest_;
  if (old.epoch.value == std::numeric_limits<std::int16_t>::max()) {
    newest_ = {};
  } else {
    newest_.epoch = old.epoch.next();
  }
  return newest_;
}

void PartitionSequences::start(ProducerIdentity identity) {
  CHECK(unsettled_.empty());
  CHECK(identity.known());
  identity_ = identity;
  next_ = {0};
  named_ = 0;
  unresolved_ = false;
  introduced_ = false;
}

BatchIdentity PartitionSequences::assign(std::uint64_t batch, std::int32_t records) {
  CHECK(may_assign());
  const BatchIdentity name{identity_, next_};
  next_ = next_ + records;
  unsettled_.push_back({batch, named_++});
  return name;
}

void PartitionSequences::acknowledged(std::uint64_t batch) {
  settle(batch);
  introduced_ = true;
}

void PartitionSequences::left_a_gap(std::uint64_t batch) {
  settle(batch);
  unresolved_ = true;
}

void PartitionSequences::settle(std::uint64_t batch) {
  const auto found = std::find_if(unsettled_.begin(), unsettled_.end(), [&](const Unsettled& u) { return u.batch == batch; });
  CHECK(found != unsettled_.end());
  unsettled_.erase(found);
}

}  // namespace acklab::producer

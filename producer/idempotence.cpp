#include "producer/idempotence.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "protocol/check.h"

namespace acklab::producer {

ProducerIdentity ProducerIdentities::after(const ProducerIdentity& old) {
  const bool newest_is_old = newest_.known() && newest_ == old;
  if (!newest_is_old) return newest_;
  if (renewal_ == Renewal::another_id || old.epoch.value == std::numeric_limits<std::int16_t>::max()) {
    newest_ = {};
  } else {
    newest_.epoch = old.epoch.next();
  }
  return newest_;
}

void PartitionSequences::start(ProducerIdentity identity, protocol::Sequence first) {
  CHECK(unsettled_.empty());
  CHECK(identity.known());
  identity_ = identity;
  next_ = first;
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

void PartitionSequences::split(std::uint64_t batch, const std::vector<std::uint64_t>& pieces) {
  const auto found = std::find_if(unsettled_.begin(), unsettled_.end(), [&](const Unsettled& u) { return u.batch == batch; });
  CHECK(found != unsettled_.end() && !pieces.empty());
  const std::uint64_t more = pieces.size() - 1;
  for (auto later = found; later != unsettled_.end(); ++later) later->place += more;
  named_ += more;
  std::uint64_t place = found->place - more;
  auto at = unsettled_.erase(found);
  for (const std::uint64_t piece : pieces) at = std::next(unsettled_.insert(at, {piece, place++}));
}

void PartitionSequences::settle(std::uint64_t batch) {
  const auto found = std::find_if(unsettled_.begin(), unsettled_.end(), [&](const Unsettled& u) { return u.batch == batch; });
  CHECK(found != unsettled_.end());
  unsettled_.erase(found);
}

}  // namespace acklab::producer

// How an idempotent producer names its batches, so that a broker can tell a repetition from news (KIP-98): by producer id, epoch, and
// sequence numbers that count the records of each partition. Pure.
//
// A batch gets its name when it is first drained and keeps it through all retries. When a named batch ends without an
// acknowledgement, the broker may miss its sequence for ever and refuse all that follows. Then the partition goes on in a new epoch,
// from sequence 0 (KIP-360), but only once every named batch of it has an outcome or has certainly not been appended. Kafka's
// client renumbers batches that are still in doubt, and a batch that was appended before its answer got lost is then appended again
// (KAFKA-14034). This one does not: a batch in doubt keeps its name until it is acknowledged or ends as unknown.
//
// A bump concerns the partition that needs it and no other (librdkafka #4953 shows why): partitions may be in different epochs.
// Kafka's client moves the others too, when they have nothing in flight.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "protocol/types.h"

namespace acklab::producer {

struct ProducerIdentity {
  protocol::ProducerId id{};
  protocol::ProducerEpoch epoch{};

  bool known() const { return id.known(); }
  friend auto operator<=>(const ProducerIdentity&, const ProducerIdentity&) = default;
};

// What the whole producer holds: one id from InitProducerId at a time, and the newest epoch that it made of it.
class ProducerIdentities {
 public:
  // Where the next identity comes from when one may not be used any more: before KIP-360 always from a broker.
  enum class Renewal { next_epoch, another_id };
  explicit ProducerIdentities(Renewal renewal = Renewal::next_epoch) : renewal_(renewal) {}

  // An id must be asked for: there is none yet, or its epochs are used up.
  bool wanted() const { return !newest_.known(); }
  void granted(ProducerIdentity identity) { newest_ = identity; }

  // The identity of a partition that has none, or may not use its `old` one any more; unknown if one must be asked for first.
  ProducerIdentity after(const ProducerIdentity& old);

 private:
  Renewal renewal_;
  ProducerIdentity newest_;
};

// The name of one batch.
struct BatchIdentity {
  ProducerIdentity producer;
  protocol::Sequence base_sequence{};

  bool known() const { return base_sequence.known(); }
  friend auto operator<=>(const BatchIdentity&, const BatchIdentity&) = default;
};

// The names of one partition's batches. Batches are known here by their number.
class PartitionSequences {
 public:
  // A broker remembers so many batches of a producer. `window` is not larger.
  explicit PartitionSequences(std::uint64_t window) : window_(window) {}

  // No identity yet, or all that bore the old one is settled: start() it with the next.
  bool wants_identity() const { return unsettled_.empty() && (unresolved_ || !identity_.known()); }
  const ProducerIdentity& identity() const { return identity_; }
  void start(ProducerIdentity identity, protocol::Sequence first = {0});
  protocol::Sequence next() const { return next_; }

  // A new batch may be named: the sequences before it are not in question, and the broker would still recognise the oldest batch without
  // an outcome if this one were appended first.
  bool may_assign() const { return identity_.known() && !unresolved_ && since_oldest() < (introduced_ ? window_ : 1); }
  BatchIdentity assign(std::uint64_t batch, std::int32_t records);

  // The batch with the lowest sequence among those without an outcome. Only this one is sent again; the others wait for it.
  bool is_oldest(std::uint64_t batch) const { return !unsettled_.empty() && unsettled_.front().batch == batch; }

  void acknowledged(std::uint64_t batch);
  // It ended without an acknowledgement, or loses its name because nothing of it was appended: its sequence may stay empty.
  void left_a_gap(std::uint64_t batch);
  // It goes on as these batches, in this order, which share its sequences.
  void split(std::uint64_t batch, const std::vector<std::uint64_t>& pieces);
  // No batch gets a name any more before a new epoch.
  void end_epoch() { unresolved_ = true; }
  // A gap lies before what comes next; named batches that are certainly not in the log may as well give their names up now.
  bool unresolved() const { return unresolved_; }

 private:
  struct Unsettled {
    std::uint64_t batch;
    std::uint64_t place;  // how many batches were named before it in this epoch
  };

  // Named batches from the oldest without an outcome on, whether these have outcomes or not, over whatever connections they went.
  std::uint64_t since_oldest() const { return unsettled_.empty() ? 0 : named_ - unsettled_.front().place; }
  void settle(std::uint64_t batch);

  std::uint64_t window_;
  ProducerIdentity identity_;
  protocol::Sequence next_{0};
  std::uint64_t named_ = 0;          // batches in this epoch
  std::deque<Unsettled> unsettled_;  // named batches without an outcome, by sequence
  bool unresolved_ = false;
  // The broker has acknowledged something of this epoch. Before that it gets one batch only: a partition that has never heard of the
  // producer takes any sequence for its first. Here Kafka's client takes the risk.
  bool introduced_ = false;
};

}  // namespace acklab::producer

// What the application is told: one outcome for every record, once, after the producer has finished what it was doing, because a callback
// may call the producer again or destroy it. Keeps the counts that flush() waits for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "producer/batch.h"
#include "producer/producer.h"
#include "protocol/runtime/runtime.h"

namespace acklab::producer {

// How a batch or a record ended.
struct End {
  Outcome::Kind kind{};
  protocol::ErrorCode code = protocol::ErrorCode::none;
  protocol::Offset base_offset{};
};

class Outcomes {
 public:
  // Both outlive this.
  Outcomes(protocol::Runtime& runtime, ProducerMetrics& metrics) : runtime_(runtime), metrics_(metrics) {}
  ~Outcomes();

  // Numbers the records; each must come to an end.
  std::uint64_t expect_one();
  std::size_t undelivered() const { return static_cast<std::size_t>(undelivered_); }

  void ended(protocol::TopicNumber topic, std::int32_t partition, Batch batch, const End& end);
  // A record that never came into a batch: certainly not in the log.
  void failed(protocol::TopicNumber topic, std::optional<std::int32_t> partition, PendingRecord record, protocol::ErrorCode code);

  // `done` is called when all records expected so far were delivered.
  void flush(std::function<void()> done);
  std::uint64_t flushed_before() const { return flushed_before_; }

  // Calls the callbacks. One of them may destroy this object, and its owner: false then.
  [[nodiscard]] bool deliver();

 private:
  // Records that ended alike, one after the other in the log if they are there.
  struct Ended {
    std::vector<PendingRecord> records;
    Outcome outcome;  // of the first, but for the latency
  };
  struct Flush {
    std::uint64_t before;    // concerns records with a lower number
    std::int64_t waits_for;  // how many of them are not delivered
    protocol::Time began;
    std::function<void()> done;
  };

  void add(protocol::TopicNumber topic, std::vector<PendingRecord> records, const Outcome& outcome);
  bool tell(Ended& end, protocol::Time now, const bool& destroyed);

  protocol::Runtime& runtime_;
  ProducerMetrics& metrics_;
  std::uint64_t expected_ = 0;
  std::int64_t undelivered_ = 0;
  std::vector<Ended> ended_;
  std::deque<Flush> flushes_;  // a later one waits for at least as much as an earlier one
  std::uint64_t flushed_before_ = 0;
  bool* destroyed_ = nullptr;  // of the deliver() that is running
};

}  // namespace acklab::producer

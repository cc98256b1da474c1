// The producer: takes records, groups them into batches for each partition, sends the batches to the partitions' leaders, retries
// what may be retried, and tells the outcome of every send, once.
//
// Outcomes are honest:
//   acked       the broker confirmed it, at the level of `acks`.
//   failed      certainly not in the log: it never reached the wire, or every attempt was answered with a code that proves it.
//   unknown     some attempt may have been appended and no acknowledgement followed. Never "failed".
//   unanswered  acks=0: written to a connection; nobody promised anything.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "producer/config.h"
#include "producer/metrics.h"
#include "producer/send_error.h"
#include "producer/snapshot.h"
#include "producer/view.h"
#include "protocol/records/batch_builder.h"
#include "protocol/runtime/runtime.h"
#include "protocol/types.h"

namespace acklab::producer {

struct ProducerRecord {
  std::string topic;
  std::optional<std::int32_t> partition;  // absent: chosen by key, or sticky without one
  std::optional<std::string> key;
  std::optional<std::string> value;
  struct Header {
    std::string key;
    std::optional<std::string> value;
  };
  std::vector<Header> headers;
  std::int64_t timestamp = -1;  // milliseconds since 1970; -1: now
};

// The same as views, for who has the bytes already: send() copies them once, to where they are sent from.
struct ProducerRecordView {
  using Header = protocol::NewRecord::Header;

  std::string_view topic;
  std::optional<std::int32_t> partition;
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  std::span<const Header> headers;
  std::int64_t timestamp = -1;
};

ProducerRecord owned(const ProducerRecordView& record);

struct Outcome {
  enum class Kind { acked, failed, unknown, unanswered };
  Kind kind{};
  protocol::ErrorCode code = protocol::ErrorCode::none;  // why, unless acked
  std::int32_t partition = -1;                           // -1 if it was never chosen
  protocol::Offset offset{};                             // where the record lies, if acked and known
  protocol::Duration latency{};                          // from send() to this outcome
  int attempts = 0;                                      // how often the record's batch was written to a connection

  // What the code means for what comes next; nothing unless it failed or is unknown.
  std::optional<SendError> error() const {
    if (kind != Kind::failed && kind != Kind::unknown) return std::nullopt;
    return send_error(code);
  }
};

// Sees every record on its way in and every outcome on its way out (KIP-42). Its methods run inside the producer's turns: they must not
// block, throw, or call the producer. Kafka's interceptors see a record on the thread that sends it.
class Interceptor {
 public:
  virtual ~Interceptor() = default;

  // Before anything else happens to the record; may change it.
  virtual void on_send(ProducerRecord&) {}
  // Before the record's own callback is called.
  virtual void on_acknowledgement(std::string_view /*topic*/, const Outcome&) {}
};

class Producer {
 public:
  using Callback = std::function<void(const Outcome&)>;

  // `runtime` outlives the producer. Asks for nothing until the first send.
  Producer(protocol::Runtime& runtime, std::vector<protocol::Address> bootstrap, ProducerConfig config);
  ~Producer();  // drops what is undelivered without a word; flush() first to hear of it

  // Before the first send. Several are called in this order, each with what the one before made of the record.
  void add_interceptor(std::unique_ptr<Interceptor> interceptor);

  // Never blocks. The callback runs on a later turn, exactly once. A record that finds the buffer full waits for room; after
  // max.block.ms it fails.
  void send(const ProducerRecord& record, Callback callback);
  void send(const ProducerRecordView& record, Callback callback);
  // For a record that was handed to somebody else before, at that time.
  void send_at(protocol::Time sent_at, const ProducerRecordView& record, Callback callback);

  // Whether a record that is sent now is likely to find room. If not, whoever can hold back should: `room` is called, on a turn, as soon
  // as there is room again.
  bool has_room();
  void on_room(std::function<void()> room);

  // Sends what is queued without waiting for linger.ms; `done` runs when every record sent before this call has its outcome.
  void flush(std::function<void()> done);

  const ProducerMetrics& metrics() const;
  std::vector<Metric> snapshot() const;  // the same by Kafka's names, with rates
  ProducerView view() const;             // of its insides
  std::size_t undelivered() const;       // records without an outcome yet

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace acklab::producer

// A producer for many application threads. Any thread may send; the producer itself lives on a node of a world whose nodes have
// threads, and stays single-threaded.
//
//   thread --\                                      node's thread
//   thread ---+--> intake: one buffer, one lock --> Producer --> connections
//   thread --/     bounded: a full one blocks       callbacks
//
// A record is copied into the intake under a lock that is held for as long as the copy takes, and from there into its batch. The node
// takes the whole intake at once. It is woken by the first record after a quiet time; then it dozes: a part of linger.ms, or until much
// has come. So under load a wake-up serves hundreds of records, and linger.ms counts from send() all the same. While the producer has
// no room (buffer.memory) the intake fills up, and send() blocks, as Kafka's does, for max.block.ms.
#pragma once

#include <cstddef>
#include <future>
#include <memory>
#include <vector>

#include "producer/error_channel.h"
#include "producer/producer.h"
#include "protocol/runtime/world.h"

namespace acklab::producer {

class ThreadedProducer {
 public:
  // Whether records that end without an acknowledgement are kept for errors(). Then each is copied once more.
  enum class Errors { dropped, kept };

  // `world` has threads and outlives this; `node` lives as long as this does, and is nobody else's.
  ThreadedProducer(protocol::World& world, protocol::NodeId node, std::vector<protocol::Address> bootstrap, ProducerConfig config,
                   Errors errors = Errors::dropped);
  ~ThreadedProducer();  // drops what is undelivered without a word; close() first to hear of it
  ThreadedProducer(const ThreadedProducer&) = delete;
  ThreadedProducer& operator=(const ThreadedProducer&) = delete;

  // Before the first send. Its methods are called on the node's thread.
  void add_interceptor(std::unique_ptr<Interceptor> interceptor);

  // Why a record was not taken. Then its callback is never called.
  enum class Refusal {
    no_room,  // for max.block.ms; or at once, inside a callback, which must not block
    closed,
  };

  // Copies the record. `callback` is called once, on the node's thread; it may send, but must not block.
  Result<void, Refusal> send(const ProducerRecordView& record, Producer::Callback callback);
  // A record that is not taken has failed, with REQUEST_TIMED_OUT; one that is undelivered when this ends is unknown.
  std::future<Outcome> send(const ProducerRecordView& record);
  // Waits for the outcome: the synchronous producer of the lesson.
  Outcome send_and_wait(const ProducerRecordView& record);

  // Sends what was sent before without waiting for linger.ms, and waits until all of it has an outcome, `deadline` at most. Returns how
  // many records have none.
  std::size_t flush(Duration deadline);
  // Takes no more records, then flushes. What is still undelivered will not be heard of. Further calls do nothing and return 0.
  std::size_t close(Duration deadline);

  // Records that failed or are unknown; only if they are kept. A record that send() did not take is not among them. After close() no
  // reader waits any more.
  ErrorChannel& errors();

  ProducerMetrics metrics() const;  // a copy
  std::vector<Metric> snapshot() const;

  // Records in the intake take so many bytes at most, with what is kept beside them: few enough to pass from one core's cache to the
  // other's.
  static constexpr std::size_t max_intake = 256u << 10;

 private:
  class Intake;
  std::shared_ptr<Intake> intake_;  // shared with turns of the node that were posted
};

}  // namespace acklab::producer

// The producer behind its face: owns the machines and the connections, and lets them work in turns.
//
// A *turn* does all that the present time and the latest news allow: records whose time is up end, waiting records find room, ready
// batches leave, questions are asked. Then one timer is set for the next time at which anything could change by itself, and last the
// outcomes are told. send() and flush() only put things down and ask for a turn.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "producer/any_broker.h"
#include "producer/config.h"
#include "producer/identity_source.h"
#include "producer/interceptors.h"
#include "producer/metadata_cache.h"
#include "producer/metric_windows.h"
#include "producer/outcomes.h"
#include "producer/partition.h"
#include "producer/producer.h"
#include "producer/sink.h"
#include "producer/snapshot.h"
#include "producer/waiting_records.h"
#include "protocol/runtime/runtime.h"

namespace acklab::producer {

class Producer::Core {
 public:
  Core(protocol::Runtime& runtime, std::vector<protocol::Address> bootstrap, ProducerConfig config);

  void send(const ProducerRecord& record, Callback callback);
  void send(const ProducerRecordView& record, Callback callback);
  void send_at(protocol::Time sent_at, const ProducerRecordView& record, Callback callback);
  bool has_room() {
    const bool room = !waiting_.short_of_room() && waiting_.bytes() < max_waiting_bytes;
    told_no_room_ = told_no_room_ || !room;
    return room;
  }
  void on_room(std::function<void()> room) { room_ = std::move(room); }
  void flush(std::function<void()> done);
  const ProducerMetrics& metrics() const { return metrics_; }
  std::vector<Metric> snapshot() const;
  ProducerView view() const;
  void add_interceptor(std::unique_ptr<Interceptor> interceptor);
  std::size_t undelivered() const { return outcomes_.undelivered(); }

 private:
  // From a record to a batch (core_intake.cpp).
  void send_intercepted(protocol::Time sent_at, const ProducerRecordView& record, Callback callback);
  void take(protocol::Time sent_at, const ProducerRecordView& record, Callback callback);
  std::optional<protocol::ErrorCode> refusal(std::optional<std::int32_t> partition, std::size_t record_bytes) const;
  Placement place(WaitingRecord& waiting);
  // `wanted` is the partition that the record names; `bytes` what it takes of a batch, at most; `now` is when a batch that it opens
  // begins. Takes `pending` only if it places it.
  Placement place(Topic& topic, std::optional<std::int32_t> wanted, const protocol::NewRecord& record, std::size_t bytes,
                  protocol::Time now, PendingRecord& pending);
  bool make_room(Partition& partition, std::size_t record_bytes, protocol::Time now);
  Topic& topic_named(std::string_view name);
  Partition& partition_of(Topic& topic, std::int32_t index);
  std::span<const protocol::NewRecord::Header> views_of(const std::vector<ProducerRecord::Header>& headers);
  void count_queued(const Topic& topic);
  void count_batched(const Partition& partition, const Batch& batch);
  void tell_intake();

  // Where it goes (core_partitioning.cpp).
  std::int32_t choose_partition(Topic& topic, const std::optional<std::string_view>& key);
  bool waits_for_more(const Topic& topic, std::int32_t partition) const;
  std::vector<Candidate> candidates(const Topic& topic) const;
  std::size_t queued(const Topic& topic, std::size_t partition) const;
  bool available(protocol::BrokerId leader) const;

  // One turn, in its order.
  void turn();
  void expire(protocol::Time now);
  void place_waiting();
  void give_identities();
  void end_other_epochs(const Partition& bumped);
  void abandon(protocol::ErrorCode code);
  // Why nothing can be sent any more.
  bool unusable() const { return fatal_error_ || identities_.refusal(); }
  std::optional<protocol::ErrorCode> fatal_error() const { return fatal_error_ ? fatal_error_ : identities_.refusal(); }
  Urgency urgency() const { return {outcomes_.flushed_before(), waiting_.short_of_room()}; }
  protocol::Time send_ready(protocol::Time now);
  void ask_questions(protocol::Time now);
  void rest_topics(protocol::Time now);
  // When the next connection will have been idle for too long; those that are by now are closed.
  protocol::Time close_idle();
  // Asks for a turn at that time, if none comes sooner.
  void wake_at(protocol::Time when);
  void wake() { wake_at(runtime_.now()); }

  // What came of an attempt.
  void take_answers(const std::vector<BatchAnswer>& answers);
  void take_answer(const BatchAnswer& answer);
  void stop_for(protocol::ErrorCode code);
  void split_up(Partition& partition, Batch& batch);
  void end(Partition& partition, std::unique_ptr<Batch> batch, const End& end);
  void take_metadata(const protocol::Result<protocol::MetadataResponse, protocol::ChannelFault>& answer);

  Sink& sink(protocol::BrokerId broker);

  protocol::Runtime& runtime_;
  const ProducerConfig config_;
  ProducerMetrics metrics_;
  MetricWindows metric_windows_;
  const protocol::Time began_;
  protocol::Random sticky_random_;
  protocol::Random retry_random_;
  AnyBroker any_broker_;
  MetadataCache metadata_;
  IdentitySource identities_;
  Interceptors interceptors_;
  Outcomes outcomes_;

  // What the journal was not told yet: so many records were handed over, and so many of them or of others went into one batch.
  struct Intake {
    protocol::TopicNumber topic = 0;
    std::int64_t queued = 0;
    std::int32_t partition = -1;
    std::uint64_t batch = 0;
    std::int64_t batched = 0;
  };

  // Bytes that records without a batch may take before has_room() says no.
  static constexpr std::size_t max_waiting_bytes = 4u << 20;
  // What is kept beside the records' bytes does not count into buffer.memory up to here; what goes beyond does.
  static constexpr std::size_t free_bookkeeping = 4u << 20;
  std::size_t memory_used() const;

  Sealer sealer_;
  std::map<std::string, Topic, std::less<>> topics_;
  Topic* last_topic_ = nullptr;
  Intake intake_;
  std::map<protocol::BrokerId, std::unique_ptr<Sink>> sinks_;
  WaitingRecords waiting_;
  bool waiting_may_be_placed_ = false;  // room or metadata came since they were tried
  std::size_t batch_memory_ = 0;        // of buffer.memory
  std::function<void()> room_;
  bool told_no_room_ = false;  // somebody holds back
  std::uint64_t last_batch_ = 0;
  std::vector<protocol::NewRecord::Header> header_views_;  // of views_of()

  std::optional<protocol::ErrorCode> fatal_error_;
  std::unique_ptr<protocol::Timer> timer_;
  protocol::Time wakes_at_ = never;
};

}  // namespace acklab::producer

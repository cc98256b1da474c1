// Produce: judges each partition's batch, appends it, and answers when the chosen acks are reached.
//
// The order of the checks is Kafka's, because a client sees it: existence, form of the request, acks, internal topics, leadership and
// the size of the ISR, and only then the batch itself.
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "broker/broker.h"
#include "broker/controller/controller_link.h"
#include "broker/handlers/handlers.h"
#include "broker/partition/batch_validation.h"
#include "broker/partition/delayed_produce.h"
#include "broker/partition/replica_manager.h"
#include "broker/partition/sent_records.h"
#include "protocol/mutant.h"
#include "protocol/records/record_batch.h"

namespace acklab::broker {

using protocol::Acks;
using protocol::ErrorCode;
using protocol::Event;
using protocol::failure;
using protocol::Mutant;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using protocol::RecordBatch;
using protocol::Result;

namespace {

bool known(std::int16_t acks) { return acks >= -1 && acks <= 1; }

// Coordinators keep their records in these; of all clients only this one may write to them.
bool internal(std::string_view topic) { return topic == "__consumer_offsets" || topic == "__transaction_state"; }
constexpr std::string_view client_of_internal_topics = "__admin_client";

// Refusals that say where the log begins. A producer whose state is gone learns by it whether retention took it with the records.
bool tells_log_start(ErrorCode code) {
  switch (code) {
    case ErrorCode::not_enough_replicas:
    case ErrorCode::invalid_timestamp:
    case ErrorCode::out_of_order_sequence_number:
    case ErrorCode::invalid_producer_epoch:
    case ErrorCode::unknown_producer_id:
      return true;
    default:
      return false;
  }
}

auto refused(ErrorCode code) { return failure(BatchRefusal{.code = code, .message = {}, .records = {}}); }

// The header of whatever was sent, for the journal and for what is asked of a whole request; nothing if there is none to be read, as in
// a message set.
protocol::Nullable<protocol::BatchHeader> header_of(const ProduceRequest::Partition& partition) {
  if (!partition.records) return std::nullopt;
  const auto batch = RecordBatch::first(*partition.records);
  if (!batch) return std::nullopt;
  return batch->header();
}

// Of a partition that is there twice the last entry counts, and there is one answer.
std::vector<std::pair<std::size_t, std::size_t>> last_entries(const ProduceRequest& request) {
  std::vector<std::pair<std::size_t, std::size_t>> entries;
  std::map<std::tuple<std::string_view, protocol::Uuid, std::int32_t>, std::size_t> seen;
  for (std::size_t t = 0; t < request.topics.size(); ++t) {
    for (std::size_t p = 0; p < request.topics[t].partitions.size(); ++p) {
      const ProduceRequest::Topic& topic = request.topics[t];
      const auto [place, first] = seen.insert({{topic.name, topic.topic_id, topic.partitions[p].index}, entries.size()});
      if (first) {
        entries.emplace_back(t, p);
      } else {
        entries[place->second] = {t, p};
      }
    }
  }
  return entries;
}

class Application {
 public:
  Application(Services& services, const Call& call, const ProduceRequest& request)
      : services_(services), request_(request), origin_{call.connection, call.header.correlation_id} {
    produce_.call = call;
  }

  // Appends what can be appended; the others are answered with why not.
  void append_all() {
    for (const auto& [t, p] : last_entries(request_)) {
      const ProduceRequest::Topic& topic = request_.topics[t];
      const ProduceRequest::Partition& sent = topic.partitions[p];
      const std::string& name = name_of(topic);
      add(topic, name, sent, append(name, sent));
    }
  }
  // Appends nothing.
  void refuse_all(ErrorCode code) {
    for (const auto& [t, p] : last_entries(request_)) {
      const ProduceRequest::Topic& topic = request_.topics[t];
      add(topic, name_of(topic), topic.partitions[p], refused(code));
    }
  }

  // Ends the request in one of the ways that its acks allow.
  void finish() {
    const Call& call = produce_.call;
    if (call.fault.kind == RequestFault::Kind::drop_after_append) {
      call.close("a planned fault drops the connection after the append");
    } else if (request_.acks == static_cast<std::int16_t>(Acks::none) && !active(Mutant::answer_acks_0)) {
      // There is no answer in which an error could stand.
      failed_ ? call.close("acks=0 and a batch was refused") : call.answer_nothing();
    } else if (must_wait()) {
      services_.delayed_produces.wait(std::move(produce_), std::chrono::milliseconds(request_.timeout_ms));
    } else {
      answer(services_.runtime, services_.controller.image(), produce_);
    }
    // After the answer, as in Kafka: followers and consumers who wait for these batches come second.
    for (Partition* partition : touched_) services_.replicas.touched(*partition);
  }

 private:
  bool topics_come_by_id() const { return produce_.call.version() > ProduceRequest::last_version_by_name; }
  // Empty if nobody knows the id.
  const std::string& name_of(const ProduceRequest::Topic& topic) const {
    if (!topics_come_by_id()) return topic.name;
    const std::string* const name = services_.controller.image().topic_name(topic.topic_id);
    return name ? *name : topic.name;
  }

  bool must_wait() const {
    if (active(Mutant::ack_before_replication)) return false;
    return request_.acks == static_cast<std::int16_t>(Acks::all);
  }

  struct Success {
    Partition::Appended appended;
    std::int32_t records = 0;
  };

  Result<Success, BatchRefusal> append(const std::string& topic, const ProduceRequest::Partition& sent) {
    if (topics_come_by_id() && topic.empty()) return refused(ErrorCode::unknown_topic_id);
    const auto partition = services_.replicas.find(topic, sent.index);
    if (!partition && partition.error() == ErrorCode::unknown_topic_or_partition) return refused(partition.error());
    std::optional<RecordBatch> batch;  // nothing for a message set, whose form nobody minds before its contents
    if (!is_message_set(sent.records, produce_.call.version())) {
      const auto formed = batch_of_request(sent.records, produce_.call.version());
      if (!formed) return failure(formed.error());
      batch = *formed;
    }
    if (!known(request_.acks)) return refused(ErrorCode::invalid_required_acks);
    if (internal(topic) && produce_.call.header.client_id != client_of_internal_topics) {
      return refused(ErrorCode::invalid_topic_exception);
    }
    if (!partition) return refused(partition.error());
    const auto acks = static_cast<Acks>(request_.acks);
    if (const ErrorCode code = (*partition)->admits(acks); code != ErrorCode::none) return refused(code);
    const TopicConfig& config = (*partition)->config();
    const std::int64_t now = services_.runtime.wall_now().milliseconds;
    const auto valid = batch ? services_.batch_validator.validate(*batch, config, AppendOrigin::client, now)
                             : services_.batch_validator.validate_message_set(*sent.records, config, now);
    if (!valid) return failure(valid.error());
    const auto appended = (*partition)->append(*valid, acks, origin_);
    touched_.push_back(*partition);
    if (!appended) return refused(appended.error());
    return Success{*appended, valid->batch.header().records_count};
  }

  void add(const ProduceRequest::Topic& topic, const std::string& name, const ProduceRequest::Partition& sent,
           const Result<Success, BatchRefusal>& outcome) {
    const auto place = topics_.insert({{name, topic.topic_id}, produce_.response.topics.size()}).first;
    if (place->second == produce_.response.topics.size()) {
      produce_.response.topics.push_back({.name = name, .topic_id = topic.topic_id, .partitions = {}});
    }
    ProduceResponse::Topic& answers = produce_.response.topics[place->second];

    const auto partition = services_.replicas.find(name, sent.index);
    const auto header = header_of(sent);
    const bool exists = services_.controller.image().find_topic(name) != nullptr;
    AppliedProduce::Batch batch;
    batch.topic = place->second;
    batch.partition = answers.partitions.size();
    batch.key = {exists ? services_.runtime.topic_number(name) : protocol::TopicNumber{0}, sent.index};
    batch.records = outcome ? outcome->records : header ? header->records_count : 0;
    if (partition) batch.epoch = (*partition)->leader_epoch();

    BrokerMetrics& metrics = *services_.options.metrics;
    metrics.produce_requests.add();
    ProduceResponse::Partition& answer = answers.partitions.emplace_back();
    answer.index = sent.index;
    if (outcome) {
      answer.base_offset = outcome->appended.base.value;
      answer.log_append_time_ms = outcome->appended.log_append_time;
      answer.log_start_offset = (*partition)->replica().start().value;
      batch.required = outcome->appended.required;
      batch.waiting = true;
      metrics.messages_in.add(batch.records);
      metrics.bytes_in.add(static_cast<std::int64_t>(sent.records->size()));
    } else {
      answer.error_code = outcome.error().code;
      answer.base_offset = -1;
      if (partition && tells_log_start(outcome.error().code)) answer.log_start_offset = (*partition)->replica().start().value;
      if (!outcome.error().message.empty()) answer.error_message = outcome.error().message;
      for (const BadRecord& bad : outcome.error().records) answer.record_errors.push_back({bad.index, bad.why});
      failed_ = true;
      metrics.failed_produce_requests.add();
      protocol::Entry entry = entry_of(Event::refused, batch.key, header.value_or(protocol::BatchHeader{}), origin_);
      entry.epoch = batch.epoch;
      entry.code = outcome.error().code;
      services_.runtime.note(entry);
    }
    produce_.batches.push_back(batch);
  }

  Services& services_;
  const ProduceRequest& request_;
  BatchOrigin origin_;
  AppliedProduce produce_;
  std::map<std::pair<std::string, protocol::Uuid>, std::size_t> topics_;  // to place in the answer
  std::vector<Partition*> touched_;
  bool failed_ = false;
};

// What is asked of all transactional batches of a request together: they need a transactional id, and are of one producer.
ErrorCode judge_transactional(const ProduceRequest& request) {
  std::set<std::pair<protocol::ProducerId, protocol::ProducerEpoch>> producers;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      const auto header = header_of(partition);
      if (header && header->transactional()) producers.insert({header->producer_id, header->producer_epoch});
    }
  }
  if (!producers.empty() && !request.transactional_id) return ErrorCode::transactional_id_authorization_failed;
  return producers.size() > 1 ? ErrorCode::invalid_producer_id_mapping : ErrorCode::none;
}

}  // namespace

void handle(Services& services, const Call& call, const ProduceRequest& request) {
  if (const ErrorCode code = judge_transactional(request); code != ErrorCode::none) return refuse(services, call, request, code);
  Application application(services, call, request);
  application.append_all();
  application.finish();
}

void refuse(Services& services, const Call& call, const ProduceRequest& request, ErrorCode code) {
  Application application(services, call, request);
  application.refuse_all(code);
  application.finish();
}

}  // namespace acklab::broker

#include "tests/producer/scripted_broker.h"

#include <algorithm>

#include "protocol/messages/api_versions.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/registry.h"
#include "protocol/wire/framer.h"
#include "protocol/wire/header.h"

namespace acklab::producer {

using namespace protocol;

class ScriptedBroker::Session {
 public:
  Session(Runtime& runtime, int broker, std::unique_ptr<Connection> connection, ScriptedState& state)
      : runtime_(runtime), broker_(broker), connection_(std::move(connection)), state_(state) {
    connection_->on({.opened = {},
                     .received = [this](Slice bytes) { received(std::move(bytes)); },
                     .closed = [this](CloseReason) { connection_.reset(); }});
  }

 private:
  void received(Slice bytes) {
    framer_.feed(std::move(bytes));
    while (connection_ && !silent_) {
      const auto frame = framer_.next();
      CHECK(frame);
      if (!*frame) return;
      const auto request = parse_request(**frame);
      CHECK(request);
      serve(*request);
    }
  }

  void serve(const ReceivedRequest& request) {
    switch (request.header.api_key) {
      case 18:
        return answer(request, versions());
      case 3:
        return answer(request, metadata(*decode<MetadataRequest>(request.body, request.header.api_version)));
      case 22:
        return answer(request, identity());
      case 0:
        return produce(request);
      default:
        CHECK(false);
    }
  }

  template <class Response>
  void answer(const ReceivedRequest& request, const Response& response, Duration delay = Duration::zero()) {
    answer_at_ = std::max(answer_at_, runtime_.now() + delay);
    Bytes frame = response_frame(response, request.header.api_version, request.header.correlation_id);
    if (answer_at_ <= runtime_.now()) {
      connection_->send(std::move(frame));
      return;
    }
    timers_.push_back(runtime_.after(answer_at_ - runtime_.now(), [this, frame = std::move(frame)] {
      if (connection_) connection_->send(frame);
    }));
  }

  static ApiVersionsResponse versions() {
    ApiVersionsResponse response;
    response.api_keys = {{0, 3, 9}, {3, 0, 12}, {18, 0, 4}, {22, 0, 4}};
    return response;
  }

  MetadataResponse metadata(const MetadataRequest& request) {
    ++state_.metadata_requests;
    MetadataResponse response;
    for (const auto& [id, address] : state_.brokers) response.brokers.push_back({id, address.host, address.port, {}});
    for (const auto& asked : *request.topics) {
      MetadataResponse::Topic& topic = response.topics.emplace_back();
      topic.name = asked.name;
      if (asked.name->find('/') != std::string::npos) {
        topic.error_code = ErrorCode::invalid_topic_exception;
        continue;
      }
      auto found = state_.topics.find(*asked.name);
      if (found == state_.topics.end()) {
        topic.error_code = state_.auto_create ? ErrorCode::leader_not_available : ErrorCode::unknown_topic_or_partition;
        if (state_.auto_create) state_.topics[*asked.name].partitions.resize(1);
        continue;
      }
      std::int32_t index = 0;
      for (const auto& partition : found->second.partitions) {
        topic.partitions.push_back({.partition_index = index++,
                                    .leader_id = partition.leader,
                                    .leader_epoch = partition.epoch,
                                    .replica_nodes = {},
                                    .isr_nodes = {},
                                    .offline_replicas = {}});
      }
    }
    return response;
  }

  InitProducerIdResponse identity() {
    ++state_.identity_requests;
    InitProducerIdResponse response;
    response.error_code = state_.identity_code;
    if (state_.identity_code == ErrorCode::none) response.producer_id = state_.next_producer_id++;
    return response;
  }

  void produce(const ReceivedRequest& received) {
    const auto request = decode<ProduceRequest>(received.body, received.header.api_version);
    CHECK(request);
    ++state_.requests;
    ProduceResponse response;
    response.throttle_time_ms = state_.throttle_ms;
    Reaction::Then then = Reaction::Then::answer;
    Duration delay{0};
    for (const auto& topic : request->topics) {
      ProduceResponse::Topic& answers = response.topics.emplace_back();
      answers.name = topic.name;
      for (const auto& partition : topic.partitions) {
        const SeenBatch& batch = see(topic.name, partition);
        const Reaction reaction = state_.script ? state_.script(batch) : Reaction{};
        ProduceResponse::Partition& result = answers.partitions.emplace_back();
        result.index = partition.index;
        if (reaction.log == Reaction::Log::append) append(batch, result);
        if (reaction.code != ErrorCode::none) result.error_code = reaction.code;
        if (result.error_code != ErrorCode::none) result.base_offset = -1;
        then = std::max(then, reaction.then);
        delay = std::max(delay, reaction.delay);
      }
    }
    if (then == Reaction::Then::close) return connection_.reset();
    if (then == Reaction::Then::fall_silent) {
      silent_ = true;
      return;
    }
    if (request->acks != 0) answer(received, response, delay);
  }

  const SeenBatch& see(const std::string& topic, const ProduceRequest::Partition& partition) {
    const auto batch = RecordBatch::first(*partition.records);
    CHECK(batch && batch->crc_matches());
    SeenBatch& seen = state_.seen.emplace_back();
    seen.broker = broker_;
    seen.partition = {topic, partition.index};
    seen.header = batch->header();
    const auto records = read_records(*batch);
    CHECK(records);
    for (const Record& record : *records) seen.values.emplace_back(record.value->text());
    seen.at = runtime_.now();
    seen.number = state_.seen.size();
    seen.request = state_.requests;
    return seen;
  }

  void append(const SeenBatch& batch, ProduceResponse::Partition& result) {
    ScriptedTopic::Partition& partition =
        state_.topics.at(batch.partition.topic).partitions.at(static_cast<std::size_t>(batch.partition.partition));
    if (partition.leader != broker_) {
      result.error_code = ErrorCode::not_leader_or_follower;
      return;
    }
    BatchHeader header = batch.header;
    if (header.idempotent()) {
      const auto check = partition.producers.check(header);
      if (!check) {
        result.error_code = check.error();
        return;
      }
      if (check->verdict == storage::ProducerStates::Verdict::duplicate) {
        result.base_offset = check->first_offset.value;
        return;
      }
    }
    header.base_offset = {static_cast<std::int64_t>(partition.values.size())};
    result.base_offset = header.base_offset.value;
    if (header.idempotent()) partition.producers.update(header);
    partition.batches.push_back(header);
    partition.values.insert(partition.values.end(), batch.values.begin(), batch.values.end());
  }

  Runtime& runtime_;
  int broker_;
  std::unique_ptr<Connection> connection_;
  ScriptedState& state_;
  Framer framer_{std::size_t{64} << 20};
  Time answer_at_{};
  bool silent_ = false;
  std::vector<std::unique_ptr<Timer>> timers_;
};

ScriptedBroker::ScriptedBroker(Runtime& runtime, int id, const Address& address, ScriptedState& state) {
  listener_ = runtime.listen(address, [this, &runtime, id, &state](std::unique_ptr<Connection> connection) {
    sessions_.push_back(std::make_unique<Session>(runtime, id, std::move(connection), state));
  });
}

ScriptedBroker::~ScriptedBroker() = default;

namespace {

class ClientNode final : public Process {
 public:
  ClientNode(Runtime& runtime, std::vector<Address> bootstrap, const Settings& settings)
      : producer(std::make_unique<Producer>(runtime, std::move(bootstrap), ProducerConfig::from(settings).value())) {}

  std::unique_ptr<Producer> producer;
};

SimConfig seeded(std::uint64_t seed) {
  SimConfig config;
  config.seed = seed;
  return config;
}

}  // namespace

ScriptedCluster::ScriptedCluster(int brokers, std::uint64_t seed) : world(seeded(seed)) {
  for (int id = 0; id < brokers; ++id) {
    const auto port = static_cast<std::uint16_t>(9092 + id);
    addresses_[id] = world.reserve(NodeId::broker({id}), port).value();
    start_broker(id);
  }
}

ScriptedCluster::~ScriptedCluster() {
  if (world.alive(client)) world.kill(client);
}

void ScriptedCluster::add_topic(const std::string& name, int partitions) {
  auto& topic = state.topics[name];
  topic.partitions.resize(static_cast<std::size_t>(partitions));
  for (int i = 0; i < partitions; ++i) {
    topic.partitions[static_cast<std::size_t>(i)].leader = i % static_cast<int>(addresses_.size());
  }
}

void ScriptedCluster::elect(const std::string& topic, std::int32_t index, int broker) {
  ScriptedTopic::Partition& elected = partition(topic, index);
  elected.leader = broker;
  ++elected.epoch;
}

ScriptedTopic::Partition& ScriptedCluster::partition(const std::string& topic, std::int32_t index) {
  return state.topics.at(topic).partitions.at(static_cast<std::size_t>(index));
}

std::vector<std::string> ScriptedCluster::truncate(const std::string& topic, std::int32_t index, std::size_t batches) {
  ScriptedTopic::Partition& log = partition(topic, index);
  log.batches.resize(log.batches.size() - std::min(batches, log.batches.size()));
  const auto end = log.batches.empty() ? 0 : log.batches.back().next_offset().value;
  std::vector<std::string> gone(log.values.begin() + end, log.values.end());
  log.values.resize(static_cast<std::size_t>(end));
  log.producers.clear();
  for (const BatchHeader& header : log.batches) {
    if (header.idempotent()) log.producers.update(header);
  }
  return gone;
}

void ScriptedCluster::kill_broker(int id) {
  state.brokers.erase(id);
  world.kill(NodeId::broker({id}));
}

void ScriptedCluster::start_broker(int id) {
  const Address address = addresses_.at(id);
  state.brokers[id] = address;
  world.start(NodeId::broker({id}),
              [this, id, address](Runtime& runtime) { return std::make_unique<ScriptedBroker>(runtime, id, address, state); });
}

Producer& ScriptedCluster::producer() {
  if (!world.alive(client)) {
    std::vector<Address> bootstrap = bootstrap_;
    if (bootstrap.empty()) {
      for (const auto& [id, address] : addresses_) bootstrap.push_back(address);
    }
    world.start(client, [&](Runtime& runtime) {
      auto node = std::make_unique<ClientNode>(runtime, bootstrap, settings_);
      producer_ = node->producer.get();
      return node;
    });
  }
  return *producer_;
}

void ScriptedCluster::on_client(std::function<void()> task) {
  producer();
  CHECK(world.ask(client, std::move(task)));
}

std::size_t ScriptedCluster::send(ProducerRecord record) {
  const std::size_t index = told.size();
  told.emplace_back();
  on_client([&] {
    producer_->send(record, [this, index](const Outcome& outcome) {
      ++told[index].times;
      told[index].outcome = outcome;
      told[index].at = world.now();
    });
    CHECK(told[index].times == 0);  // not inside send()
  });
  return index;
}

std::size_t ScriptedCluster::send(const std::string& value, const std::string& topic) {
  ProducerRecord record;
  record.topic = topic;
  record.value = value;
  return send(std::move(record));
}

void ScriptedCluster::send_many(int count, const std::string& topic) {
  for (int i = 0; i < count; ++i) send(std::to_string(i), topic);
}

void ScriptedCluster::flush(std::function<void()> done) {
  on_client([&] { producer_->flush(std::move(done)); });
}

bool ScriptedCluster::run_until_all_told(Duration limit) {
  const auto all_told = [this] { return std::all_of(told.begin(), told.end(), [](const Told& t) { return t.times > 0; }); };
  return world.run_until(all_told, world.now() + limit);
}

std::vector<std::string> ScriptedCluster::values_seen() const {
  std::vector<std::string> values;
  for (const SeenBatch& batch : state.seen) values.insert(values.end(), batch.values.begin(), batch.values.end());
  return values;
}

std::vector<Entry> ScriptedCluster::journal(Event event) {
  std::vector<Entry> found;
  for (const Entry& entry : world.journal().entries()) {
    if (entry.event == event) found.push_back(entry);
  }
  return found;
}

}  // namespace acklab::producer

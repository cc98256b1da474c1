#include "tests/broker/test_cluster.h"

#include <algorithm>
#include <list>
#include <utility>

namespace acklab::broker {

using protocol::Acks;
using protocol::Bytes;
using protocol::Entry;
using protocol::ErrorCode;
using protocol::Event;
using protocol::NodeId;
using protocol::Slice;
using protocol::TopicPartition;

namespace {

constexpr NodeId client_node = NodeId::client(0);

ClusterConfig impatient(ClusterConfig config, std::vector<std::string>& log) {
  config.set.insert({"broker.session.timeout.ms", "1500"});
  config.set.insert({"broker.heartbeat.interval.ms", "300"});
  config.log = [&log](NodeId, std::string line) { log.push_back(std::move(line)); };
  return config;
}

}  // namespace

class TestCluster::Node final : public protocol::Process {
 public:
  explicit Node(protocol::Runtime& r) : runtime(r) {}

  protocol::Runtime& runtime;
  std::list<Wire> wires;
};

TestCluster::TestCluster(ClusterConfig config, protocol::SimConfig sim)
    : world(std::move(sim)), cluster(world, impatient(std::move(config), log)) {
  world.subscribe([this](const Entry& entry, std::string_view topic) { view_.observe(entry, topic); });
  EXPECT_TRUE(cluster.start().has_value());
  world.start(client_node, [this](protocol::Runtime& runtime) {
    auto node = std::make_unique<Node>(runtime);
    client_ = node.get();
    return node;
  });
  EXPECT_TRUE(eventually([this] { return view_.usable_brokers().size() == cluster.brokers().size(); }));
}

TestCluster::~TestCluster() { cluster.stop(); }

bool TestCluster::eventually(const std::function<bool()>& done, protocol::Duration limit) {
  return world.run_until(done, world.now() + limit);
}

std::vector<Entry> TestCluster::seen(Event event, NodeId node) {
  std::vector<Entry> found;
  for (const Entry& entry : world.journal().entries()) {
    if (entry.event == event && (!node.known() || entry.node == node)) found.push_back(entry);
  }
  return found;
}

BrokerId TestCluster::leader(const TopicPartition& partition) const {
  const auto* known = view_.find(partition);
  return known ? BrokerId{known->leader.value} : BrokerId{};
}

std::vector<BrokerId> TestCluster::isr(const TopicPartition& partition) const {
  std::vector<BrokerId> members;
  const auto* known = view_.find(partition);
  for (const BrokerId broker : cluster.brokers()) {
    if (known && known->isr.contains(broker)) members.push_back(broker);
  }
  return members;
}

std::vector<BrokerId> TestCluster::followers(const TopicPartition& partition) const {
  std::vector<BrokerId> members;
  const auto* known = view_.find(partition);
  for (const BrokerId broker : cluster.brokers()) {
    if (known && known->replicas.contains(broker) && broker != leader(partition)) members.push_back(broker);
  }
  return members;
}

Wire& TestCluster::connect(BrokerId broker) {
  Wire& wire = open(broker);
  EXPECT_TRUE(eventually([&] { return wire.opened; })) << "broker " << broker.value << " does not accept";
  return wire;
}

Wire& TestCluster::open(BrokerId broker) {
  Wire& wire = client_->wires.emplace_back();
  world.ask(client_node, [&] {
    wire.connection = client_->runtime.connect(cluster.bootstrap()[static_cast<std::size_t>(broker.value)]);
    wire.connection->on({.opened = [&wire] { wire.opened = true; },
                         .received =
                             [&wire](Slice bytes) {
                               wire.bytes += bytes.size();
                               wire.framer.feed(std::move(bytes));
                               while (true) {
                                 auto frame = wire.framer.next();
                                 ASSERT_TRUE(frame.has_value());
                                 if (!frame->has_value()) return;
                                 wire.frames.push_back(**std::move(frame));
                               }
                             },
                         .closed = [&wire](protocol::CloseReason) { wire.closed = true; }});
  });
  return wire;
}

void TestCluster::forget(Wire& wire) {
  world.ask(client_node, [&] { client_->wires.remove_if([&](const Wire& other) { return &other == &wire; }); });
}

void TestCluster::send(Wire& wire, Bytes bytes) {
  world.ask(client_node, [&] { wire.connection->send(std::move(bytes)); });
}

std::optional<Slice> TestCluster::next_frame(Wire& wire, protocol::Duration limit) {
  eventually([&] { return !wire.frames.empty() || wire.closed; }, limit);
  if (wire.frames.empty()) return std::nullopt;
  Slice frame = std::move(wire.frames.front());
  wire.frames.pop_front();
  return frame;
}

bool TestCluster::closes(Wire& wire, protocol::Duration limit) {
  return eventually([&] { return wire.closed; }, limit);
}

void TestCluster::create_topic(const std::string& name, int partitions, int replicas, const Settings& settings) {
  protocol::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = partitions;
  topic.replication_factor = static_cast<std::int16_t>(replicas);
  for (const auto& [key, value] : settings) topic.configs.push_back({key, value});
  const auto created = ask<protocol::CreateTopicsResponse>({0}, request);
  ASSERT_TRUE(created.has_value());
  ASSERT_EQ(created->topics[0].error_code, ErrorCode::none) << created->topics[0].error_message.value_or("");
  // Every replica has taken up its role.
  ASSERT_TRUE(eventually([&] {
    const auto of_topic = [&](const Entry& entry) { return world.journal().topic_name(entry.topic) == name; };
    const auto led = seen(Event::led), followed = seen(Event::followed);
    return std::count_if(led.begin(), led.end(), of_topic) >= partitions &&
           std::count_if(followed.begin(), followed.end(), of_topic) >= partitions * (replicas - 1);
  }));
}

protocol::Uuid TestCluster::topic_id(const std::string& name) {
  protocol::MetadataRequest request;
  request.topics = std::vector<protocol::MetadataRequest::Topic>{{.topic_id = {}, .name = name}};
  request.allow_auto_topic_creation = false;
  const auto known = ask<protocol::MetadataResponse>({0}, request);
  return known && known->topics.size() == 1 ? known->topics[0].topic_id : protocol::Uuid{};
}

protocol::ProduceResponse::Partition TestCluster::produce(const TopicPartition& partition, const Slice& batch, Acks acks,
                                                          std::int32_t timeout_ms) {
  const auto response = ask<protocol::ProduceResponse>(leader(partition), produce_request(partition, batch, acks, timeout_ms));
  if (!response || response->topics.size() != 1 || response->topics[0].partitions.size() != 1) {
    ADD_FAILURE() << "no answer to a Produce";
    protocol::ProduceResponse::Partition none;
    none.error_code = ErrorCode::unknown_server_error;
    return none;
  }
  return response->topics[0].partitions[0];
}

std::vector<std::string> TestCluster::read(const TopicPartition& partition) {
  std::vector<std::string> values;
  std::int64_t offset = 0;
  while (true) {
    const auto response = ask<protocol::FetchResponse>(leader(partition), fetch_request(partition, offset));
    if (!response) {
      ADD_FAILURE() << "no answer to a Fetch";
      return values;
    }
    const auto& answer = response->topics[0].partitions[0];
    EXPECT_EQ(answer.error_code, ErrorCode::none);
    if (!answer.records || answer.records->empty()) return values;
    const auto batches = protocol::split_batches(*answer.records);
    if (!batches || batches->empty()) {
      ADD_FAILURE() << "no whole batch in a Fetch answer";
      return values;
    }
    for (const auto& batch : *batches) {
      const auto records = protocol::read_records(batch);
      EXPECT_TRUE(records.has_value());
      for (const auto& record : *records) values.emplace_back(record.value->text());
      offset = batch.header().next_offset().value;
    }
  }
}

Bytes frame_of(std::int16_t api_key, int version, bool flexible, const Bytes& body) {
  const std::string header = protocol::request_header(api_key, static_cast<std::int16_t>(version), flexible, 1, "test");
  const std::size_t size = header.size() + body.size();
  std::string prefix;
  for (const int shift : {24, 16, 8, 0}) prefix.push_back(static_cast<char>(size >> shift & 0xff));
  Bytes frame(Slice::copy_of(prefix + header));
  frame.append(body);
  return frame;
}

Slice batch_of(const std::vector<std::string>& values) {
  protocol::BatchBuilder builder(protocol::Codec::none);
  for (const std::string& value : values) builder.append({.timestamp = 1000, .key = {}, .value = value, .headers = {}});
  return builder.seal();
}

protocol::ProduceRequest produce_request(const TopicPartition& partition, const Slice& batch, Acks acks,
                                         std::int32_t timeout_ms) {
  protocol::ProduceRequest request;
  request.acks = static_cast<std::int16_t>(acks);
  request.timeout_ms = timeout_ms;
  request.topics.push_back({partition.topic, {}, {{partition.partition, batch}}});
  return request;
}

protocol::FetchRequest fetch_request(const TopicPartition& partition, std::int64_t offset, std::int32_t max_wait_ms) {
  protocol::FetchRequest request;
  request.max_wait_ms = max_wait_ms;
  request.min_bytes = 1;
  request.topics.push_back(
      {partition.topic, {}, {{.partition = partition.partition, .fetch_offset = offset, .partition_max_bytes = 1 << 20}}});
  return request;
}

}  // namespace acklab::broker

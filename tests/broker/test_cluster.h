// A cluster in the simulator, and a client that speaks frames to it: what a test sends is what it wrote, byte by byte.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/cluster.h"
#include "broker/controller/metadata_image.h"
#include "broker/faults/cluster_view.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "protocol/records/batch_builder.h"
#include "protocol/records/record_batch.h"
#include "protocol/runtime/request_channel.h"
#include "protocol/runtime/sim_world.h"
#include "protocol/wire/framer.h"
#include "protocol/wire/header.h"

namespace acklab::protocol {

inline void PrintTo(Offset offset, std::ostream* out) { *out << "offset " << offset.value; }
inline void PrintTo(ErrorCode code, std::ostream* out) { *out << name(code); }

}  // namespace acklab::protocol

namespace acklab::broker {

using namespace std::chrono_literals;

// One connection of the client.
struct Wire {
  std::unique_ptr<protocol::Connection> connection;
  protocol::Framer framer{std::size_t{64} << 20};
  std::deque<protocol::Slice> frames;  // received, not yet looked at
  std::size_t bytes = 0;               // received at all
  bool opened = false;
  bool closed = false;
  std::int32_t next_correlation = 1;
};

class TestCluster {
 public:
  // Starts it and waits until every broker is usable. Sessions end sooner than Kafka's default unless `config` says otherwise.
  explicit TestCluster(ClusterConfig config = {}, protocol::SimConfig sim = {});
  ~TestCluster();

  static constexpr protocol::Duration patience = std::chrono::seconds(60);

  // --- The world ---

  protocol::SimWorld world;
  Cluster cluster;
  void run_for(protocol::Duration duration) { world.run_for(duration); }
  bool eventually(const std::function<bool()>& done, protocol::Duration limit = patience);
  // Entries of one event so far, of every node or of one.
  std::vector<protocol::Entry> seen(protocol::Event event, protocol::NodeId node = {});
  // What happens when the journal tells of it, inside the emitting node's turn.
  void on_event(protocol::Journal::Listener listener) { world.subscribe(std::move(listener)); }
  // Why brokers ended connections.
  std::vector<std::string> log;

  // --- What the controller decided ---

  BrokerId leader(const protocol::TopicPartition& partition) const;
  std::vector<BrokerId> isr(const protocol::TopicPartition& partition) const;
  std::vector<BrokerId> followers(const protocol::TopicPartition& partition) const;

  // --- The client ---

  // Opens a connection and waits until it is open.
  Wire& connect(BrokerId broker);
  // Does not wait; what is sent before it is open leaves then.
  Wire& open(BrokerId broker);
  // Closes it and forgets it.
  void forget(Wire& wire);
  void send(Wire& wire, protocol::Bytes bytes);
  // Nothing if none comes in time or the connection ends.
  std::optional<protocol::Slice> next_frame(Wire& wire, protocol::Duration limit = patience);
  bool closes(Wire& wire, protocol::Duration limit = patience);

  template <class Request>
  std::int32_t send_request(Wire& wire, const Request& request, std::int16_t version) {
    const std::int32_t correlation = wire.next_correlation++;
    send(wire, protocol::request_frame(request, version, correlation, "test"));
    return correlation;
  }
  // The next answer, which must be this one.
  template <class Answer>
  std::optional<Answer> answer(Wire& wire, std::int32_t correlation, std::int16_t version, protocol::Duration limit = patience) {
    const auto frame = next_frame(wire, limit);
    if (!frame) return std::nullopt;
    const auto response = protocol::parse_response(*frame, Answer::info.api_key, Answer::info.flexible(version));
    EXPECT_TRUE(response.has_value());
    if (!response) return std::nullopt;
    EXPECT_EQ(response->correlation_id, correlation);
    auto decoded = protocol::decode<Answer>(response->body, version);
    EXPECT_TRUE(decoded.has_value()) << decoded.error().message();
    if (!decoded) return std::nullopt;
    return *std::move(decoded);
  }
  template <class Answer, class Request>
  std::optional<Answer> ask(Wire& wire, const Request& request, std::int16_t version) {
    return answer<Answer>(wire, send_request(wire, request, version), version);
  }
  // In the newest version in which it can be said.
  template <class Answer, class Request>
  std::optional<Answer> ask(Wire& wire, const Request& request) {
    return ask<Answer>(wire, request, protocol::versions_of(request).last_version);
  }
  // On a connection of its own.
  template <class Answer, class Request>
  std::optional<Answer> ask(BrokerId broker, const Request& request, std::int16_t version) {
    return ask<Answer>(connect(broker), request, version);
  }
  template <class Answer, class Request>
  std::optional<Answer> ask(BrokerId broker, const Request& request) {
    return ask<Answer>(connect(broker), request);
  }

  // --- Everyday requests ---

  void create_topic(const std::string& name, int partitions = 1, int replicas = 3, const Settings& settings = {});
  // As Metadata tells it.
  protocol::Uuid topic_id(const std::string& name);
  // The code and the base offset with which the partition's batch was answered, by its leader.
  protocol::ProduceResponse::Partition produce(const protocol::TopicPartition& partition, const protocol::Slice& batch,
                                               protocol::Acks acks, std::int32_t timeout_ms = 30000);
  // All values that a consumer can read now, from the partition's leader.
  std::vector<std::string> read(const protocol::TopicPartition& partition);

 private:
  class Node;
  ClusterView view_;
  Node* client_ = nullptr;
};

// A frame whose body need not be what its header says.
protocol::Bytes frame_of(std::int16_t api_key, int version, bool flexible, const protocol::Bytes& body = {});

// A batch of records with these values.
protocol::Slice batch_of(const std::vector<std::string>& values);

protocol::ProduceRequest produce_request(const protocol::TopicPartition& partition, const protocol::Slice& batch,
                                         protocol::Acks acks, std::int32_t timeout_ms = 30000);
protocol::FetchRequest fetch_request(const protocol::TopicPartition& partition, std::int64_t offset,
                                     std::int32_t max_wait_ms = 0);

}  // namespace acklab::broker

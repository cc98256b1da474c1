// Brokers that do what a test says, in a simulated world: they take real frames from real connections and keep a log of each
// partition with a leader's check of sequences, but a script may come between a Produce request and the log, or between the log and
// the answer. All brokers of a cluster share the logs: this is about producers, not about replication.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "producer/producer.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "protocol/records/record_batch.h"
#include "protocol/runtime/sim_world.h"
#include "storage/producer_states.h"

namespace acklab::producer {

// A batch of a Produce request as a broker received it.
struct SeenBatch {
  int broker = 0;
  protocol::TopicPartition partition;
  protocol::BatchHeader header;
  std::vector<std::string> values;
  protocol::Time at{};
  std::size_t number = 0;   // of all batches that any broker received, from 1
  std::size_t request = 0;  // of all Produce requests, from 1
};

// What a broker does with a batch.
struct Reaction {
  enum class Log { append, leave } log = Log::append;
  protocol::ErrorCode code = protocol::ErrorCode::none;  // answered even if it was appended; none: what the log says
  enum class Then { answer, close, fall_silent } then = Then::answer;
  protocol::Duration delay{0};  // of the answer
};
using Script = std::function<Reaction(const SeenBatch&)>;

inline Reaction refuse(protocol::ErrorCode code) { return {.log = Reaction::Log::leave, .code = code}; }
inline Reaction append_but_answer(protocol::ErrorCode code) { return {.code = code}; }
inline Reaction close_before_append() { return {.log = Reaction::Log::leave, .then = Reaction::Then::close}; }
inline Reaction close_after_append() { return {.then = Reaction::Then::close}; }
inline Reaction silence_after_append() { return {.then = Reaction::Then::fall_silent}; }

struct ScriptedTopic {
  struct Partition {
    std::int32_t leader = 0;
    std::int32_t epoch = 0;
    std::vector<std::string> values;             // the log, by record
    std::vector<protocol::BatchHeader> batches;  // and by batch
    storage::ProducerStates producers;
  };
  std::vector<Partition> partitions;
};

// What the brokers have in common.
struct ScriptedState {
  Script script;
  std::map<std::string, ScriptedTopic> topics;
  std::map<int, protocol::Address> brokers;  // those that metadata speaks of
  bool auto_create = false;
  protocol::ErrorCode identity_code = protocol::ErrorCode::none;  // answered to InitProducerId
  std::int64_t next_producer_id = 1000;
  std::vector<SeenBatch> seen;
  std::size_t requests = 0;
  std::size_t metadata_requests = 0;
  std::size_t identity_requests = 0;
  std::int32_t throttle_ms = 0;
};

class ScriptedBroker final : public protocol::Process {
 public:
  ScriptedBroker(protocol::Runtime& runtime, int id, const protocol::Address& address, ScriptedState& state);
  ~ScriptedBroker() override;

 private:
  class Session;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::unique_ptr<protocol::Listener> listener_;
};

// What became of one record.
struct Told {
  int times = 0;
  Outcome outcome;
  protocol::Time at{};
};

// A cluster of scripted brokers and one producer.
class ScriptedCluster {
 public:
  explicit ScriptedCluster(int brokers = 1, std::uint64_t seed = 1);
  ~ScriptedCluster();

  // Partition p is led by broker p modulo brokers.
  void add_topic(const std::string& name, int partitions = 1);
  void elect(const std::string& topic, std::int32_t partition, int broker);
  ScriptedTopic::Partition& partition(const std::string& topic, std::int32_t index = 0);
  // Drops the newest batches, as an unclean election does. Returns the records that are gone.
  std::vector<std::string> truncate(const std::string& topic, std::int32_t index, std::size_t batches);
  void kill_broker(int id);
  void start_broker(int id);

  // The producer starts with its first use.
  void configure(Settings settings) { settings_ = std::move(settings); }
  void bootstrap_from(int id) { bootstrap_ = {addresses_.at(id)}; }  // instead of from all
  // All in one turn of the client. Returns the index of the record in `told`.
  std::size_t send(ProducerRecord record);
  std::size_t send(const std::string& value, const std::string& topic = "orders");
  void send_many(int count, const std::string& topic = "orders");  // values "0", "1", ...
  void flush(std::function<void()> done);
  Producer& producer();
  // Instead of it a client of the test's own making.
  template <class Client>
  Client& start_client() {
    Client* made = nullptr;
    world.start(client, [&](protocol::Runtime& runtime) {
      auto process = std::make_unique<Client>(runtime, state.brokers.at(0));
      made = process.get();
      return process;
    });
    return *made;
  }

  void run_for(protocol::Duration duration) { world.run_for(duration); }
  // True if every record has its outcome in that time.
  bool run_until_all_told(protocol::Duration limit);
  // The values that batches brought, in the order in which brokers received them.
  std::vector<std::string> values_seen() const;
  std::vector<protocol::Entry> journal(protocol::Event event);

  static constexpr protocol::NodeId client = protocol::NodeId::client(0);

  protocol::SimWorld world;
  ScriptedState state;
  std::vector<Told> told;

 private:
  void on_client(std::function<void()> task);

  std::map<int, protocol::Address> addresses_;
  std::vector<protocol::Address> bootstrap_;
  Settings settings_;
  Producer* producer_ = nullptr;
};

}  // namespace acklab::producer

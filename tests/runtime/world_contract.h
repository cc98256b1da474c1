// The contract that both worlds keep, as tests written once: world_contract_test.cpp. A world joins by naming how it is made:
//
//   INSTANTIATE_TEST_SUITE_P(Simulated, WorldContract, testing::Values(WorldKind{"sim", [] { return ...; }}), world_name);
//
// A test may touch what lives on a node only in a turn of that node: use ask() and eventually().
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "protocol/runtime/traffic.h"
#include "protocol/runtime/world.h"

namespace acklab::protocol {

inline Bytes text(std::string_view words) { return Slice::copy_of(words); }

// One connection as its owner saw it.
struct Talk {
  std::unique_ptr<Connection> connection;
  std::string heard;                // all bytes
  std::vector<std::string> events;  // "opened", "end of stream", "reset", "refused"
  std::function<void()> on_bytes;   // in the turn in which bytes came

  bool closed() const { return !events.empty() && events.back() != "opened"; }
  void close() { connection.reset(); }
};

// A node that does what a test tells it to.
class Peer final : public Process {
 public:
  explicit Peer(Runtime& the_runtime, std::shared_ptr<std::atomic<bool>> destroyed = nullptr)
      : runtime(the_runtime), destroyed_(std::move(destroyed)) {}
  ~Peer() override {
    if (destroyed_) *destroyed_ = true;
  }

  enum class Manner { listen, echo };
  void listen(const Address& address, Manner manner = Manner::listen) {
    listener = runtime.listen(address, [this, manner](std::unique_ptr<Connection> connection) {
      Talk& talk = begin(std::move(connection));
      if (manner == Manner::echo) {
        talk.on_bytes = [&talk] { talk.connection->send(text(std::exchange(talk.heard, {}))); };
      }
    });
  }
  Talk& connect(const Address& address) { return begin(runtime.connect(address)); }

  Runtime& runtime;
  std::unique_ptr<Listener> listener;
  std::deque<Talk> talks;  // in the order in which they began
  std::vector<std::unique_ptr<Timer>> timers;
  std::vector<std::string> diary;  // whatever a test wants to remember

 private:
  Talk& begin(std::unique_ptr<Connection> connection) {
    Talk& talk = talks.emplace_back();
    talk.connection = std::move(connection);
    talk.connection->on({
        .opened = [&talk] { talk.events.push_back("opened"); },
        .received =
            [&talk](Slice bytes) {
              talk.heard += bytes.text();
              if (talk.on_bytes) talk.on_bytes();
            },
        .closed =
            [&talk](CloseReason reason) {
              talk.events.push_back(reason == CloseReason::end_of_stream ? "end of stream"
                                    : reason == CloseReason::reset       ? "reset"
                                                                         : "refused");
            },
    });
    return talk;
  }

  std::shared_ptr<std::atomic<bool>> destroyed_;
};

// What the tap was told, as text: "opened, client: hello, server: hello, client ends". Whose pieces follow each other are one.
class Transcript {
 public:
  Tap tap() {
    return [this](const Traffic& seen) {
      const std::lock_guard lock(mutex_);
      const std::string who = seen.from == Traffic::From::client ? "client" : "server";
      const std::string bytes(reinterpret_cast<const char*>(seen.bytes.data()), seen.bytes.size());
      if (seen.kind == Traffic::Kind::bytes && speaker_ == who) {
        text_ += bytes;
        return;
      }
      speaker_ = seen.kind == Traffic::Kind::bytes ? who : "";
      if (!text_.empty()) text_ += ", ";
      switch (seen.kind) {
        case Traffic::Kind::opened:
          text_ += "opened";
          break;
        case Traffic::Kind::refused:
          text_ += "refused";
          break;
        case Traffic::Kind::bytes:
          text_ += who + ": " + bytes;
          break;
        case Traffic::Kind::end:
          text_ += who + " ends";
          break;
        case Traffic::Kind::reset:
          text_ += "reset";
          break;
      }
    };
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
  std::string speaker_;
};

struct WorldKind {
  std::string name;
  std::function<std::unique_ptr<World>(Tap)> make;
};

inline std::string world_name(const testing::TestParamInfo<WorldKind>& info) { return info.param.name; }

// Two nodes and what it takes to make them talk.
class WorldContract : public testing::TestWithParam<WorldKind> {
 protected:
  static constexpr NodeId server{0};
  static constexpr NodeId client = NodeId::client(0);
  // Long enough for anything that happens at all, over sockets too.
  static constexpr Duration patience = std::chrono::seconds(20);
  // Long enough for a thing to go wrong that must not happen.
  static constexpr Duration a_while = std::chrono::milliseconds(60);

  void SetUp() override {
    world = GetParam().make(traffic.tap());
    address = reserve(server);
  }

  Address reserve(NodeId node) {
    const auto reserved = world->reserve(node, 0);
    EXPECT_TRUE(reserved.has_value());
    return *reserved;
  }

  // Starts a peer; `destroyed`, if given, becomes true with its end.
  void start(NodeId node, std::shared_ptr<std::atomic<bool>> destroyed = nullptr) {
    world->start(node, [this, node, destroyed](Runtime& runtime) {
      auto peer = std::make_unique<Peer>(runtime, destroyed);
      peers[node] = peer.get();
      return peer;
    });
    tell(node, [](Peer&) {});  // returns when the peer lives
  }
  void start_both() {
    peers = {{server, nullptr}, {client, nullptr}};
    start(server);
    start(client);
  }
  // A server that listens, and a client that has opened its first talk with it.
  void start_talking(Peer::Manner manner = Peer::Manner::listen) {
    start_both();
    tell(server, [&](Peer& peer) { peer.listen(address, manner); });
    tell(client, [&](Peer& peer) { peer.connect(address); });
    ASSERT_TRUE(eventually(client, [](Peer& peer) { return peer.talks[0].events == std::vector<std::string>{"opened"}; }));
    ASSERT_TRUE(eventually(server, [](Peer& peer) { return peer.talks.size() == 1; }));
  }

  // A client that sends, is paused, and then sends, closes and connects in the rest of its turn.
  void pause_in_the_middle_of_a_turn() {
    start_talking();
    tell(client, [&](Peer& peer) {
      peer.talks[0].connection->send(text("before"));
      world->pause(client);
      peer.talks[0].connection->send(text(" after"));
      peer.talks[0].close();
      peer.connect(address);
    });
    EXPECT_TRUE(hears(server, "before"));
    world->run_for(a_while);
  }

  template <class Question>
  auto ask(NodeId node, Question question) {
    std::invoke_result_t<Question, Peer&> answer{};
    EXPECT_TRUE(world->ask(node, [&] { answer = question(*peers[node]); }));
    return answer;
  }
  template <class Order>
  void tell(NodeId node, Order order) {
    EXPECT_TRUE(world->ask(node, [&] { order(*peers[node]); }));
  }
  template <class Predicate>
  bool eventually(NodeId node, Predicate predicate) {
    const auto holds = [&] {
      bool answer = false;
      world->ask(node, [&] { answer = predicate(*peers[node]); });
      return answer;
    };
    return world->run_until(holds, world->now() + patience);
  }

  // What the n-th talk of a node heard and lived through.
  std::string heard(NodeId node, std::size_t n = 0) {
    return ask(node, [n](Peer& peer) { return peer.talks[n].heard; });
  }
  std::vector<std::string> events(NodeId node, std::size_t n = 0) {
    return ask(node, [n](Peer& peer) { return peer.talks[n].events; });
  }
  void send(NodeId node, std::string_view words, std::size_t n = 0) {
    tell(node, [&](Peer& peer) { peer.talks[n].connection->send(text(words)); });
  }
  bool hears(NodeId node, const std::string& words, std::size_t n = 0) {
    return eventually(node, [&](Peer& peer) { return peer.talks.size() > n && peer.talks[n].heard == words; });
  }
  bool closes(NodeId node, std::size_t n = 0) {
    return eventually(node, [&](Peer& peer) { return peer.talks.size() > n && peer.talks[n].closed(); });
  }

  Transcript traffic;  // outlives the world
  std::unique_ptr<World> world;
  Address address;                // the server's
  std::map<NodeId, Peer*> peers;  // those that live
};

}  // namespace acklab::protocol

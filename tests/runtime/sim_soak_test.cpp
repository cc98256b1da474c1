// Nodes that gossip while everything goes wrong: whatever arrives must be what was sent, in order and once. Every byte of a stream is
// a function of its connection, side and position, so a receiver knows what must come next.
#include <gtest/gtest.h>

#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "protocol/runtime/sim_world.h"

namespace acklab::protocol {
namespace {

using namespace std::chrono_literals;

constexpr int node_count = 4;
constexpr NodeId node(std::uint64_t i) { return NodeId{static_cast<std::int32_t>(i)}; }

// One direction of one connection, as an all-seeing observer knows it.
struct Course {
  std::uint64_t sent = 0;
  std::uint64_t heard = 0;
  bool sender_open = false;  // until its node learns of the connection
  bool receiver_open = false;
  bool lossy = false;  // its sender lost power, or was killed while it was busy
  NodeId sender;
};

struct Ledger {
  std::map<std::pair<std::uint64_t, int>, Course> courses;  // by connection and sending side
  std::vector<Address> addresses;
  std::uint64_t bytes_heard = 0;
  std::map<std::string, int> seen;  // which ends of connections came about
  bool quiet = false;               // nobody begins anything any more
};

std::byte expected_byte(std::uint64_t connection, int side, std::uint64_t position) {
  return static_cast<std::byte>((connection * 2 + static_cast<std::uint64_t>(side)) * 31 + position * 7 + (position >> 8));
}

class Gossip final : public Process {
 public:
  Gossip(Runtime& runtime, Ledger& ledger, SimWorld& world)
      : runtime_(runtime), ledger_(ledger), world_(world), random_(runtime.random("gossip")) {
    const auto self = static_cast<std::size_t>(runtime.node().value);
    listener_ = runtime.listen(ledger.addresses[self],
                               [this](std::unique_ptr<Connection> connection) { begin(std::move(connection), 1); });
    rest();
  }
  ~Gossip() override {
    for (const Friend& one : friends_) course(one, Way::out).sender_open = course(one, Way::in).receiver_open = false;
  }

  bool busy() const { return runtime_.now() > world_.now(); }
  void fall_silent() {
    timer_.reset();
    for (Friend& one : friends_) one.connection->resume_reading();
  }

 private:
  struct Friend {
    std::unique_ptr<Connection> connection;
    int side = 0;
  };
  enum class Way { in, out };

  Course& course(const Friend& one, Way way) {
    return ledger_.courses[{one.connection->id(), way == Way::out ? one.side : 1 - one.side}];
  }

  void begin(std::unique_ptr<Connection> connection, int side) {
    if (connection->id() == 0) return;  // we died in this turn
    friends_.push_back({std::move(connection), side});
    const auto one = std::prev(friends_.end());
    Course& out = course(*one, Way::out);
    out.sender = runtime_.node();
    out.sent = 0;  // a machine that lost power before its answer was heard accepts the same connection in its next life
    out.sender_open = course(*one, Way::in).receiver_open = true;
    one->connection->on({.opened = [this] { ++ledger_.seen["opened"]; },
                         .received = [this, one](Slice bytes) { hear(*one, bytes); },
                         .closed = [this, one](CloseReason reason) { part(one, reason); }});
  }

  void hear(Friend& one, const Slice& bytes) {
    Course& in = course(one, Way::in);
    for (const std::byte byte : bytes.view()) {
      ASSERT_EQ(byte, expected_byte(one.connection->id(), 1 - one.side, in.heard));
      ++in.heard;
    }
    ASSERT_LE(in.heard, in.sent);
    ledger_.bytes_heard += bytes.size();
    const std::uint64_t whim = random_.below(8);
    if (whim == 0 && !ledger_.quiet) one.connection->pause_reading();
    if (whim == 1) one.connection->resume_reading();
    runtime_.note({.event = Event::read, .count = static_cast<std::int64_t>(bytes.size()), .connection = one.connection->id()});
  }

  void part(std::list<Friend>::iterator one, CloseReason reason) {
    Course& in = course(*one, Way::in);
    if (reason == CloseReason::end_of_stream) {
      ++ledger_.seen["end of stream"];
      EXPECT_FALSE(in.sender_open);
      if (!in.lossy) {
        EXPECT_EQ(in.heard, in.sent) << "connection " << one->connection->id();
      }
    } else {
      ++ledger_.seen[reason == CloseReason::reset ? "reset" : "refused"];
    }
    in.receiver_open = course(*one, Way::out).sender_open = false;
    runtime_.note({.event = Event::read, .count = -1, .connection = one->connection->id()});
    friends_.erase(one);
  }

  void rest() {
    const std::int64_t pause = random_.between(100, 3000);
    timer_ = runtime_.after(std::chrono::microseconds(pause), [this] {
      do_something();
      rest();
    });
  }

  void do_something() {
    const std::uint64_t what = random_.below(20);
    if (friends_.empty() || what == 0) {
      const std::uint64_t whom = random_.below(node_count);
      begin(runtime_.connect(ledger_.addresses[whom]), 0);
      return;
    }
    auto one = friends_.begin();
    std::advance(one, static_cast<std::ptrdiff_t>(random_.below(friends_.size())));
    if (what == 1) {
      course(*one, Way::out).sender_open = course(*one, Way::in).receiver_open = false;
      friends_.erase(one);
    } else if (what == 2) {
      world_.spend(runtime_.node(), Duration(random_.between(0, 3'000'000)));
      say(*one);
    } else {
      say(*one);
    }
  }

  void say(Friend& one) {
    Course& out = course(one, Way::out);
    std::string words(random_.below(600) + 1, ' ');
    for (std::size_t i = 0; i < words.size(); ++i) {
      words[i] = static_cast<char>(expected_byte(one.connection->id(), one.side, out.sent + i));
    }
    runtime_.note({.event = Event::sent, .count = static_cast<std::int64_t>(words.size()), .connection = one.connection->id()});
    if (!world_.alive(runtime_.node())) return;
    out.sent += words.size();
    one.connection->send(Slice::copy_of(words));
  }

  Runtime& runtime_;
  Ledger& ledger_;
  SimWorld& world_;
  Random random_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Timer> timer_;
  std::list<Friend> friends_;
};

struct Outcome {
  std::uint64_t hash = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes_heard = 0;
  std::map<std::string, int> seen;
};

class Soak {
 public:
  explicit Soak(std::uint64_t seed) : world_(narrow(seed)), driver_(Random::stream(seed, "driver", 0)) {}

  Outcome run() {
    for (std::uint64_t i = 0; i < node_count; ++i) ledger_.addresses.push_back(*world_.reserve(node(i), 9092));
    for (std::uint64_t i = 0; i < node_count; ++i) start(node(i));
    // A kill in the middle of a turn, now and then, of whoever says something.
    world_.subscribe([this](const Entry& entry, std::string_view) {
      if (!ledger_.quiet && entry.event == Event::sent && driver_.one_in(150)) die(entry.node, Event::killed);
    });

    for (int i = 0; i < 200; ++i) {
      const std::int64_t pause = driver_.between(0, 4000);
      world_.run_for(std::chrono::microseconds(pause));
      misfortune();
    }
    recover();
    expect_all_arrived();
    return {world_.journal().trace_hash(), world_.events(), ledger_.bytes_heard, ledger_.seen};
  }

 private:
  // A small window, so that senders are often held back.
  static SimConfig narrow(std::uint64_t seed) {
    SimConfig config;
    config.seed = seed;
    config.network.receive_window = 2000;
    return config;
  }

  void start(NodeId id) {
    gossips_[id] = nullptr;
    world_.start(id, [this, id](Runtime& runtime) {
      auto gossip = std::make_unique<Gossip>(runtime, ledger_, world_);
      gossips_[id] = gossip.get();
      return gossip;
    });
  }

  void die(NodeId id, Event how) {
    if (!world_.alive(id)) return;
    if (how == Event::power_lost || gossips_[id]->busy()) {
      for (auto& [key, course] : ledger_.courses) course.lossy = course.lossy || course.sender == id;
    }
    how == Event::killed ? world_.kill(id) : world_.power_off(id);
  }

  void misfortune() {
    const NodeId a = node(driver_.below(node_count));
    const NodeId b = node(driver_.below(node_count));
    const Direction direction = driver_.one_in(2) ? Direction::both : Direction::forward;
    switch (driver_.below(12)) {
      case 0:
        world_.cut(a, b, direction);
        break;
      case 1:
        world_.stall(a, b, direction);
        break;
      case 2:
      case 3:
        world_.heal(a, b, direction);
        break;
      case 4:
        world_.reset(a, b);
        break;
      case 5:
        if (driver_.one_in(2)) die(a, Event::killed);
        break;
      case 6:
        if (driver_.one_in(2)) die(a, Event::power_lost);
        break;
      case 7:
        if (!world_.alive(a)) start(a);
        break;
      case 8:
        world_.pause(a);
        break;
      case 9:
      case 10:
        world_.resume(a);
        break;
      case 11:
        world_.slow(a, b, direction, {.latency = 50ms, .bytes_per_second = 10'000});
        break;
    }
  }

  void recover() {
    ledger_.quiet = true;
    for (std::uint64_t i = 0; i < node_count; ++i) {
      if (!world_.alive(node(i))) start(node(i));
      world_.resume(node(i));
      for (std::uint64_t j = 0; j < node_count; ++j) world_.heal(node(i), node(j), Direction::forward);
      world_.ask(node(i), [&] { gossips_[node(i)]->fall_silent(); });
    }
    world_.run_for(60s);
  }

  // Between two ends that live, nothing is still on its way, and nothing was lost.
  void expect_all_arrived() {
    EXPECT_FALSE(world_.step());
    for (const auto& [key, course] : ledger_.courses) {
      if (course.sender_open && course.receiver_open) {
        EXPECT_EQ(course.heard, course.sent) << "connection " << key.first << " side " << key.second;
      }
    }
  }

  Ledger ledger_;  // outlives the world's nodes
  SimWorld world_;
  Random driver_;
  std::map<NodeId, Gossip*> gossips_;
};

TEST(SimSoak, WhateverHappensStreamsStayStreams) {
  std::map<std::string, int> seen;
  std::uint64_t bytes = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));

    const Outcome outcome = Soak(seed).run();

    if (testing::Test::HasFailure()) return;
    bytes += outcome.bytes_heard;
    for (const auto& [what, count] : outcome.seen) seen[what] += count;
  }
  // A soak in which a fault never happened would prove nothing about it.
  for (const char* what : {"opened", "end of stream", "reset", "refused"}) EXPECT_GT(seen[what], 50) << what;
  EXPECT_GT(bytes, 1'000'000U);
}

TEST(SimSoak, TheSameSeedGivesTheSameTraceAndAnotherGivesAnother) {
  std::map<std::uint64_t, std::uint64_t> seed_of_hash;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Outcome first = Soak(seed).run();
    const Outcome second = Soak(seed).run();

    EXPECT_EQ(first.hash, second.hash) << "seed " << seed;
    EXPECT_EQ(first.events, second.events) << "seed " << seed;
    EXPECT_TRUE(seed_of_hash.emplace(first.hash, seed).second);
  }
}

}  // namespace
}  // namespace acklab::protocol

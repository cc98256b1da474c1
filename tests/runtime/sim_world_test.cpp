#include "protocol/runtime/sim_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runtime/world_contract.h"

namespace acklab::protocol {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::unique_ptr<World> simulated(Tap tap) {
  SimConfig config;
  config.tap = std::move(tap);
  return std::make_unique<SimWorld>(config);
}

INSTANTIATE_TEST_SUITE_P(Simulated, WorldContract, testing::Values(WorldKind{"sim", simulated}), world_name);

constexpr LinkShape exactly(Duration latency) { return {.latency = latency, .jitter = Duration::zero(), .bytes_per_second = 0}; }
constexpr Time at(Duration since_start) { return Time(since_start); }

std::string stamp(Runtime& runtime) {
  return std::to_string(std::chrono::floor<std::chrono::milliseconds>(runtime.now().time_since_epoch()).count()) + " ms";
}

// What only the simulator promises. Between the nodes lies exactly a millisecond.
class SimWorldTest : public WorldContract {
 protected:
  void SetUp() override {
    world = std::make_unique<SimWorld>(SimConfig{.seed = 1, .network = {.link = exactly(1ms)}});
    address = reserve(server);
  }
  SimWorld& sim() { return static_cast<SimWorld&>(*world); }
};

// Time.

TEST_F(SimWorldTest, NothingTakesNoTime) {
  start_both();

  world->run_until([] { return false; }, at(1'000'000s));

  EXPECT_EQ(world->now(), at(1'000'000s));
  EXPECT_EQ(sim().events(), 0U);
  EXPECT_FALSE(sim().step());
}

TEST_F(SimWorldTest, AWorldStopsBetweenEventsAsSoonAsItIsAskedTo) {
  start(client);
  tell(client, [](Peer& peer) {
    for (const auto delay : {10ms, 20ms, 30ms}) {
      peer.timers.push_back(peer.runtime.after(delay, [&peer] { peer.diary.push_back(stamp(peer.runtime)); }));
    }
  });

  EXPECT_TRUE(world->run_until([&] { return peers[client]->diary.size() == 2; }, at(1s)));

  EXPECT_EQ(world->now(), at(20ms));
  EXPECT_FALSE(world->run_until([] { return false; }, at(25ms)));
  EXPECT_EQ(world->now(), at(25ms));
  EXPECT_THAT(peers[client]->diary, ElementsAre("10 ms", "20 ms"));
}

TEST_F(SimWorldTest, EveryEventIsCountedAndFollowedByTheHook) {
  std::uint64_t calls = 0;
  sim().at_end_of_event([&] { ++calls; });
  start(client);
  const std::uint64_t at_start = calls;
  tell(client, [](Peer& peer) {
    for (int i = 0; i < 5; ++i) peer.timers.push_back(peer.runtime.after(1ms, [] {}));
    peer.timers.pop_back();
  });

  world->run_for(1s);

  EXPECT_EQ(sim().events(), 4U);
  EXPECT_EQ(calls - at_start, 1U + 4U);  // the asking was a turn, too
}

TEST_F(SimWorldTest, TimersDueTogetherFireInTheOrderOfTheirMaking) {
  start(client);
  tell(client, [](Peer& peer) {
    for (int i = 0; i < 5; ++i) {
      peer.timers.push_back(peer.runtime.after(1ms, [&peer, i] { peer.diary.push_back(std::to_string(i)); }));
    }
  });

  world->run_for(1ms);

  EXPECT_THAT(peers[client]->diary, ElementsAre("0", "1", "2", "3", "4"));
}

TEST_F(SimWorldTest, TheLongestDelayNeverComes) {
  start(client);
  tell(client, [](Peer& peer) {
    peer.timers.push_back(peer.runtime.after(Duration::max(), [&peer] { peer.diary.push_back("fired"); }));
  });

  world->run_for(1'000'000s);

  EXPECT_THAT(peers[client]->diary, IsEmpty());
}

TEST_F(SimWorldTest, ManyCancelledTimersDoNotDisturbTheOthers) {
  start(client);
  tell(client, [](Peer& peer) {
    for (int i = 0; i < 10'000; ++i) {
      const auto delay = std::chrono::microseconds(i);
      peer.timers.push_back(peer.runtime.after(delay, [&peer] { peer.diary.push_back(stamp(peer.runtime)); }));
    }
    for (std::size_t i = 0; i < peer.timers.size(); ++i) {
      if (i % 1000 != 0) peer.timers[i].reset();
    }
  });

  world->run_for(1s);

  EXPECT_THAT(peers[client]->diary, ElementsAre("0 ms", "1 ms", "2 ms", "3 ms", "4 ms", "5 ms", "6 ms", "7 ms", "8 ms", "9 ms"));
}

TEST_F(SimWorldTest, TheWallClockBeginsAtAFixedDateAndRunsWithItsNodesSkew) {
  start_both();
  sim().jump_clock(client, -1500ms);
  world->run_for(1s);

  const std::int64_t start_of_2024 = 1'704'067'200'000;
  EXPECT_EQ(ask(server, [](Peer& peer) { return peer.runtime.wall_now(); }).milliseconds, start_of_2024 + 1000);
  EXPECT_EQ(ask(client, [](Peer& peer) { return peer.runtime.wall_now(); }).milliseconds, start_of_2024 - 500);
}

TEST_F(SimWorldTest, EveryLifeOfANodeDrawsItsOwnNumbers) {
  const auto draw = [&](NodeId node) { return ask(node, [](Peer& peer) { return peer.runtime.random("ids").next(); }); };
  start_both();
  const std::uint64_t first = draw(server);
  EXPECT_EQ(draw(server), first);
  EXPECT_NE(draw(client), first);

  world->kill(server);
  start(server);

  EXPECT_NE(draw(server), first);
}

// Latency and bandwidth.

TEST_F(SimWorldTest, BytesTakeTheLatencyOfTheirLink) {
  start_talking();
  const Time sent = world->now();

  send(client, "tick");

  EXPECT_TRUE(hears(server, "tick"));
  EXPECT_EQ(world->now() - sent, 1ms);
}

TEST_F(SimWorldTest, ALinkOfLimitedBandwidthIsSharedByItsConnections) {
  start_talking();
  tell(client, [&](Peer& peer) { peer.connect(address); });
  ASSERT_TRUE(eventually(server, [](Peer& peer) { return peer.talks.size() == 2; }));
  ASSERT_TRUE(eventually(client, [](Peer& peer) { return !peer.talks[1].events.empty(); }));
  sim().shape_link(client, server, {.latency = 1ms, .jitter = Duration::zero(), .bytes_per_second = 1'000'000});
  const Time sent = world->now();

  send(client, std::string(500'000, 'a'), 0);
  send(client, std::string(500'000, 'b'), 1);

  EXPECT_TRUE(hears(server, std::string(500'000, 'a'), 0));
  EXPECT_EQ(world->now() - sent, 501ms);
  EXPECT_TRUE(hears(server, std::string(500'000, 'b'), 1));
  EXPECT_EQ(world->now() - sent, 1001ms);
}

TEST_F(SimWorldTest, ANewConnectionMayOvertakeTheBytesOfAnOldOne) {
  start_talking();
  sim().shape_link(client, server, exactly(100ms));
  send(client, "old");

  sim().shape_link(client, server, exactly(1ms));
  tell(client, [&](Peer& peer) { peer.connect(address).connection->send(text("new")); });

  EXPECT_TRUE(hears(server, "new", 1));
  EXPECT_EQ(heard(server, 0), "");
  EXPECT_TRUE(hears(server, "old", 0));
}

TEST_F(SimWorldTest, BytesOfOneConnectionNeverOvertakeEachOther) {
  start_talking();
  sim().shape_link(client, server, exactly(100ms));
  send(client, "first ");

  sim().shape_link(client, server, exactly(1ms));
  send(client, "second");

  EXPECT_TRUE(hears(server, "first second"));
}

TEST_F(SimWorldTest, TheReceiverNeverSharesABufferWithTheSender) {
  start_talking();
  const Slice sent = Slice::copy_of("mine");
  const std::byte* received = nullptr;
  tell(server, [&](Peer& peer) {
    peer.talks[0].connection->close();
    peer.listener.reset();
    peer.listener = peer.runtime.listen(address, [&](std::unique_ptr<Connection> connection) {
      connection->on({.opened = {}, .received = [&](Slice bytes) { received = bytes.data(); }, .closed = {}});
      peer.talks.emplace_back().connection = std::move(connection);
    });
  });

  tell(client, [&](Peer& peer) { peer.connect(address).connection->send(sent); });
  world->run_for(a_while);

  ASSERT_NE(received, nullptr);
  EXPECT_NE(received, sent.data());
}

// The order of a closed connection's end and another's bytes, when a cut comes between.

TEST_F(SimWorldTest, AfterAHealANewConnectionMayBeServedBeforeTheGhostOfTheOldOne) {
  start_talking();
  world->cut(client, server, Direction::both);
  tell(client, [](Peer& peer) {
    peer.talks[0].connection->send(text("ghost"));
    peer.talks[0].close();
  });
  world->run_for(1s);

  sim().shape_link(client, server, exactly(100ms));
  world->heal(client, server, Direction::both);
  sim().shape_link(client, server, exactly(1ms));
  tell(client, [&](Peer& peer) { peer.connect(address).connection->send(text("new")); });

  EXPECT_TRUE(hears(server, "new", 1));
  EXPECT_EQ(heard(server, 0), "");
  EXPECT_TRUE(hears(server, "ghost", 0));
}

// Power.

TEST_F(SimWorldTest, WhatAMachineSentAndNobodyReceivedIsLostWithItsPower) {
  start_talking();
  send(server, "never seen");

  world->power_off(server);
  start(server);
  world->run_for(1s);

  EXPECT_EQ(heard(client), "");
}

TEST_F(SimWorldTest, APeerThatKeepsSilentNeverLearnsOfALossOfPower) {
  start_talking();

  world->power_off(server);
  start(server);
  world->run_for(1000s);

  EXPECT_THAT(events(client), ElementsAre("opened"));
}

TEST_F(SimWorldTest, BytesOnTheirWayToAMachineThatLosesPowerAreAnsweredWithAResetWhenItIsBack) {
  start_talking();
  send(client, "on its way");
  world->power_off(server);
  world->run_for(1000s);
  EXPECT_THAT(events(client), ElementsAre("opened"));

  start(server);
  world->run_for(2ms);

  EXPECT_THAT(events(client), ElementsAre("opened", "reset"));
}

// Slow turns.

TEST_F(SimWorldTest, WhatABusyNodeSendsLeavesWhenItIsFree) {
  start_talking();
  const Time before = world->now();

  tell(server, [&](Peer& peer) {
    sim().spend(server, 10ms);
    EXPECT_EQ(peer.runtime.now(), before + 10ms);
    peer.talks[0].connection->send(text("done"));
  });

  EXPECT_TRUE(hears(client, "done"));
  EXPECT_EQ(world->now() - before, 11ms);
}

TEST_F(SimWorldTest, ABusyNodesEventsWaitInTheirOrder) {
  start_talking();
  const Time before = world->now();
  const auto elapsed = [before](Peer& peer) {
    return std::to_string(std::chrono::floor<std::chrono::milliseconds>(peer.runtime.now() - before).count());
  };
  tell(server, [&](Peer& peer) {
    peer.talks[0].on_bytes = [&] { peer.diary.push_back("bytes at " + elapsed(peer)); };
    // The first timer keeps the node busy until 12, and the one at 3 until 17.
    for (const int delay : {2, 3, 4}) {
      peer.timers.push_back(peer.runtime.after(std::chrono::milliseconds(delay), [&, delay] {
        peer.diary.push_back("timer " + std::to_string(delay) + " at " + elapsed(peer));
        if (delay == 2) sim().spend(server, 10ms);
        if (delay == 3) sim().spend(server, 5ms);
      }));
    }
    peer.timers.push_back(peer.runtime.after(17ms, [&] { peer.diary.push_back("timer 17 at " + elapsed(peer)); }));
  });
  world->run_for(2500us);
  send(client, "hello");  // arrives at 3.5

  world->run_for(1s);

  EXPECT_THAT(peers[server]->diary,
              ElementsAre("timer 2 at 2", "timer 3 at 12", "bytes at 17", "timer 4 at 17", "timer 17 at 17"));
}

TEST_F(SimWorldTest, AKillOfABusyNodeDiscardsWhatItHadNotSentYet) {
  start_talking();

  tell(server, [&](Peer& peer) {
    peer.talks[0].connection->send(text("before"));
    sim().spend(server, 10ms);
    peer.talks[0].connection->send(text(" after"));
    peer.talks[0].close();
  });
  world->run_for(5ms);
  EXPECT_EQ(heard(client), "before");
  world->kill(server);

  EXPECT_TRUE(closes(client));
  EXPECT_EQ(heard(client), "before");
  EXPECT_THAT(events(client), ElementsAre("opened", "end of stream"));
}

TEST_F(SimWorldTest, AConnectionThatABusyNodeWouldHaveMadeIsNeverSeenIfItIsKilled) {
  start_both();
  tell(server, [&](Peer& peer) { peer.listen(address); });

  tell(client, [&](Peer& peer) {
    sim().spend(client, 10ms);
    peer.connect(address).connection->send(text("late"));
  });
  world->run_for(5ms);
  world->kill(client);
  world->run_for(1s);

  EXPECT_EQ(ask(server, [](Peer& peer) { return peer.talks.size(); }), 0U);
}

// Life and death.

TEST_F(SimWorldTest, AnOccupiedPortIsNamed) {
  ASSERT_TRUE(world->reserve(client, 9092).has_value());

  const auto again = world->reserve(client, 9092);

  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error(), "port client-0:9092 is in use");
}

TEST_F(SimWorldTest, WhoeverHearsOfADeathMayRestartTheNodeAtOnce) {
  const auto first_destroyed = std::make_shared<std::atomic<bool>>(false);
  start(client, first_destroyed);
  bool destroyed_before_reboot = false;
  world->subscribe([&](const Entry& entry, std::string_view) {
    if (entry.event == Event::appended) world->kill(entry.node);
    if (entry.event != Event::killed) return;
    world->start(entry.node, [&](Runtime& runtime) {
      destroyed_before_reboot = *first_destroyed;
      auto peer = std::make_unique<Peer>(runtime);
      peers[client] = peer.get();
      return peer;
    });
  });

  tell(client, [](Peer& peer) {
    peer.runtime.note({.event = Event::appended});
    peer.runtime.note({.event = Event::answered});
  });

  EXPECT_TRUE(world->alive(client));
  EXPECT_EQ(ask(client, [](Peer& peer) { return peer.talks.size(); }), 0U);
  EXPECT_TRUE(destroyed_before_reboot);
}

TEST_F(SimWorldTest, ANodeKilledWhileItBootsIsDestroyed) {
  const auto destroyed = std::make_shared<std::atomic<bool>>(false);
  world->subscribe([this](const Entry& entry, std::string_view) {
    if (entry.event == Event::recovered) world->kill(entry.node);
  });

  world->start(client, [&](Runtime& runtime) {
    runtime.note({.event = Event::recovered});
    return std::make_unique<Peer>(runtime, destroyed);
  });

  EXPECT_TRUE(*destroyed);
  EXPECT_FALSE(world->alive(client));
}

TEST_F(SimWorldTest, CallbacksThatOwnTheirOwnConnectionOrTimerDieWithTheNode) {
  start_talking();
  const auto token = std::make_shared<int>(0);
  struct Ring {
    std::shared_ptr<int> token;
    std::unique_ptr<Connection> connection;
    std::unique_ptr<Timer> timer;
  };

  tell(client, [&](Peer& peer) {
    auto ring = std::make_shared<Ring>();
    ring->token = token;
    ring->connection = peer.runtime.connect(address);
    ring->connection->on({.opened = {}, .received = [ring](Slice) {}, .closed = {}});
    ring->timer = peer.runtime.after(1000s, [ring] {});
  });
  world->kill(client);

  EXPECT_EQ(token.use_count(), 1);
}

}  // namespace
}  // namespace acklab::protocol

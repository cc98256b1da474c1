// The contract of both worlds, continued: nodes that pause and links that are slow. Over sockets time is only ever compared with
// "not before".
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "tests/runtime/world_contract.h"

namespace acklab::protocol {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Pauses.

TEST_P(WorldContract, APausedNodeAnswersAllInOrderWhenItIsResumed) {
  start_talking(Peer::Manner::echo);
  world->pause(server);

  for (const auto* word : {"1", "2", "3"}) send(client, word);
  world->run_for(a_while);
  EXPECT_EQ(heard(client), "");

  world->resume(server);
  send(client, "4");
  EXPECT_TRUE(hears(client, "1234"));
}

TEST_P(WorldContract, APausedNodesMachineStillLetsConnectionsComeAbout) {
  start_talking();
  world->pause(server);

  tell(client, [&](Peer& peer) { peer.connect(address).connection->send(text("hello")); });
  EXPECT_TRUE(eventually(client, [](Peer& peer) { return !peer.talks[1].events.empty(); }));
  EXPECT_THAT(events(client, 1), ElementsAre("opened"));

  world->resume(server);
  EXPECT_TRUE(hears(server, "hello", 1));
}

TEST_P(WorldContract, APausedNodeHoldsTheSenderBackWhenItsBuffersAreFull) {
  start_talking();
  const std::string much(std::size_t{32} << 20, 'x');
  world->pause(server);

  send(client, much);
  world->run_for(a_while);
  EXPECT_GT(ask(client, [](Peer& peer) { return peer.talks[0].connection->unsent(); }), 0U);

  world->resume(server);
  EXPECT_TRUE(eventually(server, [&](Peer& peer) { return peer.talks[0].heard.size() == much.size(); }));
}

TEST_P(WorldContract, TimersThatFellDueInAPauseFireOnceAndInOrderAfterIt) {
  start(client);
  std::atomic<int> fired = 0;
  tell(client, [&](Peer& peer) {
    for (const int delay : {30, 10, 20}) {
      peer.timers.push_back(peer.runtime.after(std::chrono::milliseconds(delay), [&peer, &fired, delay] {
        ++fired;
        peer.diary.push_back(std::to_string(delay));
      }));
    }
    world->pause(client);
  });

  world->run_for(a_while);
  EXPECT_EQ(fired, 0);

  world->resume(client);
  EXPECT_TRUE(eventually(client, [](Peer& peer) { return peer.diary.size() == 3; }));
  world->run_for(a_while);
  EXPECT_THAT(ask(client, [](Peer& peer) { return peer.diary; }), ElementsAre("10", "20", "30"));
}

TEST_P(WorldContract, WhatIsPostedToAPausedNodeRunsInItsOrderAndMayPauseItAgain) {
  start(client);
  world->pause(client);
  std::atomic<int> ran = 0;
  world->post(client, [&] {
    ++ran;
    world->pause(client);
  });
  world->post(client, [&] { ++ran; });
  world->run_for(a_while);
  EXPECT_EQ(ran, 0);

  world->resume(client);
  world->run_for(a_while);
  EXPECT_EQ(ran, 1);

  world->resume(client);
  world->run_for(a_while);
  EXPECT_EQ(ran, 2);
}

TEST_P(WorldContract, APausedNodeHearsOfAResetWhenItIsResumed) {
  start_talking();
  world->pause(server);

  world->reset(client, server);
  EXPECT_TRUE(closes(client));

  world->resume(server);
  EXPECT_TRUE(closes(server));
  EXPECT_THAT(events(server), ElementsAre("reset"));
}

TEST_P(WorldContract, WhoAsksAPausedNodeWaitsUntilItIsResumed) {
  start_both();
  world->pause(server);
  world->post(client, [&] { world->resume(server); });

  EXPECT_TRUE(world->ask(server, [] {}));
}

TEST_P(WorldContract, WhoAsksAPausedNodeIsToldWhenItDies) {
  start_both();
  world->pause(server);
  world->post(client, [&] { world->kill(server); });

  EXPECT_FALSE(world->ask(server, [] {}));
}

TEST_P(WorldContract, APausedNodeThatIsKilledEndsItsStreams) {
  const auto destroyed = std::make_shared<std::atomic<bool>>(false);
  start_talking(Peer::Manner::echo);
  start(NodeId{1}, destroyed);
  world->pause(server);
  world->pause(NodeId{1});
  send(client, "are you there?");
  world->run_for(a_while);

  world->kill(server);
  world->kill(NodeId{1});

  EXPECT_TRUE(closes(client));
  EXPECT_EQ(heard(client), "");
  EXPECT_TRUE(*destroyed);
  EXPECT_FALSE(world->alive(server));
}

TEST_P(WorldContract, APausedNodeThatLosesPowerIsSilent) {
  start_talking(Peer::Manner::echo);
  world->pause(server);

  world->power_off(server);
  send(client, "are you there?");
  world->run_for(a_while);
  EXPECT_THAT(events(client), ElementsAre("opened"));

  start(server);
  send(client, "and now?");
  EXPECT_TRUE(closes(client));
  EXPECT_THAT(events(client), ElementsAre("opened", "reset"));
}

TEST_P(WorldContract, ANodeThatWasKilledInAPauseRunsWhenItIsRestarted) {
  start_talking();
  world->pause(server);
  world->kill(server);
  world->resume(server);  // nothing to a dead node

  start(server);
  tell(server, [&](Peer& peer) { peer.listen(address); });
  tell(client, [&](Peer& peer) { peer.connect(address).connection->send(text("back again")); });

  EXPECT_TRUE(hears(server, "back again"));
}

TEST_P(WorldContract, WhatAPausedNodeSendsInTheRestOfItsTurnLeavesWhenItIsResumed) {
  pause_in_the_middle_of_a_turn();
  EXPECT_EQ(heard(server), "before");
  EXPECT_THAT(events(server), IsEmpty());
  EXPECT_EQ(ask(server, [](Peer& peer) { return peer.talks.size(); }), 1U);

  world->resume(client);

  EXPECT_TRUE(closes(server));
  EXPECT_EQ(heard(server), "before after");
  EXPECT_TRUE(eventually(client, [](Peer& peer) { return !peer.talks[1].events.empty(); }));
}

TEST_P(WorldContract, WhatAPausedNodeSendsInTheRestOfItsTurnIsGoneWhenItDies) {
  pause_in_the_middle_of_a_turn();

  world->kill(client);

  EXPECT_TRUE(closes(server));
  EXPECT_EQ(heard(server), "before");
  EXPECT_EQ(ask(server, [](Peer& peer) { return peer.talks.size(); }), 1U);
}

// Slow links.

TEST_P(WorldContract, ASlowLinkTakesItsTimeAndKeepsTheOrder) {
  start_talking();
  world->slow(client, server, Direction::forward, {.latency = 50ms});
  const Time begin = world->now();

  for (const auto* word : {"1", "2", "3"}) send(client, word);

  EXPECT_TRUE(hears(server, "123"));
  EXPECT_GE(world->now() - begin, 50ms);
}

TEST_P(WorldContract, ASlowLinkTakesNoMoreThanItsBytesPerSecond) {
  start_talking();
  world->slow(client, server, Direction::forward, {.bytes_per_second = 2000});
  const Time begin = world->now();

  send(client, std::string(100, 'x'));
  send(client, std::string(100, 'y'));

  EXPECT_TRUE(hears(server, std::string(100, 'x') + std::string(100, 'y')));
  EXPECT_GE(world->now() - begin, 100ms);
}

TEST_P(WorldContract, AHealEndsSlownessForWhatIsOnItsWay) {
  start_talking();
  world->slow(client, server, Direction::forward, {.latency = 1h, .bytes_per_second = 1});
  send(client, "held ");
  send(server, "passes");
  EXPECT_TRUE(hears(client, "passes"));
  tell(client, [](Peer& peer) {
    peer.talks[0].connection->send(text("back"));
    peer.talks[0].close();
  });
  world->run_for(a_while);
  EXPECT_EQ(heard(server), "");
  EXPECT_THAT(events(server), IsEmpty());

  world->heal(client, server, Direction::forward);

  EXPECT_TRUE(closes(server));
  EXPECT_EQ(heard(server), "held back");
}

TEST_P(WorldContract, AConnectionAcrossASlowLinkIsSlowToComeAbout) {
  start_talking();
  world->slow(client, server, Direction::both, {.latency = 1h});
  tell(client, [&](Peer& peer) { peer.connect(address); });
  world->run_for(a_while);
  EXPECT_THAT(events(client, 1), IsEmpty());

  world->heal(client, server, Direction::both);

  EXPECT_TRUE(eventually(client, [](Peer& peer) { return !peer.talks[1].events.empty(); }));
}

TEST_P(WorldContract, ASlowLinkMayBeCutOrStalledToo) {
  for (const auto fault : {&World::cut, &World::stall}) {
    SetUp();
    start_talking();
    world->slow(client, server, Direction::forward, {.latency = 20ms});
    send(client, "1");
    (world.get()->*fault)(client, server, Direction::forward);
    send(client, "2");
    world->run_for(a_while);
    EXPECT_EQ(heard(server), "");

    world->heal(client, server, Direction::forward);
    EXPECT_TRUE(hears(server, "12"));
  }
}

// What both worlds say of it.

TEST_P(WorldContract, PausesAndSlownessAreNotedOnceEach) {
  start_both();

  world->pause(server);
  world->pause(server);
  world->resume(server);
  world->resume(server);
  world->slow(server, client, Direction::both, {.latency = 1ms});
  world->slow(server, client, Direction::both, {.latency = 1ms});
  world->heal(server, client, Direction::both);
  world->kill(server);
  world->pause(server);

  std::map<Event, int> count;
  for (const Entry& entry : world->journal().entries()) ++count[entry.event];
  EXPECT_EQ(count[Event::paused], 1);
  EXPECT_EQ(count[Event::resumed], 1);
  EXPECT_EQ(count[Event::slowed], 2);
  EXPECT_EQ(count[Event::healed], 2);
}

TEST_P(WorldContract, BothEndsKnowWhoTheOtherIs) {
  start_talking();

  EXPECT_EQ(ask(client, [](Peer& peer) { return peer.talks[0].connection->peer(); }), server);
  EXPECT_EQ(ask(server, [](Peer& peer) { return peer.talks[0].connection->peer(); }), client);
}

}  // namespace
}  // namespace acklab::protocol

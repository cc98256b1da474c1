#include "tests/runtime/world_contract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

namespace acklab::protocol {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Streams.

TEST_P(WorldContract, BytesArriveWholeAndInOrder) {
  start_talking();
  std::string all;

  for (int i = 0; i < 500; ++i) {
    const std::string piece(static_cast<std::size_t>(i * 37 % 1000 + 1), static_cast<char>('a' + i % 26));
    all += piece;
    send(client, piece);
  }

  EXPECT_TRUE(hears(server, all));
}

TEST_P(WorldContract, AnEchoComesBack) {
  start_talking(Peer::Manner::echo);

  send(client, "hello");

  EXPECT_TRUE(hears(client, "hello"));
}

TEST_P(WorldContract, APieceOfManySlicesArrivesAsOneRun) {
  start_talking();
  Bytes bytes;
  for (const std::string_view word : {"one ", "", "two ", "three"}) bytes.append(Slice::copy_of(word));

  tell(client, [&](Peer& peer) { peer.talks[0].connection->send(bytes); });

  EXPECT_TRUE(hears(server, "one two three"));
}

TEST_P(WorldContract, BytesMayBeSentBeforeTheConnectionOpens) {
  start_both();
  tell(server, [&](Peer& peer) { peer.listen(address); });

  tell(client, [&](Peer& peer) { peer.connect(address).connection->send(text("early")); });

  EXPECT_TRUE(hears(server, "early"));
}

TEST_P(WorldContract, BothEndsKnowAConnectionByTheSameNumber) {
  start_talking();

  const std::uint64_t at_client = ask(client, [](Peer& peer) { return peer.talks[0].connection->id(); });
  const std::uint64_t at_server = ask(server, [](Peer& peer) { return peer.talks[0].connection->id(); });

  EXPECT_EQ(at_client, at_server);
  EXPECT_NE(at_client, 0U);
}

TEST_P(WorldContract, ANodeMayTalkToItself) {
  start(server);
  tell(server, [&](Peer& peer) {
    peer.listen(address);
    peer.connect(address).connection->send(text("me"));
  });

  EXPECT_TRUE(hears(server, "me", 1));
}

TEST_P(WorldContract, WithoutAListenerAConnectionIsRefused) {
  start_both();

  tell(client, [&](Peer& peer) { peer.connect(address); });

  EXPECT_TRUE(closes(client));
  EXPECT_THAT(events(client), ElementsAre("refused"));
}

TEST_P(WorldContract, AListenerThatWasDestroyedAcceptsNoMore) {
  start_talking();
  tell(server, [](Peer& peer) { peer.listener.reset(); });

  tell(client, [&](Peer& peer) { peer.connect(address); });

  EXPECT_TRUE(closes(client, 1));
  EXPECT_THAT(events(client, 1), ElementsAre("refused"));
  send(client, "the old one lives on");
  EXPECT_TRUE(hears(server, "the old one lives on"));
}

TEST_P(WorldContract, AReaderThatPausesHoldsTheSenderBack) {
  start_talking();
  tell(server, [](Peer& peer) { peer.talks[0].connection->pause_reading(); });
  const std::string much(std::size_t{32} << 20, 'x');

  send(client, much);
  world->run_for(a_while);
  EXPECT_GT(ask(client, [](Peer& peer) { return peer.talks[0].connection->unsent(); }), 0U);
  EXPECT_LT(heard(server).size(), much.size());

  tell(server, [](Peer& peer) { peer.talks[0].connection->resume_reading(); });
  EXPECT_TRUE(eventually(server, [&](Peer& peer) { return peer.talks[0].heard.size() == much.size(); }));
  EXPECT_EQ(heard(server), much);
  EXPECT_TRUE(eventually(client, [](Peer& peer) { return peer.talks[0].connection->unsent() == 0; }));
}

TEST_P(WorldContract, WhileReadingIsPausedNothingIsReceived) {
  start_talking();
  send(client, "first ");
  ASSERT_TRUE(hears(server, "first "));
  tell(server, [](Peer& peer) { peer.talks[0].on_bytes = [&peer] { peer.talks[0].connection->pause_reading(); }; });

  send(client, "second ");
  ASSERT_TRUE(hears(server, "first second "));
  send(client, "third");
  world->run_for(a_while);
  EXPECT_EQ(heard(server), "first second ");

  tell(server, [](Peer& peer) { peer.talks[0].connection->resume_reading(); });
  EXPECT_TRUE(hears(server, "first second third"));
}

// The end of a connection.

TEST_P(WorldContract, CloseDeliversWhatWasSentAndThenEndsTheStream) {
  start_talking();
  const std::string much(100'000, 'x');

  tell(client, [&](Peer& peer) {
    peer.talks[0].connection->send(text(much));
    peer.talks[0].connection->close();
  });

  EXPECT_TRUE(closes(server));
  EXPECT_EQ(heard(server), much);
  EXPECT_THAT(events(server), ElementsAre("end of stream"));
}

TEST_P(WorldContract, NothingIsReportedAfterTheOwnersClose) {
  start_talking(Peer::Manner::echo);

  tell(client, [](Peer& peer) {
    peer.talks[0].connection->send(text("hello"));
    peer.talks[0].connection->close();
  });

  EXPECT_TRUE(closes(server));
  world->run_for(a_while);
  EXPECT_EQ(heard(client), "");
  EXPECT_THAT(events(client), ElementsAre("opened"));
}

TEST_P(WorldContract, AConnectionMayBeDestroyedInsideItsOwnCallback) {
  start_talking(Peer::Manner::echo);
  tell(client, [](Peer& peer) { peer.talks[0].on_bytes = [&peer] { peer.talks[0].close(); }; });

  send(client, "hello");

  EXPECT_TRUE(hears(client, "hello"));
  EXPECT_TRUE(closes(server));
  EXPECT_THAT(events(server), ElementsAre("end of stream"));
}

TEST_P(WorldContract, AKilledNodesBytesStillArriveAndThenTheStreamEnds) {
  start_talking();
  send(client, "last words");

  world->kill(client);

  EXPECT_TRUE(closes(server));
  EXPECT_EQ(heard(server), "last words");
  EXPECT_THAT(events(server), ElementsAre("end of stream"));
}

TEST_P(WorldContract, NodesThatWereKilledRefuseConnections) {
  start_talking();
  world->kill(server);

  tell(client, [&](Peer& peer) { peer.connect(address); });

  EXPECT_TRUE(closes(client, 1));
  EXPECT_THAT(events(client, 1), ElementsAre("refused"));
}

TEST_P(WorldContract, ANodeThatLostPowerIsSilentAndResetsOldConnectionsWhenItIsBack) {
  start_talking();
  world->power_off(server);
  send(client, "are you there?");
  world->run_for(a_while);
  EXPECT_THAT(events(client), ElementsAre("opened"));

  start(server);
  tell(server, [&](Peer& peer) { peer.listen(address); });
  send(client, "and now?");

  EXPECT_TRUE(closes(client));
  EXPECT_THAT(events(client), ElementsAre("opened", "reset"));
  EXPECT_EQ(ask(server, [](Peer& peer) { return peer.talks.size(); }), 0U);
}

TEST_P(WorldContract, AConnectionToANodeWithoutPowerHangsUntilItIsBack) {
  start_both();
  world->power_off(server);
  tell(client, [&](Peer& peer) { peer.connect(address); });
  world->run_for(a_while);
  EXPECT_THAT(events(client), IsEmpty());

  world->start(server, [this](Runtime& runtime) {
    auto peer = std::make_unique<Peer>(runtime);
    peers[server] = peer.get();
    peer->listen(address);
    return peer;
  });

  EXPECT_TRUE(eventually(client, [](Peer& peer) { return !peer.talks[0].events.empty(); }));
  EXPECT_THAT(events(client), ElementsAre("opened"));
}

// Faults of links.

TEST_P(WorldContract, ACutHoldsBytesUntilTheHealAndKeepsTheirOrder) {
  start_talking();
  send(client, "1");
  ASSERT_TRUE(hears(server, "1"));
  world->cut(client, server, Direction::both);

  send(client, "2");
  send(client, "3");
  world->run_for(a_while);
  EXPECT_EQ(heard(server), "1");

  world->heal(client, server, Direction::both);
  send(client, "4");
  EXPECT_TRUE(hears(server, "1234"));
}

TEST_P(WorldContract, ACutOfOneWayLetsTheOtherPass) {
  start_talking();
  world->cut(client, server, Direction::forward);

  send(client, "held");
  send(server, "passes");
  EXPECT_TRUE(hears(client, "passes"));
  world->run_for(a_while);
  EXPECT_EQ(heard(server), "");

  world->heal(client, server, Direction::forward);
  EXPECT_TRUE(hears(server, "held"));
}

TEST_P(WorldContract, AConnectionAcrossACutHangsUntilTheHeal) {
  start_both();
  tell(server, [&](Peer& peer) { peer.listen(address); });
  world->cut(client, server, Direction::both);
  tell(client, [&](Peer& peer) { peer.connect(address).connection->send(text("hello")); });
  world->run_for(a_while);
  EXPECT_THAT(events(client), IsEmpty());

  world->heal(client, server, Direction::both);

  EXPECT_TRUE(hears(server, "hello"));
  EXPECT_TRUE(eventually(client, [](Peer& peer) { return !peer.talks[0].events.empty(); }));
  EXPECT_THAT(events(client), ElementsAre("opened"));
}

TEST_P(WorldContract, ACloseDuringACutLeavesTheOtherHalfOpenAndItsBytesArriveAfterTheHeal) {
  start_talking();
  world->cut(client, server, Direction::both);
  tell(client, [](Peer& peer) {
    peer.talks[0].connection->send(text("ghost"));
    peer.talks[0].close();
  });
  world->run_for(a_while);
  EXPECT_THAT(events(server), IsEmpty());
  EXPECT_EQ(heard(server), "");

  world->heal(client, server, Direction::both);

  EXPECT_TRUE(closes(server));
  EXPECT_EQ(heard(server), "ghost");
  EXPECT_THAT(events(server), ElementsAre("end of stream"));
}

TEST_P(WorldContract, AStallHoldsBytesButConnectionsStillOpen) {
  start_talking();
  world->stall(client, server, Direction::forward);

  send(client, "held");
  tell(client, [&](Peer& peer) { peer.connect(address).connection->send(text("too")); });
  EXPECT_TRUE(eventually(client, [](Peer& peer) { return !peer.talks[1].events.empty(); }));
  send(server, "passes");
  EXPECT_TRUE(hears(client, "passes"));
  world->run_for(a_while);
  EXPECT_EQ(heard(server, 0), "");
  EXPECT_EQ(heard(server, 1), "");

  world->heal(client, server, Direction::forward);
  EXPECT_TRUE(hears(server, "held", 0));
  EXPECT_TRUE(hears(server, "too", 1));
}

TEST_P(WorldContract, AResetBreaksEveryConnectionAtBothEndsAndNewOnesWork) {
  start_talking(Peer::Manner::echo);

  world->reset(client, server);

  EXPECT_TRUE(closes(client));
  EXPECT_TRUE(closes(server));
  EXPECT_THAT(events(client), ElementsAre("opened", "reset"));
  EXPECT_THAT(events(server), ElementsAre("reset"));
  tell(client, [&](Peer& peer) { peer.connect(address).connection->send(text("again")); });
  EXPECT_TRUE(hears(client, "again", 1));
}

// Timers.

TEST_P(WorldContract, TimersFireInTheOrderOfTheirTimesAndNeverInsideTheCall) {
  start(client);

  const bool inside = ask(client, [](Peer& peer) {
    for (const int delay : {30, 10, 0, 20}) {
      peer.timers.push_back(
          peer.runtime.after(std::chrono::milliseconds(delay), [&peer, delay] { peer.diary.push_back(std::to_string(delay)); }));
    }
    return !peer.diary.empty();
  });

  EXPECT_FALSE(inside);
  EXPECT_TRUE(eventually(client, [](Peer& peer) { return peer.diary.size() == 4; }));
  EXPECT_THAT(ask(client, [](Peer& peer) { return peer.diary; }), ElementsAre("0", "10", "20", "30"));
}

TEST_P(WorldContract, ATimerNeverFiresEarly) {
  start(client);
  tell(client, [](Peer& peer) {
    const Time due = peer.runtime.now() + 5ms;
    peer.timers.push_back(
        peer.runtime.after(5ms, [&peer, due] { peer.diary.push_back(peer.runtime.now() >= due ? "in time" : "early"); }));
  });

  EXPECT_TRUE(eventually(client, [](Peer& peer) { return !peer.diary.empty(); }));
  EXPECT_THAT(ask(client, [](Peer& peer) { return peer.diary; }), ElementsAre("in time"));
}

TEST_P(WorldContract, ATimerThatWasDestroyedDoesNotFire) {
  start(client);
  tell(client, [](Peer& peer) {
    peer.timers.push_back(peer.runtime.after(0ms, [&peer] { peer.diary.push_back("cancelled in the same turn"); }));
    peer.timers.clear();
    // The first of two that are due together destroys the second.
    peer.timers.push_back(peer.runtime.after(1ms, [&peer] {
      peer.diary.push_back("first");
      peer.timers.pop_back();
    }));
    peer.timers.push_back(peer.runtime.after(1ms + 1us, [&peer] { peer.diary.push_back("second"); }));
  });

  world->run_for(a_while);

  EXPECT_THAT(ask(client, [](Peer& peer) { return peer.diary; }), ElementsAre("first"));
}

TEST_P(WorldContract, ATimerMayBeDestroyedInsideItsOwnCallback) {
  start(client);
  tell(client, [](Peer& peer) {
    const std::string long_enough_to_be_on_the_heap(100, 'x');
    peer.timers.push_back(peer.runtime.after(1ms, [&peer, long_enough_to_be_on_the_heap] {
      peer.timers.clear();
      peer.diary.push_back(long_enough_to_be_on_the_heap);
    }));
  });

  EXPECT_TRUE(eventually(client, [](Peer& peer) { return !peer.diary.empty(); }));
  EXPECT_THAT(ask(client, [](Peer& peer) { return peer.diary; }), ElementsAre(std::string(100, 'x')));
}

// Life and death.

TEST_P(WorldContract, ADeadNodeIsNeitherAskedNorPostedTo) {
  start(client);
  world->kill(client);
  std::atomic<bool> ran = false;

  EXPECT_FALSE(world->alive(client));
  EXPECT_FALSE(world->ask(client, [&] { ran = true; }));
  world->post(client, [&] { ran = true; });
  world->run_for(a_while);

  EXPECT_FALSE(ran);
}

TEST_P(WorldContract, PostedTasksRunInTheirOrder) {
  start(client);

  for (const std::string word : {"a", "b", "c"}) {
    world->post(client, [this, word] { peers[client]->diary.push_back(word); });
  }

  EXPECT_TRUE(eventually(client, [](Peer& peer) { return peer.diary.size() == 3; }));
  EXPECT_THAT(ask(client, [](Peer& peer) { return peer.diary; }), ElementsAre("a", "b", "c"));
}

TEST_P(WorldContract, AKilledNodeIsDestroyedAndItsTimersWithIt) {
  const auto destroyed = std::make_shared<std::atomic<bool>>(false);
  start(client, destroyed);
  const auto fired = std::make_shared<std::atomic<bool>>(false);
  tell(client, [&](Peer& peer) { peer.timers.push_back(peer.runtime.after(10ms, [fired] { *fired = true; })); });

  world->kill(client);
  world->run_for(a_while);

  EXPECT_TRUE(*destroyed);
  EXPECT_FALSE(*fired);
}

TEST_P(WorldContract, ARestartedNodeBeginsANewLifeAtItsOldAddress) {
  start_talking();
  world->kill(server);
  EXPECT_TRUE(closes(client));

  start(server);
  tell(server, [&](Peer& peer) { peer.listen(address); });
  tell(client, [&](Peer& peer) { peer.connect(address).connection->send(text("back again")); });

  EXPECT_TRUE(world->alive(server));
  EXPECT_TRUE(hears(server, "back again"));
}

TEST_P(WorldContract, ANodeThatIsKilledInTheMiddleOfATurnHasNoEffectFromThereOn) {
  world->subscribe([this](const Entry& entry, std::string_view) {
    if (entry.event == Event::appended) world->kill(entry.node);
  });
  start_both();
  const auto destroyed = std::make_shared<std::atomic<bool>>(false);
  const NodeId victim{1};
  const Address victims_address = reserve(victim);
  start(victim, destroyed);
  tell(server, [&](Peer& peer) { peer.listen(address); });
  tell(victim, [&](Peer& peer) { peer.connect(address); });
  ASSERT_TRUE(eventually(victim, [](Peer& peer) { return !peer.talks[0].events.empty(); }));

  const auto fired = std::make_shared<std::atomic<bool>>(false);
  const auto destroyed_in_the_turn = std::make_shared<std::atomic<bool>>(true);
  world->ask(victim, [&] {
    Peer& peer = *peers[victim];
    peer.talks[0].connection->send(text("before"));
    peer.runtime.note({.event = Event::appended, .count = 1});
    peer.talks[0].connection->send(text(" after"));
    peer.runtime.note({.event = Event::answered, .count = 1});
    peer.timers.push_back(peer.runtime.after(0ms, [fired] { *fired = true; }));
    peer.listener = peer.runtime.listen(victims_address, [](std::unique_ptr<Connection>) {});
    peer.connect(address).connection->send(text("nobody hears this"));
    *destroyed_in_the_turn = destroyed->load();
  });

  EXPECT_TRUE(closes(server));
  EXPECT_EQ(heard(server), "before");
  EXPECT_THAT(events(server), ElementsAre("end of stream"));
  EXPECT_EQ(ask(server, [](Peer& peer) { return peer.talks.size(); }), 1U);
  EXPECT_FALSE(*destroyed_in_the_turn);
  world->run_for(a_while);
  EXPECT_TRUE(*destroyed);
  EXPECT_FALSE(*fired);
  EXPECT_FALSE(world->alive(victim));
  for (const Entry& entry : world->journal().entries()) EXPECT_NE(entry.event, Event::answered);
}

// The journal.

TEST_P(WorldContract, TheWorldNotesWhatItDoesToNodesAndLinks) {
  start_both();

  world->cut(server, client, Direction::both);
  world->heal(server, client, Direction::both);
  world->stall(server, client, Direction::forward);
  world->heal(server, client, Direction::forward);
  world->reset(server, client);
  world->kill(server);
  world->power_off(client);

  std::map<Event, int> count;
  for (const Entry& entry : world->journal().entries()) ++count[entry.event];
  EXPECT_EQ(count[Event::started], 2);
  EXPECT_EQ(count[Event::cut], 2);
  EXPECT_EQ(count[Event::healed], 3);
  EXPECT_EQ(count[Event::stalled], 1);
  EXPECT_EQ(count[Event::reset], 1);
  EXPECT_EQ(count[Event::killed], 1);
  EXPECT_EQ(count[Event::power_lost], 1);
}

TEST_P(WorldContract, EntriesAreStampedWithNodeAndTimeAndHeardByListeners) {
  std::atomic<int> heard_by_listener = 0;
  world->subscribe([&](const Entry& entry, std::string_view topic) {
    if (entry.event == Event::appended && entry.node == server && topic == "orders") ++heard_by_listener;
  });
  start(server);

  tell(server, [](Peer& peer) {
    peer.runtime.note({.event = Event::appended, .topic = peer.runtime.topic_number("orders"), .partition = 0});
  });

  EXPECT_EQ(heard_by_listener, 1);
  const Entry noted = world->journal().entries().back();
  EXPECT_EQ(noted.event, Event::appended);
  EXPECT_EQ(noted.node, server);
  EXPECT_EQ(world->journal().topic_name(noted.topic), "orders");
  EXPECT_LE(noted.at, world->now());
}

}  // namespace
}  // namespace acklab::protocol

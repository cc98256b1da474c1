// What only the world over sockets promises: ports, strangers, amounts, and that nothing is left behind. What it shares with the
// simulator is in world_contract_test.cpp.
#include "protocol/runtime/asio_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>

#include "protocol/runtime/asio_journal.h"
#include "protocol/runtime/asio_socket.h"
#include "protocol/runtime/asio_stream.h"
#include "tests/runtime/world_contract.h"

namespace acklab::protocol {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const WorldKind over_sockets{"asio", [](Tap tap) { return std::make_unique<AsioWorld>(AsioConfig{.tap = std::move(tap)}); }};

const WorldKind on_one_thread{
    "asio_on_one_thread", [](Tap tap) { return std::make_unique<AsioWorld>(AsioConfig{.tap = std::move(tap), .threads = 1}); }};
const auto both_ways = testing::Values(over_sockets, on_one_thread);

INSTANTIATE_TEST_SUITE_P(Sockets, WorldContract, both_ways, world_name);

// The contract's two nodes, for tests that need real sockets. (A suite of its own, so that the contract's tests do not join it.)
class AsioWorldTest : public WorldContract {};
INSTANTIATE_TEST_SUITE_P(Sockets, AsioWorldTest, both_ways, world_name);

std::ptrdiff_t entries_of(const char* directory) {
  return std::distance(std::filesystem::directory_iterator(directory), std::filesystem::directory_iterator());
}
std::ptrdiff_t open_fds() { return entries_of("/proc/self/fd"); }
std::ptrdiff_t threads() { return entries_of("/proc/self/task"); }

// A client that knows nothing of worlds: a plain blocking socket.
class Stranger {
 public:
  explicit Stranger(const Address& address) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const SocketAddress remote = *SocketAddress::of(address.host, address.port);
    connected_ = ::connect(fd_.get(), remote.get(), remote.size()) == 0;
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }

  bool connected() const { return connected_; }
  // The next bytes; fewer if the stream ends before.
  std::string hear(std::size_t size) {
    std::string words(size, ' ');
    const ssize_t got = ::recv(fd_.get(), words.data(), size, MSG_WAITALL);
    words.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return words;
  }
  // Nothing came that could be heard now.
  bool silent() {
    char byte;
    return ::recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
  }
  void send(std::string_view words) { EXPECT_EQ(::send(fd_.get(), words.data(), words.size(), 0), std::ssize(words)); }
  void say_no_more() { ::shutdown(fd_.get(), SHUT_WR); }
  void hang_up_rudely() {
    break_at_close(fd_.get());
    fd_ = Fd();
  }
  // All bytes until the stream ends, or "reset" or "nothing" in place of its end.
  std::string hear_to_the_end() {
    std::string all;
    char buffer[4096];
    while (true) {
      const ssize_t got = ::recv(fd_.get(), buffer, sizeof(buffer), 0);
      if (got == 0) return all;
      if (got < 0) return all + (errno == ECONNRESET ? "reset" : "nothing");
      all.append(buffer, static_cast<std::size_t>(got));
    }
  }

 private:
  Fd fd_;
  bool connected_ = false;
};

// Ports.

TEST(AsioPorts, AnOccupiedPortIsRefusedWithALineForTheUser) {
  const Result<ReservedPort, std::string> elsewhere = ReservedPort::take("127.0.0.1", 0);
  ASSERT_TRUE(elsewhere.has_value());
  AsioWorld world;

  const auto reserved = world.reserve(NodeId{0}, elsewhere->port());

  ASSERT_FALSE(reserved.has_value());
  EXPECT_EQ(reserved.error(), "port " + std::to_string(elsewhere->port()) +
                                  " on 127.0.0.1 is in use; choose another with --port, or 0 for any free one");
}

TEST(AsioPorts, AHostThatIsNoAddressIsRefusedWithALineForTheUser) {
  AsioWorld world(AsioConfig{.host = "nowhere"});

  const auto reserved = world.reserve(NodeId{0}, 0);

  ASSERT_FALSE(reserved.has_value());
  EXPECT_EQ(reserved.error(), "cannot listen at nowhere: not an IP address");
}

TEST_P(AsioWorldTest, APortBelongsToItsNodeWhetherThatLivesOrNot) {
  const auto taken_by_others = [&] { return ReservedPort::take(address.host, address.port).has_value(); };
  EXPECT_FALSE(taken_by_others());

  start_talking();
  EXPECT_FALSE(taken_by_others());

  world->kill(server);
  EXPECT_FALSE(taken_by_others());

  world.reset();
  EXPECT_TRUE(taken_by_others());
}

TEST_P(AsioWorldTest, ADeadNodeRefusesStrangersAndALivingOneAcceptsThemAgain) {
  start_talking(Peer::Manner::echo);
  for (int life = 0; life < 3; ++life) {
    EXPECT_TRUE(Stranger(address).connected());
    world->kill(server);
    EXPECT_FALSE(Stranger(address).connected());
    start(server);
    EXPECT_FALSE(Stranger(address).connected());
    tell(server, [&](Peer& peer) { peer.listen(address); });
  }
}

// Strangers.

// Two strangers that talk to an echo.
class AsioStrangers : public AsioWorldTest {
 protected:
  void SetUp() override {
    AsioWorldTest::SetUp();
    start(server);
    tell(server, [&](Peer& peer) { peer.listen(address, Peer::Manner::echo); });
    one = std::make_unique<Stranger>(address);
    EXPECT_TRUE(eventually(server, [](Peer& peer) { return peer.talks.size() == 1; }));
    other = std::make_unique<Stranger>(address);
    EXPECT_TRUE(eventually(server, [](Peer& peer) { return peer.talks.size() == 2; }));
  }
  NodeId peer_of(std::size_t talk) {
    return ask(server, [talk](Peer& peer) { return peer.talks[talk].connection->peer(); });
  }

  std::unique_ptr<Stranger> one, other;
};
INSTANTIATE_TEST_SUITE_P(Sockets, AsioStrangers, both_ways, world_name);

TEST_P(AsioStrangers, BothDirectionsAreShownToTheTap) {
  one->send("hello");
  EXPECT_EQ(one->hear(5), "hello");
  one->say_no_more();
  EXPECT_TRUE(closes(server));
  tell(server, [](Peer& peer) { peer.talks[0].close(); });
  EXPECT_EQ(one->hear_to_the_end(), "");

  EXPECT_EQ(traffic.text(), "opened, opened, client: hello, server: hello, client ends, server ends");
}

TEST_P(AsioStrangers, EachConnectionHasAPeerOfItsOwn) {
  EXPECT_TRUE(peer_of(0).is_stranger());
  EXPECT_TRUE(peer_of(1).is_stranger());
  EXPECT_NE(peer_of(0), peer_of(1));
  EXPECT_EQ(to_string(NodeId::stranger(3)), "stranger 3");
}

TEST_P(AsioStrangers, ACutOfOneHoldsWhatItSaysAndNotWhatTheOtherSays) {
  world->cut(peer_of(0), server, Direction::forward);

  one->send("held");
  other->send("passes");
  EXPECT_EQ(other->hear(6), "passes");
  world->run_for(a_while);
  EXPECT_TRUE(one->silent());

  world->heal(peer_of(0), server, Direction::forward);
  EXPECT_EQ(one->hear(4), "held");
}

TEST_P(AsioStrangers, AStallHoldsWhatTheNodeAnswers) {
  world->stall(server, peer_of(0), Direction::forward);

  one->send("hello");
  world->run_for(a_while);
  EXPECT_TRUE(one->silent());

  world->heal(server, peer_of(0), Direction::forward);
  EXPECT_EQ(one->hear(5), "hello");
}

TEST_P(AsioStrangers, ASlowLinkIsSlowBothWaysAndKeepsTheOrder) {
  world->slow(server, peer_of(0), Direction::both, {.latency = 20ms});
  const Time begin = world->now();

  one->send("ab");
  one->send("cd");
  one->say_no_more();

  EXPECT_EQ(one->hear(4), "abcd");
  EXPECT_GE(world->now() - begin, 40ms);
  EXPECT_TRUE(closes(server));
}

TEST_P(AsioStrangers, AHealHurriesWhatASlowStrangerSaid) {
  world->slow(peer_of(0), server, Direction::forward, {.latency = 1h});
  one->send("hello");
  world->run_for(a_while);
  EXPECT_TRUE(one->silent());

  world->heal(peer_of(0), server, Direction::forward);
  EXPECT_EQ(one->hear(5), "hello");
}

TEST_P(AsioStrangers, AResetBreaksTheConnectionOfOne) {
  world->reset(server, peer_of(0));

  EXPECT_EQ(one->hear_to_the_end(), "reset");
  EXPECT_TRUE(closes(server));
  other->send("lives on");
  EXPECT_EQ(other->hear(8), "lives on");
}

// The kernel tells of a reset once: a write that learns of it must not leave the reader with a plain end of the stream.
TEST_P(AsioStrangers, AResetThatAWriteMeetsFirstIsStillAReset) {
  const NodeId stranger = peer_of(0);
  world->stall(server, stranger, Direction::forward);
  send(server, "held");
  world->pause(server);
  one->hang_up_rudely();

  world->heal(server, stranger, Direction::forward);
  world->resume(server);

  EXPECT_TRUE(closes(server));
  EXPECT_THAT(events(server), ElementsAre("reset"));
}

TEST_P(AsioStrangers, FaultsOfTheirLinksAreNotedForBothEnds) {
  const NodeId stranger = peer_of(0);
  world->cut(server, stranger, Direction::both);
  world->heal(stranger, server, Direction::forward);

  std::vector<std::string> noted;
  for (const Entry& entry : world->journal().entries()) {
    if (entry.peer.known())
      noted.push_back(to_string(entry.node) + " " + std::string(name(entry.event)) + " " + to_string(entry.peer));
  }
  EXPECT_THAT(noted, ElementsAre("broker 0 cut stranger 0", "stranger 0 cut broker 0", "stranger 0 healed broker 0"));
}

TEST_P(AsioWorldTest, AStrangerThatClosesItsHalfStillGetsItsAnswer) {
  start(server);
  tell(server, [&](Peer& peer) {
    peer.listener = peer.runtime.listen(address, [&peer](std::unique_ptr<Connection> accepted) {
      Talk& talk = peer.talks.emplace_back();
      talk.connection = std::move(accepted);
      talk.connection->on({.opened = {},
                           .received = [&talk](Slice bytes) { talk.heard += bytes.text(); },
                           .closed =
                               [&talk](CloseReason) {
                                 talk.connection->send(text("you said " + talk.heard));
                                 talk.close();
                               }});
    });
  });

  Stranger stranger(address);
  stranger.send("hello");
  stranger.say_no_more();

  EXPECT_EQ(stranger.hear_to_the_end(), "you said hello");
}

TEST_P(AsioWorldTest, AStrangerHearsTheEndOfTheStreamWhenTheNodeIsKilled) {
  start(server);
  tell(server, [&](Peer& peer) { peer.listen(address); });
  Stranger stranger(address);
  ASSERT_TRUE(eventually(server, [](Peer& peer) { return peer.talks.size() == 1; }));
  const std::string last_words(std::size_t{1} << 20, 'x');

  stranger.send("unread");
  send(server, last_words);
  world->kill(server);

  EXPECT_EQ(stranger.hear_to_the_end(), last_words);
}

TEST_P(AsioWorldTest, AStrangerThatBreaksOffDoesNoHarmToTheOneWhoWrites) {
  start(server);
  tell(server, [&](Peer& peer) { peer.listen(address); });
  Stranger stranger(address);
  ASSERT_TRUE(eventually(server, [](Peer& peer) { return peer.talks.size() == 1; }));

  stranger.hang_up_rudely();
  send(server, std::string(std::size_t{8} << 20, 'x'));

  EXPECT_TRUE(closes(server));
  EXPECT_THAT(events(server), ElementsAre("reset"));
  EXPECT_EQ(ask(server, [](Peer& peer) { return peer.talks[0].connection->unsent(); }), 0U);
}

TEST_P(AsioWorldTest, LinksDoNotHoldWhatAStrangerSends) {
  start_talking(Peer::Manner::echo);
  world->cut(client, server, Direction::both);

  Stranger stranger(address);
  stranger.send("hello");
  stranger.say_no_more();

  EXPECT_TRUE(eventually(server, [](Peer& peer) { return peer.talks.size() == 2 && peer.talks[1].closed(); }));
  tell(server, [](Peer& peer) { peer.talks[1].close(); });
  EXPECT_EQ(stranger.hear_to_the_end(), "hello");
}

TEST_P(AsioWorldTest, ANodeReachesAServerByItsName) {
  start_both();
  tell(server, [&](Peer& peer) { peer.listen(address, Peer::Manner::echo); });

  tell(client, [&](Peer& peer) { peer.connect({"localhost", address.port}).connection->send(text("hello")); });

  EXPECT_TRUE(hears(client, "hello"));
  EXPECT_NE(ask(client, [](Peer& peer) { return peer.talks[0].connection->id(); }), 0U);
}

// Amounts.

TEST_P(AsioWorldTest, SixtyFourMebibytesPassAReaderThatKeepsPausing) {
  start_both();
  constexpr std::size_t size = std::size_t{64} << 20;
  MutableBuffer buffer(size);
  Random random(1);
  for (std::size_t i = 0; i < size; i += 8) {
    const std::uint64_t word = random.next();
    std::memcpy(buffer.span().data() + i, &word, 8);
  }
  const Slice all = std::move(buffer).freeze(size);
  std::atomic<std::size_t> arrived = 0;
  std::atomic<bool> as_sent = true;

  // The reader stops after each mebibyte, and goes on in a later turn.
  tell(server, [&](Peer& peer) {
    peer.listener = peer.runtime.listen(address, [&](std::unique_ptr<Connection> accepted) {
      Talk& talk = peer.talks.emplace_back();
      talk.connection = std::move(accepted);
      talk.connection->on({.opened = {},
                           .received =
                               [&](Slice bytes) {
                                 const std::size_t before = arrived;
                                 if (!(bytes == all.part(before, bytes.size()))) as_sent = false;
                                 arrived = before + bytes.size();
                                 if (before >> 20 == arrived >> 20) return;
                                 talk.connection->pause_reading();
                                 peer.timers.clear();
                                 peer.timers.push_back(peer.runtime.after(0ms, [&] { talk.connection->resume_reading(); }));
                               },
                           .closed = {}});
    });
  });
  tell(client, [&](Peer& peer) {
    Bytes pieces;
    for (std::size_t from = 0; from < size; from += size / 1024) pieces.append(all.part(from, size / 1024));
    peer.connect(address).connection->send(std::move(pieces));
  });

  EXPECT_TRUE(world->run_until([&] { return arrived == size; }, world->now() + patience));
  EXPECT_TRUE(as_sent);
}

TEST_P(AsioWorldTest, TwoHundredConnectionsTalkAtOnce) {
  start_both();
  tell(server, [&](Peer& peer) { peer.listen(address, Peer::Manner::echo); });

  tell(client, [&](Peer& peer) {
    for (int i = 0; i < 200; ++i) peer.connect(address).connection->send(text("hello " + std::to_string(i)));
  });

  EXPECT_TRUE(eventually(client, [](Peer& peer) {
    for (std::size_t i = 0; i < 200; ++i) {
      if (peer.talks[i].heard != "hello " + std::to_string(i)) return false;
    }
    return true;
  }));
}

TEST(AsioReadChunk, SmallMessagesShareAChunkUntilItIsUsedUp) {
  ReadChunk chunk;

  const std::byte* const begin = chunk.room().data();
  const Slice first = chunk.take(20);
  const Slice second = chunk.take(ReadChunk::chunk_bytes - 20 - ReadChunk::least_room);
  EXPECT_EQ(first.data(), begin);
  EXPECT_EQ(second.data(), begin + 20);
  EXPECT_EQ(chunk.room().data(), second.data() + second.size());

  chunk.take(1);
  EXPECT_EQ(chunk.room().size(), ReadChunk::chunk_bytes);
}

// Life and death.

TEST_P(AsioWorldTest, ANodeThatLosesPowerInTheMiddleOfATurnIsSilentAtOnce) {
  world->subscribe([this](const Entry& entry, std::string_view) {
    if (entry.event == Event::appended) world->power_off(entry.node);
  });
  start_talking();

  tell(client, [](Peer& peer) {
    peer.talks[0].connection->send(text("never leaves"));
    peer.runtime.note({.event = Event::appended, .count = 1});
    peer.talks[0].connection->send(text("nor does this"));
  });
  world->run_for(a_while);

  EXPECT_FALSE(world->alive(client));
  EXPECT_EQ(heard(server), "");
  EXPECT_THAT(events(server), IsEmpty());
}

TEST_P(AsioWorldTest, ANodeMayBeKilledAndStartedAgainInItsOwnTurn) {
  std::atomic<int> lives = 0;
  const World::Boot boot = [&](Runtime& runtime) {
    ++lives;
    auto peer = std::make_unique<Peer>(runtime);
    peers[server] = peer.get();
    peer->listen(address, Peer::Manner::echo);
    return peer;
  };
  world->subscribe([&](const Entry& entry, std::string_view) {
    if (entry.event != Event::appended) return;
    world->kill(entry.node);
    world->start(entry.node, boot);
  });
  world->start(server, boot);

  tell(server, [](Peer& peer) { peer.runtime.note({.event = Event::appended, .count = 1}); });

  EXPECT_TRUE(world->ask(server, [] {}));
  EXPECT_EQ(lives, 2);
  Stranger stranger(address);
  EXPECT_TRUE(stranger.connected());
}

TEST_P(AsioWorldTest, AMachineKeepsItsSilenceUntilAPeerSpeaksToItAgain) {
  start_talking();
  world->power_off(server);
  start(server);
  tell(server, [&](Peer& peer) { peer.listen(address); });
  world->run_for(a_while);
  EXPECT_THAT(events(client), ElementsAre("opened"));

  send(client, "hello?");

  EXPECT_TRUE(closes(client));
  EXPECT_THAT(events(client), ElementsAre("opened", "reset"));
}

// Listeners of the journal do to other nodes what they like, from their own threads.
TEST_P(AsioWorldTest, NodesThatHarmEachOtherAtTheSameTimeDoNotLockEachOtherUp) {
  world->subscribe([this](const Entry& entry, std::string_view) {
    if (entry.event != Event::appended) return;
    const NodeId other = entry.node == server ? client : server;
    const NodeId bystander{7};
    world->cut(entry.node, other, Direction::both);
    world->stall(other, entry.node, Direction::forward);
    world->heal(entry.node, other, Direction::both);
    world->reset(other, entry.node);
    world->post(other, [] {});
    world->kill(bystander);
  });
  start_talking(Peer::Manner::echo);
  start(NodeId{7});

  for (int i = 0; i < 100; ++i) {
    for (const NodeId node : {server, client}) {
      world->post(node, [this, node] { peers[node]->runtime.note({.event = Event::appended, .count = 1}); });
    }
  }

  EXPECT_TRUE(world->run_until(
      [&] {
        const auto entries = world->journal().entries();
        return std::ranges::count(entries, Event::appended, &Entry::event) == 200;
      },
      world->now() + patience));
  EXPECT_FALSE(world->alive(NodeId{7}));
  world->heal(server, client, Direction::both);
  tell(client, [&](Peer& peer) { peer.connect(address).connection->send(text("still here")); });
  EXPECT_TRUE(hears(client, "still here", 1));
}

TEST_P(AsioWorldTest, KillsAndRestartsLeakNeitherThreadsNorDescriptors) {
  start_talking();
  const auto one_cycle = [&] {
    world->kill(server);
    ASSERT_TRUE(closes(client));
    start(server);
    tell(server, [&](Peer& peer) { peer.listen(address); });
    tell(client, [&](Peer& peer) {
      peer.talks.clear();
      peer.connect(address).connection->send(text("hello"));
    });
    ASSERT_TRUE(hears(server, "hello"));
  };
  one_cycle();
  const std::ptrdiff_t fds = open_fds();
  const std::ptrdiff_t running = threads();

  for (int i = 0; i < 50; ++i) one_cycle();

  // What was closed a moment ago may take the other side one more turn.
  EXPECT_TRUE(world->run_until([&] { return open_fds() == fds; }, world->now() + patience)) << open_fds() << " and not " << fds;
  EXPECT_EQ(threads(), running);
}

TEST(AsioWorldsThreads, AreSharedOnceThereAreAsManyAsMayBe) {
  std::thread([] {}).join();
  const std::ptrdiff_t running = threads();
  AsioWorld world({.threads = 2});
  for (const std::int32_t client : {0, 1, 2, 3, 4}) {
    world.start(NodeId::client(client), [](Runtime& runtime) { return std::make_unique<Peer>(runtime); });
  }

  EXPECT_EQ(threads(), running + 2);
}

TEST(AsioWorldsEnd, LeavesNoThreadAndNoDescriptorBehind) {
  std::thread([] {}).join();  // a sanitizer starts a thread of its own with the first one
  const std::ptrdiff_t fds = open_fds();
  const std::ptrdiff_t running = threads();
  {
    AsioWorld world;
    const NodeId server{0};
    const NodeId silent = NodeId::client(0);
    const NodeId cut_off = NodeId::client(1);
    const NodeId dead = NodeId::client(2);
    const Address address = *world.reserve(server, 0);
    world.start(server, [&](Runtime& runtime) {
      auto peer = std::make_unique<Peer>(runtime);
      peer->listen(address);
      return peer;
    });
    world.cut(cut_off, server, Direction::both);
    for (const NodeId node : {silent, cut_off, dead}) {
      world.start(node, [&](Runtime& runtime) {
        auto peer = std::make_unique<Peer>(runtime);
        peer->connect(address).connection->send(text(std::string(std::size_t{16} << 20, 'x')));
        peer->timers.push_back(runtime.after(1h, [] {}));
        return peer;
      });
    }
    world.power_off(silent);
    world.kill(dead);
  }

  EXPECT_EQ(open_fds(), fds);
  EXPECT_EQ(threads(), running);
}

TEST(AsioNodeDeathTest, AnExceptionOnANodeEndsTheProgramWithAClearLine) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto throw_on_a_node = [] {
    AsioWorld world;
    world.start(NodeId::client(3), [](Runtime&) -> std::unique_ptr<Process> { throw std::runtime_error("out of luck"); });
  };

  EXPECT_DEATH(throw_on_a_node(), "acklab: uncaught exception on client 3: out of luck");
}

// The journal.

TEST_P(AsioWorldTest, TheJournalIsTheNodesEntriesByTimeWithTheirTopics) {
  start_both();
  const auto note = [this](NodeId node, std::string_view topic) {
    tell(node, [topic](Peer& peer) {
      peer.runtime.note({.event = Event::appended, .topic = peer.runtime.topic_number(topic), .partition = 0});
    });
  };

  for (const NodeId node : {server, client}) {
    note(node, node == server ? "a" : "b");
    note(node, node == server ? "b" : "a");
  }
  world->journal();
  note(server, "c");

  const Journal& journal = world->journal();
  std::vector<std::string> topics;
  for (const Entry& entry : journal.entries()) {
    if (entry.event == Event::appended) topics.push_back(to_string(entry.node) + " " + journal.topic_name(entry.topic));
  }
  EXPECT_THAT(topics, ElementsAre("broker 0 a", "broker 0 b", "client 0 b", "client 0 a", "broker 0 c"));
  EXPECT_TRUE(std::ranges::is_sorted(journal.entries(), {}, &Entry::at));
}

}  // namespace
}  // namespace acklab::protocol

// The contract of both worlds, continued: what the tap is told. Whoever hears words has shown them before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runtime/world_contract.h"

namespace acklab::protocol {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_P(WorldContract, TheTapIsToldWhatArrives) {
  start_talking(Peer::Manner::echo);
  send(client, "hello");
  ASSERT_TRUE(hears(client, "hello"));
  send(client, "again");
  ASSERT_TRUE(hears(client, "helloagain"));

  tell(client, [](Peer& peer) { peer.talks[0].close(); });
  ASSERT_TRUE(closes(server));

  EXPECT_THAT(traffic.text(),
              testing::StartsWith("opened, client: hello, server: hello, client: again, server: again, client ends"));
}

TEST_P(WorldContract, TheTapIsToldOfARefusedConnection) {
  start_both();

  tell(client, [&](Peer& peer) { peer.connect(address); });
  ASSERT_TRUE(closes(client));

  EXPECT_EQ(traffic.text(), "refused");
}

TEST_P(WorldContract, TheTapIsToldOfAReset) {
  start_talking();

  world->reset(client, server);
  ASSERT_TRUE(closes(client));
  ASSERT_TRUE(closes(server));

  EXPECT_THAT(traffic.text(), testing::StartsWith("opened, reset"));
}

TEST_P(WorldContract, TheTapIsNotToldWhatACutLinkHoldsUntilItIsHealed) {
  start_talking();
  world->cut(client, server, Direction::forward);

  send(client, "held");
  world->run_for(a_while);
  EXPECT_THAT(traffic.text(), Not(HasSubstr("held")));

  world->heal(client, server, Direction::forward);
  EXPECT_TRUE(hears(server, "held"));
  EXPECT_EQ(traffic.text(), "opened, client: held");
}

}  // namespace
}  // namespace acklab::protocol

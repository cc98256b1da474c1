#include "protocol/runtime/random.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "protocol/types.h"

namespace acklab::protocol {
namespace {

TEST(RandomUuid, IsOfVersion4AndItsTextIsNoOption) {
  Random random(1);
  std::set<Uuid> drawn;
  for (int i = 0; i < 10'000; ++i) {
    const Uuid uuid = random_uuid(random);
    EXPECT_EQ(uuid.bytes[6] >> 4, 4);
    EXPECT_EQ(uuid.bytes[8] >> 6, 2);
    EXPECT_NE(to_string(uuid).front(), '-');
    drawn.insert(uuid);
  }
  EXPECT_EQ(drawn.size(), 10'000U);
}

TEST(RandomUuid, IsTheSameForTheSameStream) {
  Random one = Random::stream(7, "topic-id", 1000);
  Random other = Random::stream(7, "topic-id", 1000);

  EXPECT_EQ(random_uuid(one), random_uuid(other));
}

}  // namespace
}  // namespace acklab::protocol

// What the checker makes of a producer's ledger and the last read.
#include "tools/lab/checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace acklab::lab {
namespace {

using protocol::Offset;
using testing::ElementsAre;
using testing::IsEmpty;

const protocol::TopicPartition orders{"orders", 0};

// One producer whose records were acknowledged at offsets 0, 1, 2, ..., and a partition that was read to its end.
struct CheckerTest : testing::Test {
  CheckerTest() {
    ledger.topic = orders.topic;
    read.partitions[orders].complete = true;
  }

  void acknowledge(int records) {
    ledger.planned = records;
    for (int i = 0; i < records; ++i) {
      Send& send = ledger.sends.emplace_back();
      send.record = i;
      send.settled = true;
      send.outcome = {.kind = producer::Outcome::Kind::acked, .partition = 0, .offset = {i}};
    }
  }
  void find(int first, int last) {
    for (int i = first; i <= last; ++i) read.partitions[orders].seen.push_back({{i}, i, 0});
  }
  std::vector<std::string> findings() {
    std::vector<std::string> all;
    for (const Finding& finding : check(ledgers, read).findings) {
      all.push_back(std::string(name(finding.anomaly)) + " " + std::to_string(finding.record));
    }
    return all;
  }

  std::deque<Ledger> ledgers{1};
  Ledger& ledger = ledgers.front();
  LastRead read;
};

TEST_F(CheckerTest, WhatIsAcknowledgedAndReadIsNoAnomaly) {
  acknowledge(4);
  find(0, 3);

  EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(CheckerTest, WhatIsAcknowledgedAndNotReadIsLost) {
  acknowledge(4);
  find(0, 2);

  EXPECT_THAT(findings(), ElementsAre("lost-write 3"));
}

TEST_F(CheckerTest, WhatLiesBelowTheLogsStartWasRemoved) {
  acknowledge(4);
  read.partitions[orders].begin = Offset{2};
  find(3, 3);

  EXPECT_THAT(findings(), ElementsAre("removed 0", "removed 1", "lost-write 2"));
  EXPECT_EQ(check(ledgers, read).records.lost, 1);
}

TEST_F(CheckerTest, ACompactedTopicOwesTheLatestRecordOfAKeyAndNoOther) {
  ledger.compacted_keys = 2;
  acknowledge(6);
  find(4, 4);

  EXPECT_THAT(findings(), ElementsAre("removed 0", "lost-write 1", "removed 2", "lost-write 3", "lost-write 5"));
}

TEST_F(CheckerTest, ATopicThatIsNotCompactedOwesEveryRecordOfAKey) {
  acknowledge(4);
  find(2, 3);

  EXPECT_THAT(findings(), ElementsAre("lost-write 0", "lost-write 1"));
}

}  // namespace
}  // namespace acklab::lab

// The journal of a world with threads: parts that nodes note into, and how they become one.
#include "protocol/runtime/asio_journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace acklab::protocol {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

TEST(AsioJournal, APartThatNobodyReadsDropsItsOldestEntriesAndSaysHowMany) {
  constexpr std::size_t max_waiting = 1024;
  constexpr std::size_t too_many = 3;
  AsioJournalPart part(max_waiting);
  AsioJournal journal;
  for (std::size_t i = 0; i < max_waiting + too_many; ++i) {
    part.note({.event = Event::appended}, [i] { return Time(Duration(i)); });
  }

  journal.merge({&part}, Time::max());

  EXPECT_EQ(journal.whole().dropped(), too_many);
  EXPECT_EQ(journal.whole().entries().size(), max_waiting);
  EXPECT_EQ(journal.whole().entries().front().at, Time(Duration(too_many)));
}

TEST(AsioJournal, EntriesYoungerThanTheMergeWaitForTheNextOne) {
  AsioJournalPart one(1024);
  AsioJournalPart other(1024);
  AsioJournal journal;
  one.note({.event = Event::appended, .count = 1}, [] { return Time(10ns); });
  other.note({.event = Event::appended, .count = 3}, [] { return Time(30ns); });

  journal.merge({&one, &other}, Time(20ns));
  EXPECT_EQ(journal.whole().entries().size(), 1U);

  one.note({.event = Event::appended, .count = 2}, [] { return Time(25ns); });
  journal.merge({&one, &other}, Time(40ns));
  std::vector<std::int64_t> counts;
  for (const Entry& entry : journal.whole().entries()) counts.push_back(entry.count);
  EXPECT_THAT(counts, ElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace acklab::protocol

#include "protocol/runtime/journal.h"
#include "tests/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace acklab::protocol {
namespace {

using ::testing::ElementsAre;

struct Row {
  std::string event, noted_by, counts;

  friend bool operator==(const Row&, const Row&) = default;
};

std::ostream& operator<<(std::ostream& out, const Row& row) {
  return out << row.event << " | " << row.noted_by << " | " << row.counts;
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// The rows of all tables of the page.
std::vector<Row> rows_of_the_page() {
  std::ifstream page(std::string(tests::source_dir) + "/protocol/runtime/events.md");
  std::vector<Row> rows;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| ") || line.starts_with("| event")) continue;
    std::istringstream cells(line.substr(1));
    Row row;
    for (std::string* cell : {&row.event, &row.noted_by, &row.counts}) {
      std::getline(cells, *cell, '|');
      *cell = trimmed(*cell);
    }
    rows.push_back(row);
  }
  return rows;
}

TEST(Journal, ThePageOfEventsSaysWhatTheCodeSays) {
  std::vector<Row> catalogue;
  for (const EventInfo& info : event_catalogue()) {
    catalogue.push_back({std::string(info.name), std::string(info.emitter), std::string(info.counts)});
  }

  EXPECT_THAT(rows_of_the_page(), testing::UnorderedElementsAreArray(catalogue));
}

TEST(Journal, EveryEventIsFoundByItsName) {
  for (const EventInfo& info : event_catalogue()) {
    const EventInfo* found = find_event(name(info.event));
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->event, info.event);
  }
  EXPECT_EQ(name(Event::high_watermark), "high-watermark");
  EXPECT_EQ(find_event("high_watermark"), nullptr);
}

TEST(Journal, ListenersHearEveryEntryInOrderOfSubscription) {
  Journal journal;
  std::vector<std::string> heard;
  journal.subscribe([&](const Entry& entry, std::string_view) { heard.push_back("first " + std::to_string(entry.number)); });
  journal.subscribe([&](const Entry& entry, std::string_view) { heard.push_back("second " + std::to_string(entry.number)); });

  journal.note({.event = Event::started});
  journal.note({.event = Event::killed});

  EXPECT_THAT(heard, ElementsAre("first 0", "second 0", "first 1", "second 1"));
}

TEST(Journal, AListenerMayCauseEntries) {
  Journal journal;
  journal.subscribe([&](const Entry& entry, std::string_view) {
    if (entry.event == Event::appended) journal.note({.event = Event::killed, .node = entry.node});
  });

  journal.note({.event = Event::appended, .node = {1}});

  ASSERT_EQ(journal.entries().size(), 2U);
  EXPECT_EQ(journal.entries()[0].event, Event::appended);
  EXPECT_EQ(journal.entries()[1].event, Event::killed);
}

TEST(Journal, AFullJournalDropsTheOldestAndCountsThem) {
  constexpr std::size_t capacity = 16;
  Journal journal(capacity);

  for (int i = 0; i < 100; ++i) journal.note({.event = Event::read});

  EXPECT_LE(journal.entries().size(), capacity);
  EXPECT_EQ(journal.dropped() + journal.entries().size(), 100U);
  EXPECT_EQ(journal.entries().front().number, journal.dropped());
  EXPECT_EQ(journal.entries().back().number, 99U);
}

TEST(Journal, TheTraceHashDoesNotDependOnWhatIsKeptNorOnWhoListens) {
  Journal small(8);
  Journal large;
  large.subscribe([](const Entry&, std::string_view) {});

  for (int i = 0; i < 100; ++i) {
    small.note({.event = Event::read, .count = i});
    large.note({.event = Event::read, .count = i});
  }

  EXPECT_EQ(small.trace_hash(), large.trace_hash());
}

TEST(Journal, TheTraceHashTakesTopicsByNameNotByNumber) {
  Journal forwards;
  Journal backwards;
  forwards.topic_number("a");
  backwards.topic_number("b");

  forwards.note({.event = Event::read, .topic = forwards.topic_number("b")});
  backwards.note({.event = Event::read, .topic = backwards.topic_number("b")});
  EXPECT_EQ(forwards.trace_hash(), backwards.trace_hash());

  forwards.note({.event = Event::read, .topic = forwards.topic_number("a")});
  backwards.note({.event = Event::read, .topic = backwards.topic_number("b")});
  EXPECT_NE(forwards.trace_hash(), backwards.trace_hash());
}

TEST(Journal, EveryFieldChangesTheTraceHash) {
  const auto hash_of = [](const Entry& entry) {
    Journal journal;
    journal.topic_number("orders");
    journal.note(entry);
    return journal.trace_hash();
  };
  std::vector<Entry> entries(18);
  entries[1].event = Event::acked;
  entries[2].code = ErrorCode::not_leader_or_follower;
  entries[3].topic = 1;
  entries[4].partition = 7;
  entries[5].epoch = {7};
  entries[6].offset = {7};
  entries[7].count = 7;
  entries[8].producer = {7};
  entries[9].producer_epoch = {7};
  entries[10].sequence = {7};
  entries[11].batch = 7;
  entries[12].connection = 7;
  entries[13].correlation = 7;
  entries[14].peer = {7};
  entries[15].brokers = {7};
  entries[16].node = {7};
  entries[17].at = Time(Duration(7));

  std::vector<std::uint64_t> hashes;
  for (const Entry& entry : entries) hashes.push_back(hash_of(entry));

  std::sort(hashes.begin(), hashes.end());
  EXPECT_EQ(std::unique(hashes.begin(), hashes.end()), hashes.end());
}

TEST(Journal, AnEntryIsDescribedInOneLine) {
  Journal journal;
  const TopicNumber orders = journal.topic_number("orders");
  const Time at(std::chrono::microseconds(12'250));
  const std::array<BrokerId, 2> isr{BrokerId{0}, BrokerId{2}};

  const Entry appended{.event = Event::appended,
                       .topic = orders,
                       .partition = 0,
                       .epoch = {1},
                       .offset = {400},
                       .count = 3,
                       .node = {1},
                       .at = at};
  const Entry elected{.event = Event::elected,
                      .topic = orders,
                      .partition = 2,
                      .epoch = {4},
                      .peer = {2},
                      .brokers = BrokerSet::of(isr),
                      .node = NodeId::controller(),
                      .at = at};
  const Entry killed{.event = Event::killed, .node = NodeId::client(0), .at = at};

  EXPECT_EQ(describe(appended, journal), "12.250 ms  broker 1  appended orders-0 offset 400 +3 epoch 1");
  EXPECT_EQ(describe(elected, journal), "12.250 ms  controller  elected orders-2 epoch 4 peer broker 2 isr {0, 2}");
  EXPECT_EQ(describe(killed, journal), "12.250 ms  client 0  killed");
}

}  // namespace
}  // namespace acklab::protocol

#include "protocol/runtime/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "tests/paths.h"

namespace acklab::protocol {
namespace {

using ::testing::ElementsAreArray;

Time at(std::int64_t nanoseconds) { return Time(Duration(nanoseconds)); }

// The lines of the page's example.
std::vector<std::string> example_of_the_page() {
  std::ifstream page(std::string(tests::source_dir) + "/protocol/runtime/events.md");
  std::vector<std::string> lines;
  std::string line;
  while (std::getline(page, line) && line != "```text") {
  }
  while (std::getline(page, line) && line != "```") lines.push_back(line);
  return lines;
}

TEST(Trace, TheExampleOfThePageIsWhatTheCodeWrites) {
  const std::array<BrokerId, 2> in_sync{BrokerId{1}, BrokerId{2}};
  std::vector<Entry> entries(5);
  entries[0] = {.event = Event::sent, .count = 3, .batch = 161, .connection = 52, .correlation = 9, .peer = {0}};
  entries[1] = {.event = Event::appended, .epoch = {0}, .offset = {486}, .count = 3, .connection = 52, .correlation = 9};
  entries[2] = entries[1];
  entries[2].event = Event::answered;
  entries[3] = {.event = Event::elected, .epoch = {1}, .peer = {1}, .brokers = BrokerSet::of(in_sync)};
  entries[4] = {.event = Event::refused,
                .code = ErrorCode::not_enough_replicas,
                .epoch = {1},
                .count = 3,
                .producer = {7},
                .producer_epoch = {0},
                .sequence = {486}};
  const std::array nodes{NodeId::client(3), NodeId{0}, NodeId{0}, NodeId::controller(), NodeId{1}};
  const std::array times{at(257'413'051), at(257'613'051), at(257'913'051), at(1'504'370'000), at(1'810'000'001)};
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    entries[i].partition = 0;
    entries[i].node = nodes[i];
    entries[i].at = times[i];
    lines.push_back(trace_line(entries[i], "orders"));
  }

  EXPECT_THAT(example_of_the_page(), ElementsAreArray(lines));
}

TEST(Trace, ALineWithoutATopicOrAnyFieldIsTimeNodeAndEvent) {
  EXPECT_EQ(trace_line({.event = Event::killed, .node = NodeId::client(0), .at = at(1'000'000)}, ""), "1.000000 client:0 killed");
  EXPECT_EQ(trace_line({.event = Event::fault_fired, .node = NodeId{2}}, ""), "0.000000 broker:2 fault-fired count=0");
}

TEST(Trace, EveryFieldChangesTheLine) {
  std::vector<Entry> entries(17);
  entries[1].event = Event::acked;
  entries[2].code = ErrorCode::not_leader_or_follower;
  entries[3].partition = 7;
  entries[4].epoch = {7};
  entries[5].offset = {7};
  entries[6].count = 7;
  entries[7].producer = {7};
  entries[8].producer_epoch = {7};
  entries[9].sequence = {7};
  entries[10].batch = 7;
  entries[11].connection = 7;
  entries[12].correlation = 7;
  entries[13].peer = {7};
  entries[14].brokers = {7};
  entries[15].node = {7};
  entries[16].at = at(7);

  std::set<std::string> lines{trace_line(entries[0], "payments")};
  for (const Entry& entry : entries) lines.insert(trace_line(entry, "orders"));

  EXPECT_EQ(lines.size(), entries.size() + 1);
}

Trace trace_of(const std::vector<Entry>& entries, std::string_view topic = "orders", std::size_t capacity = 100) {
  Trace trace(capacity);
  for (const Entry& entry : entries) trace.add(entry, topic);
  return trace;
}

TEST(FirstDifference, IsNoneBetweenEqualRuns) {
  const std::vector<Entry> entries(3, {.event = Event::appended, .offset = {7}});

  EXPECT_FALSE(first_difference(trace_of(entries), trace_of(entries)).has_value());
}

TEST(FirstDifference, NamesTheEventInBothRuns) {
  std::vector<Entry> entries(3, {.event = Event::appended, .partition = 0, .count = 1, .node = {1}});
  const Trace first = trace_of(entries);
  entries[1].count = 2;
  entries[2].count = 3;

  const auto difference = first_difference(first, trace_of(entries));

  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(difference->event, 1U);
  EXPECT_EQ(difference->first, "0.000000 broker:1 appended orders-0 count=1");
  EXPECT_EQ(difference->second, "0.000000 broker:1 appended orders-0 count=2");
}

TEST(FirstDifference, SeesTheNameOfATopic) {
  const std::vector<Entry> entries(2, {.event = Event::appended, .partition = 0});

  EXPECT_TRUE(first_difference(trace_of(entries, "orders"), trace_of(entries, "payments")).has_value());
}

TEST(FirstDifference, IsTheEndOfTheShorterRun) {
  const std::vector<Entry> entries(3, {.event = Event::killed, .node = {1}});

  const auto difference = first_difference(trace_of(entries), trace_of({entries[0]}));

  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(difference->event, 1U);
  EXPECT_EQ(difference->first, "0.000000 broker:1 killed orders--1");
  EXPECT_EQ(difference->second, "");
}

TEST(FirstDifference, BeyondWhatATraceKeepsIsNotSeen) {
  std::vector<Entry> entries(5, {.event = Event::appended, .partition = 0});
  const Trace first = trace_of(entries, "orders", 3);
  entries[4].count = 9;

  EXPECT_EQ(first.kept(), 3U);
  EXPECT_FALSE(first_difference(first, trace_of(entries, "orders", 3)).has_value());
}

}  // namespace
}  // namespace acklab::protocol

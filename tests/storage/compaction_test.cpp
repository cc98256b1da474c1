#include "storage/compaction.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "protocol/runtime/random.h"
#include "tests/storage/batches.h"

namespace acklab::storage {
namespace {

using protocol::BatchBuilder;
using protocol::Codec;
using protocol::LeaderEpoch;
using protocol::Offset;
using protocol::Random;
using protocol::Record;
using protocol::RecordBatch;
using protocol::Slice;

constexpr std::size_t much_room = 1u << 20;

struct Entry {
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::int64_t timestamp = 1000;
};

RecordBatch batch_with(Offset base, const std::vector<Entry>& entries, Producer producer = {}, Codec codec = Codec::none) {
  BatchBuilder builder(codec);
  for (const Entry& entry : entries) {
    const protocol::NewRecord::Header header{.key = "id", .value = "7"};
    builder.append(
        {.timestamp = entry.timestamp, .key = entry.key, .value = entry.value, .headers = std::span(&header, std::size_t{1})});
  }
  const Slice sealed = builder.seal({producer.id}, {producer.epoch}, {producer.sequence});
  return numbered(RecordBatch::first(sealed).value(), base, LeaderEpoch{3});
}

// A log in memory, and compaction over all of it.
struct Compactable {
  std::vector<RecordBatch> batches;
  CompactionCounts counts;

  Offset end() const { return batches.empty() ? Offset{0} : batches.back().header().next_offset(); }
  void append(const std::vector<Entry>& entries, Producer producer = {}, Codec codec = Codec::none) {
    batches.push_back(batch_with(end(), entries, producer, codec));
  }
  ProducerStates producers() const {
    ProducerStates states;
    for (const RecordBatch& batch : batches) states.update(batch.header());
    return states;
  }
  void compact(CompactionRules rules = {}) {
    LatestOffsets latest(much_room);
    for (const RecordBatch& batch : batches) ASSERT_TRUE(latest.note(batch).value());
    const ProducerStates states = producers();
    std::vector<RecordBatch> after;
    for (const RecordBatch& batch : batches) {
      const auto bytes = compacted(batch, latest, states, rules, counts);
      ASSERT_TRUE(bytes.has_value()) << bytes.error().message();
      if (*bytes) after.push_back(RecordBatch::first(**bytes).value());
    }
    batches = after;
  }
  // "offset key=value", in order.
  std::vector<std::string> told() const {
    std::vector<std::string> lines;
    for (const RecordBatch& batch : batches) {
      EXPECT_TRUE(batch.crc_matches());
      const std::vector<Record> records = protocol::read_records(batch).value();
      for (const Record& record : records) {
        const std::string key = record.key ? std::string(record.key->text()) : "";
        const std::string value = record.value ? std::string(record.value->text()) : "null";
        lines.push_back(std::to_string(record.offset.value) + " " + key + "=" + value);
      }
    }
    return lines;
  }
};

using Lines = std::vector<std::string>;

TEST(Compaction, TheLatestRecordOfEachKeyStaysAtItsOffset) {
  for (const Codec codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    Compactable log;
    log.append({{"a", "1"}, {"b", "1"}}, {}, codec);
    log.append({{"a", "2"}, {"c", "1"}}, {}, codec);
    log.append({{"b", "2"}}, {}, codec);

    log.compact();

    EXPECT_EQ(log.told(), (Lines{"2 a=2", "3 c=1", "4 b=2"}));
    EXPECT_EQ(log.batches.front().header().codec_bits(), static_cast<std::uint8_t>(codec));
    EXPECT_EQ(log.counts.read, 5);
    EXPECT_EQ(log.counts.kept, 3);
  }
}

TEST(Compaction, ABatchThatLosesSomeRecordsCoversTheSameOffsets) {
  Compactable log;
  log.append({{"a", "1", 1000}, {"b", "1", 3000}, {"c", "1", 2000}}, {.id = 9, .epoch = 1, .sequence = 40});
  log.append({{"a", "2", 4000}, {"b", "2", 4000}});
  const protocol::BatchHeader before = log.batches.front().header();

  log.compact();

  const protocol::BatchHeader& after = log.batches.front().header();
  EXPECT_EQ(after.base_offset, before.base_offset);
  EXPECT_EQ(after.last_offset(), before.last_offset());
  EXPECT_EQ(after.last_sequence(), before.last_sequence());
  EXPECT_EQ(after.producer_id, before.producer_id);
  EXPECT_EQ(after.leader_epoch, LeaderEpoch{3});
  EXPECT_EQ(after.max_timestamp, 2000) << "of the record that stays";
  const std::vector<Record> records = protocol::read_records(log.batches.front()).value();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].timestamp, 2000);
  ASSERT_EQ(records[0].headers.size(), 1u);
  EXPECT_EQ(records[0].headers[0].value->text(), "7");
}

TEST(Compaction, ABatchThatLosesNothingKeepsItsBytes) {
  Compactable log;
  log.append({{"a", "1"}, {"b", "1"}});
  const Slice before = log.batches.front().bytes();

  log.compact();

  EXPECT_EQ(log.batches.front().bytes().data(), before.data()) << "not even copied";
}

TEST(Compaction, ATombstoneStaysUntilItsDeleteHorizonHasPassed) {
  Compactable log;
  log.append({{"a", "1"}});
  log.append({{"a", std::nullopt}, {"b", "1"}});

  log.compact({.now = 5000, .delete_retention_ms = 100});
  EXPECT_EQ(log.told(), (Lines{"1 a=null", "2 b=1"}));
  EXPECT_EQ(log.batches.front().header().attributes, 0x40);
  EXPECT_EQ(log.batches.front().header().base_timestamp, 5100);
  EXPECT_EQ(protocol::read_records(log.batches.front()).value().front().timestamp, 1000);

  log.compact({.now = 5099, .delete_retention_ms = 100});
  EXPECT_EQ(log.told(), (Lines{"1 a=null", "2 b=1"})) << "the horizon is not set again";
  log.compact({.now = 5100, .delete_retention_ms = 100});
  EXPECT_EQ(log.told(), (Lines{"2 b=1"}));
}

TEST(Compaction, AnEmptyBatchStaysForWhatItTellsOfItsProducer) {
  Compactable log;
  log.append({{"a", "1"}}, {.id = 9, .epoch = 1, .sequence = 0});
  log.append({{"a", "2"}, {"b", "2"}}, {.id = 9, .epoch = 1, .sequence = 1}, Codec::lz4);
  log.append({{"a", "3"}, {"b", "3"}});

  log.compact();

  ASSERT_EQ(log.batches.size(), 2u);
  const protocol::BatchHeader& empty = log.batches.front().header();
  EXPECT_EQ(empty.records_count, 0);
  EXPECT_EQ(empty.size(), protocol::batch_header_size);
  EXPECT_EQ(empty.codec_bits(), 0);
  EXPECT_EQ(empty.base_offset, Offset{1});
  EXPECT_EQ(empty.last_offset(), Offset{2});
  EXPECT_EQ(empty.last_sequence(), protocol::Sequence{2});

  log.append({{"c", "1"}}, {.id = 9, .epoch = 1, .sequence = 3});
  log.compact();
  EXPECT_EQ(log.told(), (Lines{"3 a=3", "4 b=3", "5 c=1"}));
  EXPECT_EQ(log.batches.size(), 2u) << "the empty one tells nothing any more";
}

TEST(Compaction, RecordsWithoutAKeyGo) {
  Compactable log;
  log.append({{std::nullopt, "1"}, {"a", "1"}});

  log.compact();

  EXPECT_EQ(log.told(), (Lines{"1 a=1"}));
}

TEST(LatestOffsets, WhatHasNoRoomWaitsForTheNextTime) {
  LatestOffsets latest(4 * (1 + sizeof(Offset)));
  EXPECT_TRUE(latest.note(batch_with({0}, {{"a", "1"}, {"b", "1"}})).value());
  EXPECT_TRUE(latest.note(batch_with({2}, {{"a", "2"}, {"c", "1"}, {"d", "1"}})).value());
  EXPECT_FALSE(latest.note(batch_with({5}, {{"a", "3"}, {"e", "1"}})).value());

  EXPECT_EQ(latest.end(), Offset{5});
  EXPECT_TRUE(latest.has_later("a", Offset{0}));
  EXPECT_FALSE(latest.has_later("a", Offset{2})) << "the batch without room did not count";
  EXPECT_FALSE(latest.has_later("e", Offset{0}));
}

TEST(LatestOffsets, TheFirstBatchAlwaysHasRoom) {
  LatestOffsets latest(1);

  EXPECT_TRUE(latest.note(batch_with({0}, {{"a", "1"}, {"b", "1"}})).value());
}

// Compacting at any time changes neither what a reader ends up with nor what is known of producers.
TEST(Compaction, RandomLogsEndInTheSameStateHoweverOftenTheyAreCompacted) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random = Random::stream(seed, "compaction", 0);
    Compactable log;
    std::map<std::string, std::string> state;
    std::map<std::int64_t, std::int32_t> next_sequence;
    for (int step = 0; step < 40; ++step) {
      if (random.one_in(8)) {
        log.compact({.now = step, .delete_retention_ms = 5});
        continue;
      }
      std::vector<Entry> entries;
      const auto count = random.between(1, 4);
      for (std::int64_t i = 0; i < count; ++i) {
        const std::string key(1, static_cast<char>('a' + random.below(6)));
        const bool deletes = random.one_in(4);
        const std::string value = std::to_string(step) + "." + std::to_string(i);
        entries.push_back({key, deletes ? std::nullopt : std::optional(value), 1000 + step});
        deletes ? void(state.erase(key)) : void(state[key] = value);
      }
      const auto producer = static_cast<std::int64_t>(random.below(3));
      std::int32_t& sequence = next_sequence[producer];
      log.append(entries, {.id = producer, .epoch = 0, .sequence = sequence}, random.one_in(2) ? Codec::none : Codec::lz4);
      sequence += static_cast<std::int32_t>(count);
    }
    const ProducerStates before = log.producers();
    log.compact({.now = 1000, .delete_retention_ms = 5});
    log.compact({.now = 2000, .delete_retention_ms = 5});

    std::map<std::string, std::string> read;
    for (const RecordBatch& batch : log.batches) {
      const std::vector<Record> records = protocol::read_records(batch).value();
      for (const Record& record : records) {
        ASSERT_TRUE(record.value.has_value()) << "a tombstone stayed beyond its horizon";
        EXPECT_TRUE(read.emplace(record.key->text(), record.value->text()).second) << "one record for each key";
      }
    }
    EXPECT_EQ(read, state);
    for (const auto& [id, known] : before.producers()) {
      const ProducerStates after = log.producers();
      ASSERT_TRUE(after.producers().contains(id));
      EXPECT_EQ(after.producers().at(id).batches.back().last_sequence, known.batches.back().last_sequence);
      EXPECT_EQ(after.producers().at(id).batches.back().last_offset, known.batches.back().last_offset);
    }
  }
}

}  // namespace
}  // namespace acklab::storage

// The trivially simple log that the real one is compared with: a vector of batches for now and for every moment that a crash may
// go back to. A test tells the model what it is about to do, then does it to the log.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "protocol/records/end_transaction_marker.h"
#include "protocol/records/record_batch.h"
#include "storage/leader_epochs.h"
#include "storage/log.h"
#include "storage/producer_states.h"
#include "storage/transaction_index.h"
#include "tests/storage/batches.h"

namespace acklab::storage {

class LogModel {
 public:
  LogModel() : moments_(1) {}

  Offset start() const { return moments_.back().start; }
  Offset end() const { return moments_.back().end(); }
  const std::vector<RecordBatch>& batches() const { return moments_.back().batches; }

  void append(const RecordBatch& numbered) {
    moments_.push_back(moments_.back());
    moments_.back().batches.push_back(numbered);
    begin_epoch(numbered.header().leader_epoch, numbered.header().base_offset);
  }
  void assign_epoch(LeaderEpoch epoch) { begin_epoch(epoch, end()); }
  void truncate_to(Offset offset) {
    moments_.push_back(moments_.back());
    std::erase_if(moments_.back().batches, [&](const RecordBatch& batch) { return batch.header().next_offset() > offset; });
    safe_end_ = std::min(safe_end_, end());
    epochs_.truncate_to(end());
  }
  // Segments may go, up to the one that begins at `start`; then they are missing from whatever a power loss goes back to.
  void may_delete_before(Offset start) {
    const std::vector<Moment> before = moments_;
    for (Moment moment : before) {
      if (moment.start >= start) continue;
      moment.start = start;
      while (!moment.batches.empty() && moment.batches.front().header().base_offset < start) {
        moment.deleted.push_back(moment.batches.front());
        moment.batches.erase(moment.batches.begin());
      }
      moments_.push_back(std::move(moment));
    }
  }
  // So far they went.
  void deleted_before(Offset start) {
    std::erase_if(moments_, [start](const Moment& moment) { return moment.start != start; });
    epochs_.trim_to(start);
  }
  Offset safe_end() const { return safe_end_; }
  void reset_to(Offset offset) {
    moments_.push_back({offset, {}, {}});
    safe_end_ = Offset{0};  // the old batches go first
    epochs_.clear();
  }
  // The log says that it is durable up to here.
  void flushed_up_to(Offset offset) { safe_end_ = offset; }
  // All is durable: no crash goes back behind now.
  void flushed() {
    moments_.erase(moments_.begin(), std::prev(moments_.end()));
    safe_end_ = end();
  }

  // What the log holds is a prefix of what once was, with all that was flushed.
  void expect_possible(const Log& log) const {
    const std::vector<RecordBatch> found = batches_of(log);
    ASSERT_TRUE(std::any_of(moments_.begin(), moments_.end(),
                            [&](const Moment& moment) {
                              return moment.start == log.start() && found.size() <= moment.batches.size() &&
                                     std::equal(found.begin(), found.end(), moment.batches.begin(), same_bytes);
                            }))
        << "a log from " << log.start().value << " to " << log.end().value << " never was";
    ASSERT_GE(log.end(), safe_end_) << "flushed batches are lost";
  }

  // The log was opened again after a crash at any moment. The model goes on from what it found.
  void expect_recovered(const Log& log) {
    expect_possible(log);
    if (::testing::Test::HasFatalFailure()) return;

    const std::vector<RecordBatch> found = batches_of(log);
    moments_ = {{log.start(), found, deleted_in_a_moment_from(log.start())}};
    LeaderEpochs told;
    for (const RecordBatch& batch : found) told.assign(batch.header().leader_epoch, batch.header().base_offset);
    if (log.epochs().latest() != told.latest()) {
      const EpochStart last = log.epochs().entries().back();
      ASSERT_EQ(last.start, log.end()) << "epoch " << last.epoch.value << " has no batch";
      // Or before, and all of its batches were deleted.
      const bool before = last.start == log.start() && begun_.lower_bound({last.epoch, Offset{0}})->first == last.epoch;
      ASSERT_TRUE(before || begun_.contains({last.epoch, last.start})) << "epoch " << last.epoch.value << " never began there";
      told.assign(last.epoch, last.start);
    }
    epochs_ = told;
    safe_end_ = log.flushed_end();
    expect_equal(log);
  }

  // The log holds exactly what it should, and what is derived from the batches agrees with them.
  void expect_equal(const Log& log) const {
    ASSERT_EQ(log.start(), start());
    ASSERT_EQ(log.end(), end());
    const std::vector<RecordBatch> found = batches_of(log);
    ASSERT_TRUE(std::equal(found.begin(), found.end(), batches().begin(), batches().end(), same_bytes));

    const auto epochs = log.epochs().entries();
    ASSERT_TRUE(std::equal(epochs.begin(), epochs.end(), epochs_.entries().begin(), epochs_.entries().end()));

    ProducerStates states;
    for (const RecordBatch& batch : moments_.back().deleted) states.update(batch.header(), end_transaction_marker(batch));
    for (const RecordBatch& batch : batches()) states.update(batch.header(), end_transaction_marker(batch));
    for (const auto& [id, producer] : states.producers()) {
      ASSERT_TRUE(log.producer_states().producers().contains(id)) << "producer " << id;
      const ProducerStates::Producer& known = log.producer_states().producers().at(id);
      ASSERT_EQ(known.epoch, producer.epoch);
      ASSERT_EQ(known.timestamp, producer.timestamp);
      ASSERT_EQ(known.coordinator_epoch, producer.coordinator_epoch);
      ASSERT_EQ(known.transaction_start, producer.transaction_start);
      // A snapshot holds only the newest of the batches that are remembered.
      const std::string all = described(producer);
      ASSERT_EQ(known.batches.empty(), producer.batches.empty());
      ASSERT_TRUE(all.ends_with(described(known))) << described(known) << " is no end of " << all;
    }
    ASSERT_EQ(log.producer_states().producers().size(), states.producers().size());
    expect_transactions(log);
  }

  // What is aborted and what is undecided, from a walk over all batches.
  void expect_transactions(const Log& log) const {
    std::map<std::int64_t, Offset> open;
    std::vector<AbortedTransaction> aborted;
    const auto walk = [&](const RecordBatch& batch) {
      const std::int64_t producer = batch.header().producer_id.value;
      if (batch.header().transactional() && !batch.header().control()) open.try_emplace(producer, batch.header().base_offset);
      const auto marker = end_transaction_marker(batch);
      const auto ended = marker ? open.find(producer) : open.end();
      if (ended == open.end()) return;
      const Offset first = ended->second;
      open.erase(ended);
      if (marker->type == protocol::EndTransactionMarker::Type::commit) return;
      aborted.push_back({producer, first, batch.header().base_offset, first_of(open, batch.header().next_offset())});
    };
    for (const RecordBatch& batch : moments_.back().deleted) walk(batch);
    for (const RecordBatch& batch : batches()) walk(batch);
    std::erase_if(aborted, [&](const AbortedTransaction& one) { return one.last_offset < start(); });

    ASSERT_EQ(log.aborted_transactions(start(), end()), aborted);
    ASSERT_EQ(log.last_stable_offset(end()), std::max(first_of(open, end()), start()));
  }

  // What Log::read promises, but that a read may end earlier where a segment ends.
  void expect_read(const Log& log, Offset from, Offset upper, std::size_t max_bytes, bool at_least_one,
                   const std::set<Offset>& segments) const {
    std::string expected;
    Offset next = from;
    for (const RecordBatch& batch : batches()) {
      if (batch.header().next_offset() <= from || batch.header().next_offset() > upper) continue;
      if (expected.size() + batch.size() > max_bytes && !(at_least_one && expected.empty())) break;
      if (!expected.empty() && segments.contains(batch.header().base_offset)) break;
      expected += batch.bytes().text();
      next = batch.header().next_offset();
    }

    const LogRead read = log.read(from, upper, max_bytes, at_least_one).value();

    ASSERT_EQ(read.records.text(), expected)
        << "read from " << from.value << " to " << upper.value << ", " << max_bytes << " bytes";
    ASSERT_EQ(read.next_offset, next);
    if (!read.records.empty()) {
      ASSERT_EQ(read.first_offset, RecordBatch::first(read.records).value().header().base_offset);
    }
  }

  void expect_find_time(const Log& log, std::int64_t timestamp, Offset upper) const {
    for (const RecordBatch& batch : batches()) {
      const std::vector<protocol::Record> records = protocol::read_records(batch).value();
      for (const protocol::Record& record : records) {
        if (record.timestamp < timestamp || record.offset >= upper) continue;
        const auto found = log.find_time(timestamp, upper).value();
        ASSERT_TRUE(found.has_value()) << timestamp;
        ASSERT_EQ(found->offset, record.offset) << timestamp;
        ASSERT_EQ(found->timestamp, record.timestamp) << timestamp;
        return;
      }
    }
    ASSERT_FALSE(log.find_time(timestamp, upper).value().has_value()) << timestamp;
  }

  static std::vector<RecordBatch> batches_of(const Log& log) {
    std::vector<RecordBatch> batches;
    for (Offset from = log.start(); from < log.end();) {
      const LogRead read = log.read(from, log.end(), 1 << 20, true).value();
      const std::vector<RecordBatch> part = protocol::split_batches(read.records).value();
      batches.insert(batches.end(), part.begin(), part.end());
      from = read.next_offset;
    }
    return batches;
  }

 private:
  struct Moment {
    Offset start{0};
    std::vector<RecordBatch> batches;
    std::vector<RecordBatch> deleted;  // of which producers are still remembered

    Offset end() const { return batches.empty() ? start : batches.back().header().next_offset(); }
  };

  std::vector<RecordBatch> deleted_in_a_moment_from(Offset start) const {
    const auto moment = std::find_if(moments_.rbegin(), moments_.rend(), [&](const Moment& m) { return m.start == start; });
    return moment == moments_.rend() ? std::vector<RecordBatch>{} : moment->deleted;
  }

  static bool same_bytes(const RecordBatch& a, const RecordBatch& b) { return a.bytes() == b.bytes(); }

  static std::string described(const ProducerStates::Producer& producer) {
    std::string text;
    for (const RememberedBatch& batch : producer.batches) {
      text += " " + std::to_string(batch.first_sequence.value) + "-" + std::to_string(batch.last_sequence.value) + "@" +
              std::to_string(batch.first_offset.value) + "-" + std::to_string(batch.last_offset.value);
    }
    return text;
  }

  // Where the first of the open transactions begins, by producer.
  static Offset first_of(const std::map<std::int64_t, Offset>& open, Offset if_none) {
    for (const auto& [producer, first] : open) if_none = std::min(if_none, first);
    return if_none;
  }

  void begin_epoch(LeaderEpoch epoch, Offset start) {
    if (epoch <= epochs_.latest()) return;
    epochs_.assign(epoch, start);
    begun_.insert({epoch, start});
  }

  std::vector<Moment> moments_;  // the last one is now
  Offset safe_end_{0};
  LeaderEpochs epochs_;
  std::set<std::pair<LeaderEpoch, Offset>> begun_;
};

}  // namespace acklab::storage

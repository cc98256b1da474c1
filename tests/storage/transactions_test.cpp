// What a log knows of the transactions in it: which are undecided, which were aborted, and how that survives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/log.h"
#include "storage/open_transactions.h"
#include "storage/segment_files.h"
#include "storage/sim_disk.h"
#include "tests/storage/batches.h"

namespace acklab::storage {

inline void PrintTo(const AbortedTransaction& one, std::ostream* out) {
  *out << "producer " << one.producer_id << " " << one.first_offset.value << "-" << one.last_offset.value << ", stable "
       << one.last_stable_offset.value;
}

namespace {

using protocol::Random;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(OpenTransactions, NothingIsStableFromTheFirstUndecidedOneOn) {
  OpenTransactions transactions;
  EXPECT_EQ(transactions.last_stable_offset(Offset{30}), Offset{30});

  transactions.begin(Offset{10});
  transactions.begin(Offset{14});
  EXPECT_EQ(transactions.last_stable_offset(Offset{30}), Offset{10});
  EXPECT_EQ(transactions.last_stable_offset(Offset{8}), Offset{8}) << "it is not above the high watermark";

  transactions.decide(Offset{10}, Offset{20});
  EXPECT_EQ(transactions.last_stable_offset(Offset{30}), Offset{14});
  EXPECT_EQ(transactions.first_undecided(), Offset{14});
}

TEST(OpenTransactions, ADecisionCountsOnceItsMarkerIsCommitted) {
  OpenTransactions transactions;
  transactions.begin(Offset{10});
  transactions.decide(Offset{10}, Offset{20});

  EXPECT_EQ(transactions.last_stable_offset(Offset{20}), Offset{10});
  EXPECT_EQ(transactions.last_stable_offset(Offset{21}), Offset{21});

  transactions.forget_decided_below(Offset{20});
  EXPECT_EQ(transactions.last_stable_offset(Offset{20}), Offset{10}) << "not below: at it";
  transactions.forget_decided_below(Offset{21});
  EXPECT_EQ(transactions.last_stable_offset(Offset{20}), Offset{20});
}

const std::string directory = "transfers-0";
const LogConfig config{.segment_bytes = 400, .index_interval_bytes = 100};  // five batches, more or less
constexpr Producer first{.id = 7, .epoch = 2, .sequence = 0};
constexpr Producer second{.id = 9, .epoch = 0, .sequence = 0};

class Transactions : public ::testing::Test {
 protected:
  Transactions() { open({}); }

  void open(const LogCheckpoints& checkpoints) {
    log_.reset();
    disk_->revive();
    log_.emplace(Log::open(*disk_, directory, config, checkpoints).value());
  }
  // A process that died, or ended well; then a start.
  void start_again(Shutdown shutdown) {
    if (shutdown == Shutdown::clean) {
      ASSERT_TRUE(log_->close().has_value());
    }
    const LogCheckpoints known{.start = log_->start(), .recovery_point = log_->flushed_end(), .shutdown = shutdown};
    disk_->kill();
    open(known);
  }

  Offset append(const RecordBatch& batch) { return log_->append(batch, {1}).value(); }
  Offset write(Producer producer) { return append(in_transaction(batch_of(1, "transferred", producer))); }
  void write_plain(int batches) {
    for (int i = 0; i < batches; ++i) append(batch_of(1));
  }

  std::vector<AbortedTransaction> aborted() const { return log_->aborted_transactions(log_->start(), log_->end()); }
  std::vector<std::string> files(std::string_view suffix) const {
    std::vector<std::string> found;
    for (const std::string& name : disk_->list(directory)) {
      if (name.ends_with(suffix)) found.push_back(name);
    }
    return found;
  }
  std::string content(const std::string& name) { return std::string(read_file(*disk_, directory + "/" + name).value().text()); }
  void overwrite(const std::string& name, const std::string& bytes) {
    ASSERT_TRUE(replace_file(*disk_, directory + "/" + name, Slice::copy_of(bytes)).has_value());
  }

  std::unique_ptr<SimDisk> disk_ = std::make_unique<SimDisk>(Random(1));
  std::optional<Log> log_;
};

TEST_F(Transactions, AnAbortIsKnownByItsProducerItsOffsetsAndWhatWasStableThen) {
  write(first);              // 0
  write_plain(1);            // 1
  write(second);             // 2
  write(first);              // 3
  append(abort_of(first));   // 4
  append(abort_of(second));  // 5

  EXPECT_THAT(aborted(), ElementsAre(AbortedTransaction{7, {0}, {4}, {2}}, AbortedTransaction{9, {2}, {5}, {6}}));
}

TEST_F(Transactions, ACommitLeavesNoTraceAndNoFile) {
  write(first);
  append(commit_of(first));
  write_plain(10);
  ASSERT_TRUE(log_->close().has_value());

  EXPECT_THAT(aborted(), IsEmpty());
  EXPECT_THAT(files(transaction_index_suffix), IsEmpty());
  EXPECT_EQ(log_->last_stable_offset(log_->end()), log_->end());
}

TEST_F(Transactions, AMarkerWithoutATransactionDecidesNothing) {
  append(abort_of(first));
  write(first);
  append(abort_of(first));
  append(abort_of(first));

  EXPECT_THAT(aborted(), ElementsAre(AbortedTransaction{7, {1}, {2}, {3}}));
}

TEST_F(Transactions, AReaderIsToldOfThoseThatItMayMeet) {
  write(first);  // 0
  write_plain(8);
  append(abort_of(first));  // 9
  write_plain(8);
  write(second);  // 18
  write_plain(8);
  append(abort_of(second));  // 27
  const AbortedTransaction early{7, {0}, {9}, {10}};
  const AbortedTransaction late{9, {18}, {27}, {28}};
  ASSERT_GT(files(log_suffix).size(), 4U);

  EXPECT_THAT(log_->aborted_transactions({0}, {1}), ElementsAre(early)) << "its marker lies segments further";
  EXPECT_THAT(log_->aborted_transactions({9}, {18}), ElementsAre(early));
  EXPECT_THAT(log_->aborted_transactions({10}, {18}), IsEmpty());
  EXPECT_THAT(log_->aborted_transactions({9}, {19}), ElementsAre(early, late));
  EXPECT_THAT(log_->aborted_transactions({28}, {29}), IsEmpty());
}

TEST_F(Transactions, WhatIsKnownOfThemSurvivesAKillAndACleanShutdown) {
  for (const Shutdown shutdown : {Shutdown::clean, Shutdown::unclean}) {
    write(first);
    write_plain(6);
    append(abort_of(first, 3));
    const Offset open_since = write(second);
    write_plain(3);
    const std::vector<AbortedTransaction> before = aborted();

    start_again(shutdown);

    EXPECT_EQ(aborted(), before);
    EXPECT_EQ(log_->last_stable_offset(log_->end()), open_since);
    EXPECT_EQ(log_->producer_states().producers().at(7).coordinator_epoch, 3);
    EXPECT_EQ(log_->producer_states().producers().at(9).transaction_start, open_since);
    append(abort_of(second));
    EXPECT_EQ(aborted().back().first_offset, open_since);
  }
}

TEST_F(Transactions, ACutTakesBackWhatItsBatchesSaid) {
  write(first);  // 0
  write_plain(6);
  append(abort_of(first));  // 7
  ASSERT_TRUE(log_->close().has_value());

  ASSERT_TRUE(log_->truncate_to({7}).has_value());

  EXPECT_THAT(aborted(), IsEmpty());
  EXPECT_EQ(log_->last_stable_offset({7}), Offset{0}) << "it is open again";
  append(commit_of(first));
  start_again(Shutdown::clean);
  EXPECT_THAT(aborted(), IsEmpty());
  EXPECT_THAT(files(transaction_index_suffix), IsEmpty());
}

TEST_F(Transactions, AnIndexThatMakesNoSenseIsMadeAgainAndItIsSaid) {
  write(first);
  write_plain(6);
  append(abort_of(first));
  write_plain(6);
  const std::vector<AbortedTransaction> before = aborted();
  const struct {
    const char* why;
    std::string bytes;
  } cases[] = {
      {"35 bytes are no whole number of entries", std::string(35, '\0')},
      {"version 257 is not 0", std::string(34, '\1')},
      {"the transaction of entry 0 ends before it begins", std::string(34, '\0')},
      {"entry 0 does not lie behind what comes before", std::string(25, '\0') + '\1' + std::string(8, '\0')},
      {"entry 0 lies behind the end of the segment", std::string(24, '\0') + '\1' + std::string(9, '\0')},
      {"more was stable at entry 0 than there was", std::string(25, '\0') + '\7' + std::string(7, '\0') + '\11'},
  };
  for (const auto& [why, bytes] : cases) {
    ASSERT_TRUE(log_->close().has_value());
    ASSERT_EQ(files(transaction_index_suffix).size(), 1U);
    const std::string name = files(transaction_index_suffix).front();
    const std::string good = content(name);
    overwrite(name, bytes);

    start_again(Shutdown::clean);

    EXPECT_EQ(aborted(), before) << why;
    EXPECT_THAT(to_string(log_->recovery()), HasSubstr(name + ": " + why));
    EXPECT_EQ(content(name), good) << why;
  }
}

TEST_F(Transactions, ARebuiltIndexFindsTheBeginningOfATransactionSegmentsBefore) {
  write(first);
  write_plain(20);
  append(abort_of(first));
  write_plain(6);
  const std::vector<AbortedTransaction> before = aborted();
  ASSERT_TRUE(log_->close().has_value());
  overwrite(files(transaction_index_suffix).front(), "rubbish");
  for (const std::string& snapshot : files(snapshot_suffix)) overwrite(snapshot, "rubbish");

  start_again(Shutdown::clean);

  EXPECT_EQ(aborted(), before);
}

TEST_F(Transactions, AnIndexGoesWithItsSegment) {
  write(first);
  write_plain(4);
  append(abort_of(first));
  write_plain(12);
  const std::string name = files(transaction_index_suffix).front();
  LogConfig small = config;
  small.retention.bytes = 400;
  log_->configure(small);

  ASSERT_GT(log_->delete_old_segments(log_->end(), 0).value(), 0);

  EXPECT_THAT(aborted(), IsEmpty());
  EXPECT_THAT(files(transaction_index_suffix), IsEmpty());
  EXPECT_THAT(files(".txnindex.deleted"), ElementsAre(name + ".deleted"));
  ASSERT_TRUE(log_->remove_deleted_files().has_value());
  EXPECT_THAT(files(".txnindex.deleted"), IsEmpty());
}

TEST_F(Transactions, AnIndexWithoutASegmentIsRemoved) {
  overwrite("00000000000000000777.txnindex", "of nobody");
  overwrite("00000000000000000000.txnindex.swap", "of a compaction that Kafka did not end");

  start_again(Shutdown::unclean);

  EXPECT_THAT(files(".txnindex"), IsEmpty());
  EXPECT_THAT(files(".swap"), IsEmpty());
}

TEST_F(Transactions, AProducerIsNotForgottenWhileItsTransactionIsOpen) {
  write(first);
  write(second);
  append(abort_of(second));

  log_->forget_producers_before(5000);

  EXPECT_TRUE(log_->producer_states().producers().contains(7));
  EXPECT_FALSE(log_->producer_states().producers().contains(9));
}

TEST_F(Transactions, AnEmptiedMarkerStillCarriesTheEpoch) {
  protocol::BatchHeader header = abort_of({.id = 7, .epoch = 5}).header();
  append(RecordBatch::first(protocol::rewritten(header, {})).value());

  EXPECT_EQ(log_->producer_states().producers().at(7).epoch.value, 5);
  EXPECT_EQ(log_->producer_states().producers().at(7).coordinator_epoch, -1);
}

}  // namespace
}  // namespace acklab::storage

// What compaction knows of the transactions in a log while it walks over it (Kafka's CleanedTransactionMetadata). Pure.
//
// What was aborted goes, whatever its key, and takes no other record's place. A marker stays as long as something of its transaction does,
// and after that as long as a tombstone (compaction.h): who began to read before has to learn how it ended.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "protocol/records/record_batch.h"
#include "storage/transaction_index.h"

namespace acklab::storage {

class CleanedTransactions {
 public:
  // Those of which something may lie where the walk goes. No transaction there is undecided: compaction ends at the last stable offset.
  explicit CleanedTransactions(std::vector<AbortedTransaction> aborted = {});

  enum class Meaning {
    plain,        // of no transaction, or of one that was committed
    aborted,      // of one that was aborted
    marker,       // of a transaction of which something was there
    idle_marker,  // of one of which nothing is left
  };
  struct Met {
    Meaning meaning{};
    std::optional<AbortedTransaction> ended;  // by this marker, and something of it was there
  };
  // Batches in the order of the log.
  Met meet(const protocol::RecordBatch& batch);

 private:
  struct Aborted {
    AbortedTransaction transaction;
    bool met = false;
  };
  void take_up(protocol::Offset offset);
  Met meet_abort(std::int64_t producer);

  std::vector<AbortedTransaction> to_come_;  // the one that begins first is the last one
  std::map<std::int64_t, Aborted> aborted_;  // that have begun, by producer
  std::set<std::int64_t> committed_;         // of producers: something was met
};

}  // namespace acklab::storage

// Compacts one log, a piece at a time, so that its node can do something else in between.
//
//   1. read from the first dirty offset on; remember the latest offset of each key, but not of what was aborted
//   2. read all segments from the first on; write what stays into a draft beside them
//   3. put the draft in their place, and go on with the next run of segments
//
// What is decided stands in cleaning_plan.h, compaction.h and cleaned_transactions.h.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "storage/cleaned_transactions.h"
#include "storage/cleaning_plan.h"
#include "storage/compaction.h"
#include "storage/log.h"
#include "storage/segment_draft.h"

namespace acklab::storage {

class LogCleaner {
 public:
  // `log` outlives it. `dedupe_bytes`: what the keys may take; what they have no room for waits for the next cleaning.
  LogCleaner(Log& log, const CleaningPlan& plan, const CompactionRules& rules, std::size_t dedupe_bytes);

  enum class Progress {
    going_on,
    done,
    abandoned,  // the log was cut or deleted from where this was at work: nothing is wrong, but nothing was cleaned from there on
  };
  // Looks at about so many bytes of batches. After an error it is of no use; what it had replaced stays.
  Result<Progress, DiskError> step(std::size_t bytes);

  // The log is clean below this: where the next cleaning begins.
  Offset cleaned_to() const { return latest_.end(); }
  const CompactionCounts& counts() const { return counts_; }

 private:
  Result<void, DiskError> note_keys(std::size_t bytes);
  Result<void, DiskError> begin_copying();
  Result<void, DiskError> copy(std::size_t bytes);
  Result<void, DiskError> begin_run();
  Result<void, DiskError> end_run();

  Log& log_;
  Offset upper_;
  CompactionRules rules_;
  LatestOffsets latest_;
  CleanedTransactions transactions_;  // of the present walk
  CompactionCounts counts_;
  std::uint64_t sealed_version_;

  bool copying_ = false;
  Offset at_;                      // of the next batch to read
  std::vector<std::size_t> runs_;  // of segments that become one, those that are left
  std::size_t segment_ = 0;        // the first of the present run
  Offset run_end_;
  std::optional<SegmentDraft> draft_;
  std::optional<protocol::BatchHeader> last_;  // that was read in the present run
};

}  // namespace acklab::storage

// The aborted transactions of one segment: Kafka's .txnindex. Pure. By it a reader of committed data leaves out what was aborted, which it
// meets before the marker that says so. An entry for each abort marker that lies in the segment, if there was something to abort:
//
//    0  version           int16  0
//    2  producerId        int64
//   10  firstOffset       int64  of the transaction; may lie in an earlier segment
//   18  lastOffset        int64  where its marker lies
//   26  lastStableOffset  int64  of the log when the marker was written. No later entry is of a transaction that began before: who
//                                looks for transactions below that offset need not go on
//
// There is no file where there is no entry.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "protocol/result.h"
#include "protocol/types.h"
#include "protocol/wire/slice.h"

namespace acklab::storage {

struct AbortedTransaction {
  std::int64_t producer_id = -1;
  protocol::Offset first_offset{};
  protocol::Offset last_offset{};
  protocol::Offset last_stable_offset{};

  friend bool operator==(const AbortedTransaction&, const AbortedTransaction&) = default;
};

class TransactionIndex {
 public:
  static constexpr std::size_t entry_size = 34;

  // In the order of their markers.
  void append(const AbortedTransaction& aborted) { entries_.push_back(aborted); }
  // Forgets the markers from `end` on.
  void truncate_to(protocol::Offset end);

  // Whether the search is over, or goes on in the next segment.
  enum class Search { goes_on, is_over };
  // Adds to `found` those of which something may lie from `from` on and below `upper`.
  Search collect(protocol::Offset from, protocol::Offset upper, std::vector<AbortedTransaction>& found) const;

  const std::vector<AbortedTransaction>& entries() const { return entries_; }

  protocol::Slice encode() const;
  // The error says why this cannot be the index of a segment with batches from `base` on and below `end`.
  static protocol::Result<TransactionIndex, std::string> decode(protocol::Offset base, protocol::Offset end,
                                                                std::span<const std::byte> bytes);

 private:
  std::vector<AbortedTransaction> entries_;
};

}  // namespace acklab::storage

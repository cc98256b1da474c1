#include "storage/batch_walk.h"

#include <algorithm>

#include "protocol/mutant.h"
#include "protocol/records/batch_layout.h"

namespace acklab::storage {

using protocol::batch_header_size;
using protocol::BatchHeader;
using protocol::failure;
using protocol::Mutant;
using protocol::RecordBatch;

namespace {

constexpr std::size_t piece_bytes = 1u << 20;

}  // namespace

bool plausible(const BatchHeader& header) {
  return header.magic == 2 && header.batch_length >= protocol::smallest_batch_length && header.last_offset_delta >= 0 &&
         header.base_offset.known();
}

Result<std::optional<BatchHeader>, DiskError> BatchWalk::next() {
  const std::optional<BatchHeader> nothing;
  const auto head = bytes(batch_header_size);
  if (!head) return failure(head.error());
  if (head->size() < batch_header_size) return nothing;
  const BatchHeader header = protocol::load_batch_header(head->view().first<batch_header_size>());
  if (!plausible(header) || header.base_offset < end_offset_) return nothing;

  if (!active(Mutant::keep_torn_batch)) {
    if (header.size() > file_.size() - position_) return nothing;
    const auto whole = bytes(header.size());
    if (!whole) return failure(whole.error());
    const auto batch = RecordBatch::first(*whole);
    if (!batch || !batch->crc_matches()) return nothing;
    marker_ = end_transaction_marker(*batch);
  }
  position_ += header.size();
  end_offset_ = header.next_offset();
  return header;
}

Result<Slice, DiskError> BatchWalk::bytes(std::size_t length) {
  const std::uint64_t inside = position_ - piece_start_;
  if (inside > piece_.size() || piece_.size() - inside < length) {
    auto piece = file_.read(position_, std::max(length, piece_bytes));
    if (!piece) return piece;
    piece_ = *std::move(piece);
    piece_start_ = position_;
    return piece_;
  }
  return piece_.from(static_cast<std::size_t>(inside));
}

}  // namespace acklab::storage

#include "protocol/runtime/asio_outbox.h"

#include <utility>

namespace acklab::protocol {

void AsioOutbox::push(Bytes bytes, Time leaves) {
  unsent_ += bytes.size();
  items_.push_back({std::move(bytes), leaves});
}

std::size_t AsioOutbox::gather(std::span<std::span<const std::byte>> views, Time now) const {
  std::size_t count = 0;
  std::size_t piece = first_piece_;
  std::size_t skip = first_byte_;
  for (const Item& item : items_) {
    if (item.is_end() || item.leaves > now) break;
    for (; piece < item.bytes.pieces().size(); ++piece, skip = 0) {
      if (count == views.size()) return count;
      views[count++] = item.bytes.pieces()[piece].view().subspan(skip);
    }
    piece = 0;
  }
  return count;
}

void AsioOutbox::written(std::size_t size) {
  unsent_ -= size;
  while (size > 0) {
    const std::span<const Slice> pieces = items_.front().bytes.pieces();
    const std::size_t left = pieces[first_piece_].size() - first_byte_;
    if (size < left) {
      first_byte_ += size;
      return;
    }
    size -= left;
    first_byte_ = 0;
    if (++first_piece_ < pieces.size()) continue;
    first_piece_ = 0;
    items_.pop_front();
  }
}

void AsioOutbox::hurry() {
  for (Item& item : items_) {
    if (item.leaves != when_resumed) item.leaves = at_once;
  }
}

void AsioOutbox::resumed(const std::function<Time(std::size_t)>& leaves) {
  for (Item& item : items_) {
    if (item.leaves == when_resumed) item.leaves = leaves(item.bytes.size());
  }
}

bool AsioOutbox::withdraw() {
  bool end_withdrawn = false;
  while (!items_.empty() && items_.back().leaves == when_resumed) {
    end_withdrawn = end_withdrawn || items_.back().is_end();
    unsent_ -= items_.back().bytes.size();
    items_.pop_back();
  }
  return end_withdrawn;
}

void AsioOutbox::clear() {
  items_.clear();
  first_piece_ = 0;
  first_byte_ = 0;
  unsent_ = 0;
}

}  // namespace acklab::protocol

#include "storage/transaction_index.h"

#include <fmt/format.h>

#include "protocol/wire/big_endian.h"

namespace acklab::storage {

using protocol::failure;
using protocol::load_big_endian;
using protocol::Offset;
using protocol::store_big_endian;

namespace {

constexpr std::int16_t version = 0;

AbortedTransaction load(const std::byte* from) {
  return {.producer_id = load_big_endian<std::int64_t>(from + 2),
          .first_offset = {load_big_endian<std::int64_t>(from + 10)},
          .last_offset = {load_big_endian<std::int64_t>(from + 18)},
          .last_stable_offset = {load_big_endian<std::int64_t>(from + 26)}};
}

}  // namespace

void TransactionIndex::truncate_to(Offset end) {
  while (!entries_.empty() && entries_.back().last_offset >= end) entries_.pop_back();
}

TransactionIndex::Search TransactionIndex::collect(Offset from, Offset upper, std::vector<AbortedTransaction>& found) const {
  for (const AbortedTransaction& entry : entries_) {
    if (entry.last_offset >= from && entry.first_offset < upper) found.push_back(entry);
    if (entry.last_stable_offset >= upper) return Search::is_over;
  }
  return Search::goes_on;
}

protocol::Slice TransactionIndex::encode() const {
  protocol::MutableBuffer buffer(entries_.size() * entry_size);
  std::byte* to = buffer.span().data();
  for (const AbortedTransaction& entry : entries_) {
    to = store_big_endian(to, version);
    to = store_big_endian(to, entry.producer_id);
    to = store_big_endian(to, entry.first_offset.value);
    to = store_big_endian(to, entry.last_offset.value);
    to = store_big_endian(to, entry.last_stable_offset.value);
  }
  return std::move(buffer).freeze();
}

protocol::Result<TransactionIndex, std::string> TransactionIndex::decode(Offset base, Offset end,
                                                                         std::span<const std::byte> bytes) {
  if (bytes.size() % entry_size != 0) return failure(fmt::format("{} bytes are no whole number of entries", bytes.size()));
  TransactionIndex index;
  index.entries_.reserve(bytes.size() / entry_size);
  for (Offset last = base - 1; !bytes.empty(); bytes = bytes.subspan(entry_size)) {
    const auto found_version = load_big_endian<std::int16_t>(bytes.data());
    if (found_version != version) return failure(fmt::format("version {} is not {}", found_version, version));
    const AbortedTransaction entry = load(bytes.data());
    const std::size_t number = index.entries_.size();
    if (!entry.first_offset.known() || entry.first_offset >= entry.last_offset) {
      return failure(fmt::format("the transaction of entry {} ends before it begins", number));
    }
    if (entry.last_offset <= last) return failure(fmt::format("entry {} does not lie behind what comes before", number));
    if (entry.last_offset >= end) return failure(fmt::format("entry {} lies behind the end of the segment", number));
    // collect() would end there, and take what later markers have aborted for committed.
    if (entry.last_stable_offset > entry.last_offset + 1) {
      return failure(fmt::format("more was stable at entry {} than there was", number));
    }
    index.entries_.push_back(entry);
    last = entry.last_offset;
  }
  return index;
}

}  // namespace acklab::storage

#include "storage/file_image.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "storage/block_memory.h"

namespace acklab::storage {

using protocol::Bytes;
using protocol::MutableBuffer;
using protocol::Slice;

namespace {

// Blocks grow with the file: a thousand small logs stay small, a large one has few blocks.
constexpr std::uint64_t smallest_block = 4 << 10;
constexpr std::uint64_t largest_block = huge_block_bytes;

}  // namespace

void FileImage::append(const Bytes& bytes) {
  if (bytes.empty()) return;
  if (blocks_.empty() || blocks_.back().capacity - blocks_.back().used < bytes.size()) {
    const std::uint64_t start = size();
    const auto usual = static_cast<std::size_t>(std::clamp(start, smallest_block, largest_block));
    const std::size_t capacity = std::max(bytes.size(), usual);
    blocks_.push_back({block_memory(capacity), start, 0, capacity});
  }
  Block& block = blocks_.back();
  for (const Slice& piece : bytes.pieces()) {
    std::memcpy(block.bytes.get() + block.used, piece.data(), piece.size());
    block.used += piece.size();
  }
}

Slice FileImage::read(std::uint64_t position, std::size_t length) const {
  if (position >= size()) return {};
  length = static_cast<std::size_t>(std::min<std::uint64_t>(length, size() - position));
  if (length == 0) return {};

  // Most reads are at the tail.
  auto block = std::prev(blocks_.end());
  if (position < block->start) {
    block = std::prev(std::upper_bound(blocks_.begin(), blocks_.end(), position,
                                       [](std::uint64_t wanted, const Block& candidate) { return wanted < candidate.start; }));
  }
  auto inside = static_cast<std::size_t>(position - block->start);
  if (length <= block->used - inside) return Slice(block->bytes, {block->bytes.get() + inside, length});

  MutableBuffer buffer(length);
  for (std::size_t copied = 0; copied < length; ++block, inside = 0) {
    const std::size_t part = std::min(length - copied, block->used - inside);
    std::memcpy(buffer.span().data() + copied, block->bytes.get() + inside, part);
    copied += part;
  }
  return std::move(buffer).freeze(length);
}

void FileImage::cut(std::uint64_t size) {
  if (size >= this->size()) return;
  while (!blocks_.empty() && blocks_.back().start >= size) blocks_.pop_back();
  if (blocks_.empty()) return;
  // Slices and other images may see what lies behind the cut, so nothing is written into this block any more.
  Block& last = blocks_.back();
  last.used = std::min(last.used, static_cast<std::size_t>(size - last.start));
  last.capacity = last.used;
}

void FileImage::flip(std::uint64_t position, unsigned bit) {
  for (Block& block : blocks_) {
    if (position < block.start || position >= block.end()) continue;
    own(block)[position - block.start] ^= std::byte{1} << bit;
  }
}

void FileImage::zero(std::uint64_t from, std::uint64_t to) {
  for (Block& block : blocks_) {
    const std::uint64_t first = std::max(from, block.start), last = std::min(to, block.end());
    if (first < last) std::memset(own(block) + (first - block.start), 0, static_cast<std::size_t>(last - first));
  }
}

std::byte* FileImage::own(Block& block) {
  const std::shared_ptr<std::byte[]> before = std::exchange(block.bytes, block_memory(block.capacity));
  std::memcpy(block.bytes.get(), before.get(), block.used);
  return block.bytes.get();
}

}  // namespace acklab::storage

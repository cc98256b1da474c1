// The bytes of a simulated file at one moment: blocks that are filled once and never overwritten, so that slices and other
// images may share them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "protocol/wire/slice.h"

namespace acklab::storage {

class FileImage {
 public:
  std::uint64_t size() const { return blocks_.empty() ? 0 : blocks_.back().end(); }

  // The bytes of one append never lie in two blocks, so what was appended at once is later read without a copy.
  void append(const protocol::Bytes& bytes);
  // Shares the block if the range lies in one, else copies.
  protocol::Slice read(std::uint64_t position, std::size_t length) const;
  void cut(std::uint64_t size);

  // The two ways in which bytes change all the same. They do so in new blocks: slices and other images keep what they see.
  void flip(std::uint64_t position, unsigned bit);
  void zero(std::uint64_t from, std::uint64_t to);

 private:
  struct Block {
    std::shared_ptr<std::byte[]> bytes;
    std::uint64_t start = 0;  // position in the file
    std::size_t used = 0;
    std::size_t capacity = 0;

    std::uint64_t end() const { return start + used; }
  };

  // The block as nobody else has it.
  static std::byte* own(Block& block);

  std::vector<Block> blocks_;  // in order, without gaps, none empty
};

}  // namespace acklab::storage

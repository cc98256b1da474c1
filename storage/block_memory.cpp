#include "storage/block_memory.h"

#include <sys/mman.h>

#include <cstdlib>
#include <new>

namespace acklab::storage {

std::shared_ptr<std::byte[]> block_memory(std::size_t bytes) {
  if (bytes < huge_block_bytes) return std::shared_ptr<std::byte[]>(new std::byte[bytes]);
  const std::size_t pages = (bytes + huge_page_bytes - 1) / huge_page_bytes;
  void* memory = std::aligned_alloc(huge_page_bytes, pages * huge_page_bytes);
  if (!memory) throw std::bad_alloc();
  madvise(memory, pages * huge_page_bytes, MADV_HUGEPAGE);  // a wish: without it the block is only slower
  return {static_cast<std::byte*>(memory), [](std::byte* block) { std::free(block); }};
}

}  // namespace acklab::storage

#include "storage/block_memory.h"

#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <new>

namespace acklab::storage {
namespace {

// Blocks that nobody needs at the moment. They belong to the process, not to a disk: a slice that was read from a file may outlive it,
// and end on any thread.
constinit std::array<std::atomic<std::byte*>, max_spare_blocks> spare_blocks{};

// Null if there is none.
std::byte* take_spare() {
  for (auto& place : spare_blocks) {
    if (std::byte* const block = place.exchange(nullptr)) return block;
  }
  return nullptr;
}

// False if there is no room for it.
bool keep_as_spare(std::byte* block) {
  for (auto& place : spare_blocks) {
    std::byte* nobody = nullptr;
    if (place.compare_exchange_strong(nobody, block)) return true;
  }
  return false;
}

}  // namespace

std::shared_ptr<std::byte[]> block_memory(std::size_t bytes) {
  if (bytes < huge_block_bytes) return std::shared_ptr<std::byte[]>(new std::byte[bytes]);
  const std::size_t whole = (bytes + huge_page_bytes - 1) / huge_page_bytes * huge_page_bytes;
  std::byte* memory = whole == huge_block_bytes ? take_spare() : nullptr;
  if (!memory) {
    memory = static_cast<std::byte*>(std::aligned_alloc(huge_page_bytes, whole));
    if (!memory) throw std::bad_alloc();
    madvise(memory, whole, MADV_HUGEPAGE);  // a wish: without it the block is only slower
  }
  return {memory, [whole](std::byte* block) {
            if (whole != huge_block_bytes || !keep_as_spare(block)) std::free(block);
          }};
}

}  // namespace acklab::storage

// Memory for the blocks of a simulated file. Large ones come in huge pages where the system has them: a log in memory touches each page once,
// and a page fault for every 4 KiB costs more than all that a broker does with them. And some that are given back are kept for the next
// that asks: the kernel clears what it hands out, which is several times the work of filling it.
#pragma once

#include <cstddef>
#include <memory>

namespace acklab::storage {

inline constexpr std::size_t huge_page_bytes = 2u << 20;
// From here on a block is made of huge pages; a multiple of them, since one alone often gets none.
inline constexpr std::size_t huge_block_bytes = 2 * huge_page_bytes;
// Of blocks of exactly huge_block_bytes so many are kept for reuse, in the whole process.
inline constexpr std::size_t max_spare_blocks = 16;

// Not initialised. May be given back by any thread.
std::shared_ptr<std::byte[]> block_memory(std::size_t bytes);

}  // namespace acklab::storage

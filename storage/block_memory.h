// Memory for the blocks of a simulated file. Large ones come in huge pages where the system has them: a log in memory touches each page once,
// and a page fault for every 4 KiB costs more than all that a broker does with them.
#pragma once

#include <cstddef>
#include <memory>

namespace acklab::storage {

inline constexpr std::size_t huge_page_bytes = 2u << 20;
// From here on a block is made of huge pages; a multiple of them, since one alone often gets none.
inline constexpr std::size_t huge_block_bytes = 2 * huge_page_bytes;

// Not initialised.
std::shared_ptr<std::byte[]> block_memory(std::size_t bytes);

}  // namespace acklab::storage

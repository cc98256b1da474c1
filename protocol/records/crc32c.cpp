#include "protocol/records/crc32c.h"

#include <array>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace acklab::protocol {
namespace {

constexpr std::uint32_t reflected_polynomial = 0x82f63b78;

constexpr std::uint32_t after_zero_byte(std::uint32_t state) {
  for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ ((state & 1) != 0 ? reflected_polynomial : 0);
  return state;
}

// slices[k][b]: what byte b contributes after k more bytes have passed. Eight of them let eight bytes be looked up at once.
using Slices = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Slices make_slices() {
  Slices slices{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t state = byte;
    for (auto& slice : slices) slice[byte] = state = after_zero_byte(state);
  }
  return slices;
}

constexpr Slices slices = make_slices();

std::uint32_t load_little_endian(const std::byte* from) {
  std::uint32_t bits;
  std::memcpy(&bits, from, sizeof bits);
  return std::endian::native == std::endian::little ? bits : __builtin_bswap32(bits);
}

std::uint32_t portable(const std::byte* at, std::size_t size, std::uint32_t state) {
  for (; size >= 8; at += 8, size -= 8) {
    const std::uint32_t low = load_little_endian(at) ^ state;
    const std::uint32_t high = load_little_endian(at + 4);
    state = slices[7][low & 0xff] ^ slices[6][(low >> 8) & 0xff] ^ slices[5][(low >> 16) & 0xff] ^ slices[4][low >> 24] ^
            slices[3][high & 0xff] ^ slices[2][(high >> 8) & 0xff] ^ slices[1][(high >> 16) & 0xff] ^ slices[0][high >> 24];
  }
  for (; size > 0; ++at, --size) state = (state >> 8) ^ slices[0][(state ^ std::to_integer<std::uint32_t>(*at)) & 0xff];
  return state;
}

#if defined(__x86_64__)

// The crc32 instruction answers after three cycles but can be started every cycle, so three stretches are summed side by side.
// To join them, a stretch's sum must be moved past the bytes that follow it: a linear map of its 32 bits, tabulated by byte.
// Stretches of two sizes are enough, since batches are mostly a few hundred bytes or many thousand.
constexpr std::size_t long_stretch = 4096;
constexpr std::size_t short_stretch = 256;

using Shift = std::array<std::array<std::uint32_t, 256>, 4>;
using Columns = std::array<std::uint32_t, 32>;  // where the map takes each single bit

constexpr std::uint32_t image(const Columns& columns, std::uint32_t state) {
  std::uint32_t result = 0;
  for (std::size_t bit = 0; state != 0; ++bit, state >>= 1) {
    if ((state & 1) != 0) result ^= columns[bit];
  }
  return result;
}

// The map of `zero_bytes` (a power of two) is that of one byte, squared again and again.
constexpr Shift make_shift(std::size_t zero_bytes) {
  Columns columns{};
  for (std::size_t bit = 0; bit < 32; ++bit) columns[bit] = after_zero_byte(1U << bit);
  for (; zero_bytes > 1; zero_bytes /= 2) {
    Columns squared{};
    for (std::size_t bit = 0; bit < 32; ++bit) squared[bit] = image(columns, columns[bit]);
    columns = squared;
  }
  Shift shift{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    for (std::size_t place = 0; place < 4; ++place) shift[place][byte] = image(columns, byte << (8 * place));
  }
  return shift;
}

constexpr Shift past_long_stretch = make_shift(long_stretch);
constexpr Shift past_short_stretch = make_shift(short_stretch);

std::uint64_t moved(const Shift& shift, std::uint64_t state) {
  return shift[0][state & 0xff] ^ shift[1][(state >> 8) & 0xff] ^ shift[2][(state >> 16) & 0xff] ^ shift[3][(state >> 24) & 0xff];
}

std::uint64_t load_word(const std::byte* from) {
  std::uint64_t bits;
  std::memcpy(&bits, from, sizeof bits);
  return bits;
}

__attribute__((target("sse4.2"))) std::uint32_t with_instruction(const std::byte* at, std::size_t size, std::uint32_t state) {
  std::uint64_t sum = state;
  const auto three_stretches = [&](std::size_t stretch, const Shift& shift) __attribute__((target("sse4.2"))) {
    for (; size >= 3 * stretch; at += 3 * stretch, size -= 3 * stretch) {
      std::uint64_t second = 0;
      std::uint64_t third = 0;
      for (std::size_t i = 0; i < stretch; i += 8) {
        sum = _mm_crc32_u64(sum, load_word(at + i));
        second = _mm_crc32_u64(second, load_word(at + stretch + i));
        third = _mm_crc32_u64(third, load_word(at + 2 * stretch + i));
      }
      sum = moved(shift, sum) ^ second;
      sum = moved(shift, sum) ^ third;
    }
  };
  three_stretches(long_stretch, past_long_stretch);
  three_stretches(short_stretch, past_short_stretch);
  for (; size >= 8; at += 8, size -= 8) sum = _mm_crc32_u64(sum, load_word(at));
  for (; size > 0; ++at, --size) sum = _mm_crc32_u8(static_cast<std::uint32_t>(sum), std::to_integer<std::uint8_t>(*at));
  return static_cast<std::uint32_t>(sum);
}

#endif

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t crc) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return ~with_instruction(bytes.data(), bytes.size(), ~crc);
#endif
  return crc32c_portable(bytes, crc);
}

std::uint32_t crc32c_portable(std::span<const std::byte> bytes, std::uint32_t crc) {
  return ~portable(bytes.data(), bytes.size(), ~crc);
}

}  // namespace acklab::protocol

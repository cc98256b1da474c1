// Messages whose lengths lie. The decoder refuses them or takes them for another message, and in either case never takes more memory than
// the bytes that came are worth.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>

#include "protocol/messages/registry.h"
#include "tests/lying_lengths.h"
#include "tests/protocol/hex.h"

namespace {

// Of all memory that is held; each block has its size in front.
std::size_t held = 0;
std::size_t most_held = 0;
constexpr std::size_t before_block = alignof(std::max_align_t);

}  // namespace

// std::stable_sort asks here and gives back below. Under the sanitizers this one would not come to the other by itself.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  void* const block = std::malloc(size + before_block);
  if (!block) return nullptr;
  *static_cast<std::size_t*>(block) = size;
  held += size;
  most_held = std::max(most_held, held);
  return static_cast<char*>(block) + before_block;
}
void* operator new(std::size_t size) {
  void* const memory = operator new(size, std::nothrow);
  if (!memory) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept {
  if (!memory) return;
  void* const block = static_cast<char*>(memory) - before_block;
  held -= *static_cast<std::size_t*>(block);
  std::free(block);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace acklab::protocol {
namespace {

// An element takes at least a byte on the wire; this is what the largest takes in memory, and one that a vector grew by.
constexpr std::size_t memory_for_a_byte = 512;
constexpr std::size_t memory_in_any_case = 16 << 10;

void for_each_version(const std::function<void(const Schema&, std::int16_t)>& check) {
  for (const Schema* schema : messages()) {
    for (std::int16_t version = schema->info.first_version; version <= schema->info.last_version; ++version) {
      check(*schema, version);
      if (::testing::Test::HasFailure()) return;  // one example is enough
    }
  }
}

void expect_bounded(const Schema& schema, std::int16_t version, const Slice& body) {
  const std::size_t before = held;
  most_held = held;

  const auto again = schema.recode(body, version);

  EXPECT_LE(most_held - before, memory_in_any_case + memory_for_a_byte * body.size())
      << schema.name << " version " << version << ": " << to_hex(body.part(0, std::min<std::size_t>(body.size(), 200)));
  if (!again) {
    EXPECT_FALSE(again.error().reason.empty());
  }
}

TEST(LyingLengths, AreRefusedOrMakeAnotherMessageOfNoMoreMemoryThanTheBytesAreWorth) {
  for_each_version([](const Schema& schema, std::int16_t version) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      tests::for_each_lying_length(schema, version, seed, [&](const Slice& body) { expect_bounded(schema, version, body); });
    }
  });
}

// The worst that can be: counts that the bytes can back, of elements that are small on the wire and large in memory.
TEST(LyingLengths, OfManySmallElementsAreBoundedToo) {
  constexpr std::size_t padding = 20'000;
  const std::string empty_elements(padding, '\1');  // in compact form something empty; else a number
  const std::string zeros(padding, '\0');
  for_each_version([&](const Schema& schema, std::int16_t version) {
    for (const std::string& behind : {empty_elements, zeros}) {
      for (const std::int64_t count : {100, 5000, 20'000}) {
        Random random = Random::stream(1, schema.name, version);
        const Slice body =
            generate(schema, version, random, Spelling::canonical, [&](std::int64_t right) { return right > 0 ? count : right; });
        expect_bounded(schema, version, Slice::copy_of(std::string(body.text()) + behind));
      }
    }
  });
}

TEST(LyingLengths, AreAllMet) {
  const Schema& metadata = find_api(3)->request;
  int refused = 0;
  int met = 0;
  tests::for_each_lying_length(metadata, 1, 1, [&](const Slice& body) {
    ++met;
    if (!metadata.recode(body, 1)) ++refused;
  });
  EXPECT_GT(met, 9) << "the array, and at least a name";
  EXPECT_GT(refused, met / 2);
}

}  // namespace
}  // namespace acklab::protocol

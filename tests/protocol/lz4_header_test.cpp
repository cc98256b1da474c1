#include "protocol/records/lz4_header.h"

#include <gtest/gtest.h>

#include "protocol/records/compression.h"
#include "protocol/records/crc32.h"
#include "tests/protocol/hex.h"

namespace acklab::protocol {
namespace {

std::uint32_t hash_of(std::string_view text) { return short_xxh32(Slice::copy_of(text).view()); }

TEST(Crc32, HasTheKnownCheckValue) { EXPECT_EQ(crc32(Slice::copy_of("123456789").view()), 0xcbf43926U); }

TEST(Lz4Header, TheHashIsXxh32) {
  EXPECT_EQ(hash_of(""), 0x02cc5d05U);
  EXPECT_EQ(hash_of("a"), 0x550d7456U);
  EXPECT_EQ(hash_of("abc"), 0x32d153ffU);
  EXPECT_EQ(hash_of("abcd"), 0xa3643705U);
}

TEST(Lz4Header, BothChecksumsAreTheKnownOnes) {
  struct Case {
    std::string_view descriptor, right, of_magic_0;
  };
  for (const Case& known : {Case{"6040", "82", "1a"}, Case{"6440", "a7", "0c"}, Case{"7040", "ad", "ec"}}) {
    const std::string wrong = "04224d18" + std::string(known.descriptor) + "00";

    EXPECT_EQ(to_hex(with_lz4_checksum(from_hex(wrong).view())),
              "04224d18" + std::string(known.descriptor) + std::string(known.right));
    MutableBuffer frame(wrong.size() / 2);
    std::memcpy(frame.span().data(), from_hex(wrong).data(), wrong.size() / 2);
    store_lz4_checksum_of_magic_0(frame.span());
    EXPECT_EQ(to_hex(std::move(frame).freeze()), "04224d18" + std::string(known.descriptor) + std::string(known.of_magic_0));
  }
}

TEST(Lz4Header, AFrameIsReadWhateverItsChecksum) {
  const Slice plain = Slice::copy_of("some bytes, some bytes, some bytes");
  const Slice packed = compress(Codec::lz4, plain.view());
  MutableBuffer frame(packed.size());
  std::memcpy(frame.span().data(), packed.data(), packed.size());
  store_lz4_checksum_of_magic_0(frame.span());
  const Slice of_magic_0 = std::move(frame).freeze();

  EXPECT_FALSE(decompress(Codec::lz4, of_magic_0).has_value());
  const Slice mended = with_lz4_checksum(of_magic_0.view());
  EXPECT_EQ(mended, packed);
  EXPECT_EQ(decompress(Codec::lz4, mended).value(), plain);
}

TEST(Lz4Header, WhatIsNoFrameStaysWhatItIs) {
  for (const std::string_view bytes : {"", "04224d18", "04224d1860", "04224d186040", "04224d186940aabbccddeeff00112233"}) {
    EXPECT_EQ(to_hex(with_lz4_checksum(from_hex(bytes).view())), bytes);
  }
}

}  // namespace
}  // namespace acklab::protocol

#include "protocol/records/compression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <snappy.h>

#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/paths.h"
#include "tests/protocol/hex.h"
#include "tests/protocol/record_vectors.h"

namespace acklab::protocol {
namespace {

using ::testing::HasSubstr;

constexpr Codec every_codec[] = {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};
constexpr Codec compressing_codecs[] = {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};

std::string random_text(std::size_t size, std::mt19937& random) {
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random() & 0xff);
  return text;
}

std::string real_text() {
  std::ifstream file(std::string(tests::source_dir) + "/protocol/error_code.cpp");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_GT(text.size(), 1000);
  return text;
}

Slice compressed(Codec codec, std::string_view text) { return compress(codec, std::as_bytes(std::span(text))); }

// The text, or the reason why there is none.
std::string decompressed(Codec codec, const Slice& bytes, std::size_t limit = max_decompressed_batch) {
  const auto result = decompress(codec, bytes, limit);
  return result ? std::string(result->text()) : result.error();
}

Slice joined(const Slice& a, const Slice& b) {
  Bytes both(a);
  both.append(b);
  return both.flatten();
}

Slice raw_snappy(std::string_view text) {
  std::string raw;
  snappy::Compress(text.data(), text.size(), &raw);
  return Slice::copy_of(raw);
}

TEST(Codec, IsKnownByKafkasNameAndByItsBits) {
  for (const Codec codec : every_codec) {
    EXPECT_EQ(codec_named(name(codec)), codec);
    EXPECT_EQ(codec_of_bits(static_cast<std::uint8_t>(codec)), codec);
  }
  EXPECT_EQ(name(Codec::snappy), "snappy");
  EXPECT_EQ(codec_named("brotli"), std::nullopt);
  EXPECT_EQ(codec_named("Gzip"), std::nullopt);
  for (const int bits : {5, 6, 7, 255}) EXPECT_EQ(codec_of_bits(static_cast<std::uint8_t>(bits)), std::nullopt);
}

TEST(Compression, GivesBackWhatWentInInEveryCodec) {
  std::mt19937 random(1);
  std::vector<std::string> texts = {"a", real_text(), std::string(1 << 20, 'x'), real_text() + random_text(70000, random)};
  for (const std::size_t size : {2, 100, 1023, 1024, 1025, 4096, 32767, 32768, 32769, 65535, 65536, 65537, 300000}) {
    texts.push_back(random_text(size, random));
  }

  for (const Codec codec : every_codec) {
    for (const std::string& text : texts) {
      EXPECT_TRUE(decompressed(codec, compressed(codec, text)) == text) << name(codec) << " " << text.size();
    }
  }
}

TEST(Compression, MakesRealTextSmaller) {
  const std::string text = real_text();

  for (const Codec codec : compressing_codecs) EXPECT_LT(compressed(codec, text).size(), text.size() / 2 + 1) << name(codec);
}

TEST(Compression, IsThatOfKafkasJavaClient) {
  const std::string text(100, 'x');

  EXPECT_EQ(to_hex(compressed(Codec::gzip, text).part(0, 10)), "1f8b08000000000000ff");
  EXPECT_EQ(to_hex(compressed(Codec::snappy, text).part(0, 16)), "82534e41505059000000000100000001");
  EXPECT_EQ(to_hex(compressed(Codec::lz4, text).part(0, 7)), "04224d18604082");
  EXPECT_EQ(to_hex(compressed(Codec::lz4, std::string(100000, 'x')).part(0, 7)), "04224d18604082");
  EXPECT_EQ(to_hex(compressed(Codec::zstd, text).part(0, 4)), "28b52ffd");
}

TEST(Compression, XerialBlocksHoldThirtyTwoKibibytes) {
  std::mt19937 random(3);
  const std::string text = random_text(40000, random);

  const Slice framed = compressed(Codec::snappy, text);
  const std::size_t first = raw_snappy(std::string_view(text).substr(0, 32768)).size();
  const std::size_t second = raw_snappy(std::string_view(text).substr(32768)).size();

  EXPECT_EQ(framed.size(), 16 + 4 + first + 4 + second);
}

TEST(Decompression, ReadsBothFramingsOfSnappy) {
  const std::string text = real_text();

  EXPECT_EQ(decompressed(Codec::snappy, raw_snappy(text)), text);
  EXPECT_EQ(decompressed(Codec::snappy, compressed(Codec::snappy, text)), text);
}

TEST(Decompression, JoinedOutputsReadAsOne) {
  EXPECT_EQ(decompressed(Codec::gzip, joined(compressed(Codec::gzip, "ack"), compressed(Codec::gzip, "lab"))), "acklab");
  EXPECT_EQ(decompressed(Codec::snappy, joined(compressed(Codec::snappy, "ack"), compressed(Codec::snappy, "lab"))), "acklab");
  EXPECT_EQ(decompressed(Codec::zstd, joined(compressed(Codec::zstd, "ack"), compressed(Codec::zstd, "lab"))), "acklab");
}

TEST(Decompression, ReadsLz4FramesWithAndWithoutChecksums) {
  // FLG, BD and the header checksum, then the end mark, then what the flags ask for.
  EXPECT_EQ(decompressed(Codec::lz4, from_hex("04224d18 604082 00000000")), "");
  EXPECT_EQ(decompressed(Codec::lz4, from_hex("04224d18 6440a7 00000000 055dcc02")), "");
  EXPECT_EQ(decompressed(Codec::lz4, from_hex("04224d18 7040ad 00000000")), "");
  EXPECT_EQ(decompressed(Codec::lz4, from_hex("04224d18 607073 00000000")), "");
  EXPECT_EQ(decompressed(Codec::lz4, from_hex("04224d18 6470b9 00000000 055dcc02")), "");
}

TEST(Decompression, SaysWhatIsWrong) {
  const struct {
    Codec codec;
    Slice bytes;
    const char* reason;
  } cases[] = {
      {Codec::gzip, {}, "gzip: ends inside a member"},
      {Codec::gzip, Slice::copy_of("not gzip at all"), "gzip: incorrect header check"},
      {Codec::gzip, joined(compressed(Codec::gzip, "a"), Slice::copy_of("rest")), "gzip: incorrect header check"},
      {Codec::snappy, {}, "snappy: no length"},
      {Codec::snappy, from_hex("82534e4150505900 00000001"), "snappy: ends inside a xerial header"},
      {Codec::snappy, from_hex("82534e4150505900 00000001 00000001 0000"), "snappy: ends inside a block length"},
      {Codec::snappy, from_hex("82534e4150505900 00000001 00000001 ffffffff"), "snappy: a block length beyond the end"},
      {Codec::snappy, from_hex("82534e4150505900 00000001 00000001 00000005 00"), "snappy: a block length beyond the end"},
      {Codec::snappy, from_hex("05 10 61"), "snappy: corrupt block"},
      {Codec::snappy, from_hex("80c2d72f 00 61"), "snappy: declares more than the block can hold"},
      {Codec::lz4, {}, "lz4: not a frame"},
      {Codec::lz4, Slice::copy_of("not lz4"), "lz4: not a frame"},
      {Codec::lz4, from_hex("04224d18 60401a 00000000"), "lz4: ERROR_headerChecksum_invalid"},
      {Codec::lz4, from_hex("04224d18 404000 00000000"), "lz4: blocks that depend on each other"},
      {Codec::lz4, from_hex("04224d18 604082"), "lz4: ends inside the frame"},
      {Codec::lz4, joined(compressed(Codec::lz4, "a"), Slice::copy_of("x")), "lz4: bytes behind the frame"},
      {Codec::zstd, {}, "zstd: ends inside a frame"},
      {Codec::zstd, Slice::copy_of("not zstd"), "zstd: Unknown frame descriptor"},
      {Codec::zstd, joined(compressed(Codec::zstd, "a"), Slice::copy_of("x")), "zstd: Unknown frame descriptor"},
  };

  for (const auto& c : cases) EXPECT_EQ(decompressed(c.codec, c.bytes), c.reason) << to_hex(c.bytes);
}

TEST(Decompression, ACutInputIsAnError) {
  const std::string text = real_text();

  for (const Codec codec : compressing_codecs) {
    const Slice whole = compressed(codec, text);
    // A xerial frame that is cut between two blocks is whole for its reader; this text makes one block only.
    for (std::size_t size = codec == Codec::snappy ? 17 : 0; size < whole.size(); ++size) {
      ASSERT_FALSE(decompress(codec, whole.part(0, size)).has_value()) << name(codec) << " " << size;
    }
  }
  const Slice raw = raw_snappy(text);
  for (std::size_t size = 0; size < raw.size(); ++size) ASSERT_FALSE(decompress(Codec::snappy, raw.part(0, size)).has_value());
}

TEST(Decompression, AChangedBitIsRefusedOrDecompressedButNeverBelievedBeyondTheLimit) {
  const std::string text = real_text().substr(0, 2000);

  for (const Codec codec : compressing_codecs) {
    const Slice whole = compressed(codec, text);
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      std::vector<std::byte> bad(whole.view().begin(), whole.view().end());
      bad[bit / 8] ^= std::byte(1 << bit % 8);
      const auto result = decompress(codec, Slice::copy_of(bad), 10000);
      if (result) {
        ASSERT_LE(result->size(), 10000);
      }
    }
  }
}

TEST(Decompression, ABombIsCappedAtTheLimit) {
  const std::string zeros(8 << 20, '\0');
  const std::size_t limit = 1 << 20;

  for (const Codec codec : compressing_codecs) {
    EXPECT_THAT(decompressed(codec, compressed(codec, zeros), limit), HasSubstr("expands beyond 1048576 bytes")) << name(codec);
  }
  EXPECT_EQ(decompressed(Codec::snappy, raw_snappy(zeros), limit), "snappy: expands beyond 1048576 bytes");
  // Members, frames and blocks count together.
  const std::string half(limit / 2 + 1, '\0');
  for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::zstd}) {
    const Slice part = compressed(codec, half);
    EXPECT_THAT(decompressed(codec, joined(part, part), limit), HasSubstr("expands beyond")) << name(codec);
  }
}

TEST(Decompression, WhatJustFitsTheLimitIsNotABomb) {
  for (const Codec codec : compressing_codecs) {
    for (const std::size_t size : {1000, 1024, 4096, 65536, 100000}) {
      const std::string text(size, 'x');
      const Slice bytes = compressed(codec, text);

      EXPECT_EQ(decompressed(codec, bytes, size), text) << name(codec);
      EXPECT_THAT(decompressed(codec, bytes, size - 1), HasSubstr("expands beyond")) << name(codec);
    }
  }
}

TEST(Decompression, OutputThatFillsTheBufferExactlyEndsThere) {
  std::mt19937 random(5);
  // Around four times the input, where the buffer starts, and its doublings.
  for (const Codec codec : compressing_codecs) {
    for (std::size_t size = 1000; size < 1060; ++size) {
      const std::string text = random_text(size / 4, random) + std::string(size - size / 4, 'x');
      EXPECT_EQ(decompressed(codec, compressed(codec, text)), text) << name(codec) << " " << size;
    }
  }
}

TEST(Decompression, ADecompressorThatIsKeptTreatsEachInputAsIfItWereTheFirst) {
  Decompressor decompressor;
  for (const std::string& text : {std::string("small"), std::string(9'000'000, 'x'), std::string("small again")}) {
    for (const Codec codec : compressing_codecs) {
      const Slice whole = compressed(codec, text);
      EXPECT_FALSE(decompressor.decompress(codec, whole.view().first(whole.size() - 1)).has_value()) << name(codec);
      EXPECT_FALSE(decompressor.decompress(codec, whole.view(), text.size() - 1).has_value()) << name(codec);

      const auto plain = decompressor.decompress(codec, whole.view());

      ASSERT_TRUE(plain.has_value()) << name(codec) << ": " << plain.error();
      EXPECT_EQ(Slice::copy_of(*plain).text(), text) << name(codec);
    }
  }
}

}  // namespace
}  // namespace acklab::protocol

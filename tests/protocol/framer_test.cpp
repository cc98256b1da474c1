#include "protocol/wire/framer.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/protocol/hex.h"

namespace acklab::protocol {
namespace {

constexpr std::size_t limit = 100;

std::vector<std::string> whole_frames(Framer& framer) {
  std::vector<std::string> frames;
  for (;;) {
    auto frame = framer.next();
    EXPECT_TRUE(frame.has_value()) << frame.error();
    if (!frame || !*frame) return frames;
    frames.push_back(to_hex(**frame));
  }
}

TEST(Framer, GivesEachFrameWithoutItsSize) {
  Framer framer(limit);

  framer.feed(from_hex("00000002 aabb 00000000 00000001 cc"));

  EXPECT_EQ(whole_frames(framer), (std::vector<std::string>{"aabb", "", "cc"}));
  EXPECT_EQ(framer.buffered(), 0U);
}

TEST(Framer, GivesTheSameFramesWhereverTheStreamIsCut) {
  const Slice stream = from_hex("00000003 aabbcc 00000001 dd 00000000 00000002 eeff");
  const std::vector<std::string> expected{"aabbcc", "dd", "", "eeff"};

  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      Framer framer(limit);
      std::vector<std::string> frames;
      for (const Slice& piece : {stream.part(0, first), stream.part(first, second - first), stream.from(second)}) {
        framer.feed(piece);
        for (std::string& frame : whole_frames(framer)) frames.push_back(std::move(frame));
      }
      EXPECT_EQ(frames, expected) << "cut at " << first << " and " << second;
    }
  }
}

TEST(Framer, GivesTheSameFramesWhenItIsAskedOnlyAtTheEnd) {
  const Slice stream = from_hex("00000003 aabbcc 00000001 dd 00000000 00000002 eeff");
  Framer framer(limit);

  for (std::size_t i = 0; i < stream.size(); ++i) framer.feed(stream.part(i, 1));

  EXPECT_EQ(framer.buffered(), stream.size());
  EXPECT_EQ(whole_frames(framer), (std::vector<std::string>{"aabbcc", "dd", "", "eeff"}));
}

TEST(Framer, DoesNotCopyAFrameThatLiesInOneSlice) {
  const Slice stream = from_hex("00000002 aabb 00000003 ccddee");
  Framer framer(limit);

  framer.feed(stream);
  const auto first = framer.next();
  const auto second = framer.next();

  EXPECT_EQ((*first)->data(), stream.data() + 4);
  EXPECT_EQ((*second)->data(), stream.data() + 10);
}

TEST(Framer, DoesNotCopyABodyWhoseSizeCameBefore) {
  const Slice body = from_hex("aabbcc");
  Framer framer(limit);

  framer.feed(from_hex("00000003"));
  EXPECT_EQ(framer.next().value(), std::nullopt);
  framer.feed(body);

  EXPECT_EQ(framer.next().value()->data(), body.data());
}

TEST(Framer, CountsWhatHasNotLeftInAFrame) {
  Framer framer(limit);

  framer.feed(from_hex("00000004 aabb"));
  EXPECT_EQ(framer.next().value(), std::nullopt);

  EXPECT_EQ(framer.buffered(), 6U);
}

TEST(Framer, RefusesANegativeSizeForEver) {
  Framer framer(limit);

  framer.feed(from_hex("ffffffff 00000001 aa"));

  EXPECT_EQ(framer.next().error(), "a frame of negative size -1");
  EXPECT_EQ(framer.next().error(), "a frame of negative size -1");
}

TEST(Framer, RefusesAFrameAboveTheLimitBeforeItsBytesCome) {
  Framer framer(limit);

  framer.feed(from_hex("7fffffff"));

  EXPECT_EQ(framer.next().error(), "a frame of 2147483647 bytes, above the limit of 100");
}

TEST(Framer, TakesAFrameAtTheLimitAndRefusesOneByteMore) {
  Framer at_limit(3);
  Framer above(3);

  at_limit.feed(from_hex("00000003 aabbcc"));
  above.feed(from_hex("00000004 aabbccdd"));

  EXPECT_EQ(whole_frames(at_limit), std::vector<std::string>{"aabbcc"});
  EXPECT_FALSE(above.next().has_value());
}

TEST(Framer, PutsAFrameTogetherThatIsLargerThanItsFirstBuffer) {
  const std::size_t size = 5'000'000;
  std::string body;
  for (std::size_t i = 0; i < size; ++i) body.push_back(static_cast<char>(i * 7 + i / 251));
  Framer framer(size);

  framer.feed(from_hex("004c4b40"));
  for (std::size_t i = 0; i < size; i += 65'000) {
    EXPECT_EQ(framer.next().value(), std::nullopt);
    framer.feed(Slice::copy_of(std::string_view(body).substr(i, 65'000)));
  }

  const auto frame = framer.next();
  ASSERT_TRUE(frame.has_value() && frame->has_value());
  EXPECT_TRUE((*frame)->text() == body);
}

}  // namespace
}  // namespace acklab::protocol

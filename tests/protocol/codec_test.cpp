// What the round trips cannot reach: hostile sizes, what an error says, and values that cannot be encoded.
#include "protocol/wire/codec.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "protocol/check.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "protocol/wire/decoder.h"
#include "protocol/wire/instantiate.h"
#include "tests/protocol/hex.h"

namespace acklab::protocol {
namespace {

// The smallest message with a string; flexible from version 1 on.
struct Text {
  static constexpr MessageInfo info{0, 0, 1, 1};
  std::string text;

  static constexpr void describe(auto& self, auto&& field) { field(self.text, "Text", since(0)); }
};

struct Case {
  std::uint32_t value;
  const char* hex;
};

constexpr Case varints[] = {
    {0, "00"},
    {1, "01"},
    {63, "3f"},
    {64, "40"},
    {127, "7f"},
    {128, "8001"},
    {8191, "ff3f"},
    {8192, "8040"},
    {1048575, "ffff3f"},
    {1048576, "808040"},
    {2147483647, "ffffffff07"},
    {0xffffffffU, "ffffffff0f"},
    {0x80000000U, "8080808008"},
};

TEST(UnsignedVarint, IsWrittenAsKafkaDoes) {
  for (const Case& c : varints) {
    WritingSink sink(varint_size(c.value), 0);
    sink.varint(c.value);
    EXPECT_EQ(to_hex(std::move(sink).finish().flatten()), c.hex) << c.value;
  }
}

// A tagged section without fields is one varint, its count.
TEST(UnsignedVarint, OfMoreThan32BitsIsRefused) {
  for (const char* hex : {"ffffffff1f", "8080808010", "808080808000", "ffffffffff"}) {
    Decoder decoder(from_hex(hex), 0, true);
    decoder.unknown_tagged_fields();
    EXPECT_EQ(decoder.error().reason, "a varint of more than 32 bits") << hex;
  }
}

TEST(Decoder, NamesThePlaceOfAFault) {
  //                          null  acks timeout  1 topic   "orders"      1 partition index    records of 255 bytes
  const Slice body = from_hex("ffff ffff 00000001 00000001 00066f7264657273 00000001 00000000 000000ff");

  const auto request = decode<ProduceRequest>(body, 3);

  EXPECT_EQ(request.error().message(), "byte 32, field TopicData.PartitionData.Records: a length beyond the end");
}

TEST(Decoder, NamesThePlaceOfAFaultInATaggedField) {
  FetchResponse response;
  response.topics.push_back({.topic = "t", .topic_id = {}, .partitions = {{}}});
  response.topics[0].partitions[0].diverging_epoch = FetchResponse::EpochEndOffset{1, 2};
  std::string body(encode(response, 12).flatten().text());
  const std::size_t tag = body.find(std::string("\x01\x00\x0d", 3));  // one field, tag 0, 13 bytes
  ASSERT_NE(tag, std::string::npos);
  body[tag + 2] = 12;

  const auto decoded = decode<FetchResponse>(Slice::copy_of(body), 12);

  EXPECT_EQ(decoded.error().field, "Responses.Partitions.DivergingEpoch");
  EXPECT_EQ(decoded.error().reason, "a tagged field of another size than declared");
}

TEST(Decoder, RefusesALengthThatTheBytesCannotBack) {
  EXPECT_FALSE(decode<MetadataRequest>(from_hex("7fffffff"), 0).has_value());
  EXPECT_FALSE(decode<MetadataRequest>(from_hex("80000000"), 0).has_value());
  EXPECT_FALSE(decode<MetadataRequest>(from_hex("ffffffff0f"), 9).has_value());
}

TEST(Decoder, TakesNullOnlyWhereTheVersionAllowsIt) {
  EXPECT_FALSE(decode<MetadataRequest>(from_hex("ffffffff"), 0).has_value());
  EXPECT_EQ(decode<MetadataRequest>(from_hex("ffffffff"), 1)->topics, std::nullopt);
}

// Two bytes of a frame can become a structure of sixty: what arrays take is bounded, whatever the frame may hold.
TEST(Decoder, RefusesArraysThatWouldTakeTooMuchMemory) {
  MetadataRequest request;
  request.topics->resize(Decoder::max_element_bytes / sizeof(MetadataRequest::Topic));
  const Slice largest = encode(request, 9).flatten();
  request.topics->resize(request.topics->size() + 1);
  const Slice too_large = encode(request, 9).flatten();
  EXPECT_LT(too_large.size(), 4u << 20);

  EXPECT_TRUE(decode<MetadataRequest>(largest, 9).has_value());
  EXPECT_EQ(decode<MetadataRequest>(too_large, 9).error().reason, "arrays that would take too much memory");
}

TEST(Decoder, RefusesAStringThatAnOlderVersionCouldNotCarry) {
  const std::string longest(32767, 'x');

  Bytes fits(from_hex("808002"));
  fits.append(Slice::copy_of(longest));
  fits.append(from_hex("00"));
  EXPECT_TRUE(decode<Text>(fits.flatten(), 1).value().text == longest);

  Bytes too_long(from_hex("818002"));
  too_long.append(Slice::copy_of(longest + "x"));
  EXPECT_EQ(decode<Text>(too_long.flatten(), 1).error().reason, "a string of more than 32767 bytes");
}

TEST(Decoder, ReadsNullForATaggedFieldAsAbsent) {
  FetchRequest request;
  request.cluster_id = "c";
  std::string body(encode(request, 12).flatten().text());
  ASSERT_TRUE(body.ends_with(std::string("\x01\x00\x02\x02\x63", 5)));  // one field, tag 0, 2 bytes, "c"
  body.resize(body.size() - 3);
  body.append(std::string("\x01\x00", 2));

  EXPECT_EQ(decode<FetchRequest>(Slice::copy_of(body), 12)->cluster_id, std::nullopt);
}

TEST(Decoder, SharesTheBufferOfTheFrame) {
  ProduceRequest request;
  request.topics.push_back({"t", {}, {{0, Slice::copy_of("records")}}});
  const Slice body = encode(request, 9).flatten();

  const auto decoded = decode<ProduceRequest>(body, 9);

  const Slice& records = *decoded->topics[0].partitions[0].records;
  EXPECT_GE(records.data(), body.data());
  EXPECT_LE(records.data() + records.size(), body.data() + body.size());
}

TEST(Encoder, DoesNotCopyRecords) {
  const Slice records = Slice::copy_of("records");
  ProduceRequest request;
  request.topics.push_back({"t", {}, {{0, records}}});

  const Bytes bytes = encode(request, 9);

  ASSERT_EQ(bytes.pieces().size(), 3U);
  EXPECT_EQ(bytes.pieces()[1].data(), records.data());
}

class BrokenInvariant : public std::logic_error {
  using std::logic_error::logic_error;
};

class EncoderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    previous_ = set_check_handler([](const char* condition, const char*, int) { throw BrokenInvariant(condition); });
  }
  void TearDown() override { set_check_handler(previous_); }

 private:
  CheckHandler previous_ = nullptr;
};

TEST_F(EncoderTest, WillNotWriteWhatTheVersionCannotExpress) {
  MetadataRequest all_topics;
  all_topics.topics.reset();
  EXPECT_THROW(encode(all_topics, 0), BrokenInvariant);
  EXPECT_NO_THROW(encode(all_topics, 1));

  const Text too_long{std::string(32768, 'x')};
  EXPECT_THROW(encode(too_long, 0), BrokenInvariant);
  EXPECT_THROW(encode(too_long, 1), BrokenInvariant);
}

}  // namespace
}  // namespace acklab::protocol

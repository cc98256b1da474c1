#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/messages/produce.h"
#include "protocol/messages/registry.h"
#include "protocol/study/dissect_message.h"
#include "protocol/study/dissect_records.h"
#include "protocol/study/hex_dump.h"
#include "tests/protocol/message_sets.h"

namespace acklab::protocol {
namespace {

using testing::HasSubstr;

std::vector<NewMessage> two(std::int8_t magic) {
  return {{.offset = {0}, .magic = magic, .timestamp = 1000, .key = "order", .value = "a value that is long"},
          {.offset = {1}, .magic = magic, .timestamp = 1001, .key = {}, .value = "another value"}};
}

TEST(DissectMessageSet, MessagesShowTheirFieldsAndTheChecksum) {
  for (const std::int8_t magic : both_magics) {
    std::string bytes(message_set(two(magic)).text());

    std::string dump = hex_dump(dissect_records(Slice::copy_of(bytes)));
    EXPECT_THAT(dump, HasSubstr("message[1] = offset 1"));
    EXPECT_THAT(dump, HasSubstr("(matches)"));
    EXPECT_THAT(dump, HasSubstr("key = \"order\""));
    EXPECT_THAT(dump, HasSubstr("key = null"));
    EXPECT_EQ(dump.find("timestamp = 1001") != std::string::npos, magic > 0);

    bytes.back() ^= 1;
    dump = hex_dump(dissect_records(Slice::copy_of(bytes)));
    EXPECT_THAT(dump, HasSubstr("DOES NOT MATCH"));
  }
}

TEST(DissectMessageSet, WrappersAreOpened) {
  for (const std::int8_t magic : both_magics) {
    for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4}) {
      const std::vector<Part> parts = dissect_records(wrapped_set(codec, magic, {1}, two(magic)));

      EXPECT_EQ(first_fault(parts), std::nullopt);
      const std::string dump = hex_dump(parts);
      EXPECT_THAT(dump, HasSubstr("bytes unpacked"));
      EXPECT_THAT(dump, HasSubstr("key = \"order\""));
      EXPECT_THAT(dump, HasSubstr(name(codec)));
      EXPECT_EQ(dump.find("counted inside the wrapper") != std::string::npos, magic > 0);
    }
  }
}

TEST(DissectMessageSet, AWrapperInsideAWrapperIsNotOpened) {
  const Slice inner = wrapped_set(Codec::gzip, 1, {1}, two(1));
  const Slice packed = compress(Codec::gzip, inner.view());
  const NewMessage outer{.offset = {1}, .magic = 1, .attributes = 1, .timestamp = 1, .key = {}, .value = packed.text()};

  const auto fault = first_fault(dissect_records(message_set(std::span(&outer, std::size_t{1}))));

  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->reason, "a wrapper inside a wrapper");
}

TEST(DissectMessageSet, TheLastMessageMayBeCut) {
  const Slice set = message_set(two(0));
  const std::size_t first = message_size(two(0)[0]);
  for (std::size_t size = 0; size < set.size(); ++size) {
    const auto parts = dissect_records(set.part(0, size));

    EXPECT_EQ(first_fault(parts), std::nullopt) << "cut to " << size;
    if (size > 0) {
      EXPECT_EQ(hex_dump(parts).find("cut short") != std::string::npos, size != first) << "cut to " << size;
    }
  }
}

TEST(DissectMessageSet, AnOldRequestShowsWhatItCarries) {
  ProduceRequest request;
  request.topics.push_back({.name = "orders", .topic_id = {}, .partitions = {{.index = 0, .records = message_set(two(1))}}});
  const Slice body = encode(request, 2).flatten();

  const std::vector<Part> parts = dissect_message(find_api(ProduceRequest::info.api_key)->request, 2, body);

  EXPECT_EQ(first_fault(parts), std::nullopt);
  EXPECT_THAT(hex_dump(parts), HasSubstr("bytes of a message set"));
  EXPECT_THAT(hex_dump(parts), HasSubstr("message[0] = offset 0"));
}

}  // namespace
}  // namespace acklab::protocol

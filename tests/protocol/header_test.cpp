#include "protocol/wire/header.h"

#include <gtest/gtest.h>

#include "protocol/messages/api_versions.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/registry.h"
#include "tests/protocol/hex.h"

namespace acklab::protocol {
namespace {

constexpr std::int16_t unknown_key = 9999;

// What follows the four bytes of size in a frame.
Slice frame(const std::string& header, std::string_view body) {
  return Slice::copy_of(header + std::string(from_hex(body).text()));
}

TEST(RequestHeader, OfAnOldVersionEndsWithTheClientId) {
  EXPECT_EQ(to_hex(frame(request_header(3, 1, flexible(3, 1), 7, "cli"), "")), "00030001000000070003636c69");
}

TEST(RequestHeader, OfAFlexibleVersionEndsWithATaggedSectionAndKeepsThePlainClientId) {
  EXPECT_EQ(to_hex(frame(request_header(3, 9, flexible(3, 9), 7, "cli"), "")), "00030009000000070003636c6900");
}

TEST(RequestHeader, ComesBackAsItWasSent) {
  for (const Api& api : apis()) {
    for (std::int16_t version = api.request.info.first_version; version <= api.request.info.last_version; ++version) {
      const auto request =
          parse_request(frame(request_header(api.key, version, flexible(api.key, version), -5, "someone"), "c0de"));

      ASSERT_TRUE(request.has_value()) << api.name << " " << version << ": " << request.error().message();
      EXPECT_EQ(request->header.api_key, api.key);
      EXPECT_EQ(request->header.api_version, version);
      EXPECT_EQ(request->header.correlation_id, -5);
      EXPECT_EQ(request->header.client_id, "someone");
      EXPECT_EQ(to_hex(request->body), "c0de") << api.name << " " << version;
    }
  }
}

TEST(RequestHeader, ReadsANullClientIdAsEmpty) {
  const auto request = parse_request(from_hex("0012 0000 00000001 ffff"));

  EXPECT_EQ(request->header.client_id, "");
  EXPECT_TRUE(request->body.empty());
}

TEST(RequestHeader, ReadsANullClientIdOfAFlexibleVersion) {
  const auto request = parse_request(from_hex("00030009 00000003 ffff 00 00 01 00 00 00"));

  ASSERT_TRUE(request.has_value()) << request.error().message();
  EXPECT_EQ(request->header.client_id, "");
  EXPECT_EQ(to_hex(request->body), "0001000000");
}

TEST(RequestHeader, SkipsTaggedFieldsItDoesNotKnow) {
  const auto request = parse_request(from_hex("0012 0003 00000001 0003636c69 02 00 01 ff 05 02 aabb c0de"));

  ASSERT_TRUE(request.has_value()) << request.error().message();
  EXPECT_EQ(to_hex(request->body), "c0de");
}

TEST(RequestHeader, OfAnUnknownVersionIsReadAsTheApiWouldHaveIt) {
  const auto request = parse_request(from_hex("0012 0063 00000001 0003636c69 00 c0de"));

  ASSERT_TRUE(request.has_value()) << request.error().message();
  EXPECT_EQ(request->header.api_version, 99);
  EXPECT_EQ(to_hex(request->body), "c0de");
}

TEST(RequestHeader, OfAnUnknownApiIsReadSoThatItCanBeNamed) {
  const auto request = parse_request(from_hex("270f 0000 00000001 0000"));

  EXPECT_EQ(request->header.api_key, unknown_key);
}

TEST(RequestHeader, CutAtAnyByteIsAnError) {
  const Slice whole = from_hex("0012 0003 00000001 0003636c69 01 00 02 aabb");

  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(parse_request(whole.part(0, size)).has_value()) << size;
  EXPECT_TRUE(parse_request(whole).has_value());
}

TEST(RequestHeader, NamesTheFieldThatCannotBeRead) {
  const auto request = parse_request(from_hex("0003 0000 00000001 7fff aa"));

  EXPECT_EQ(request.error().message(), "byte 10, field ClientId: a length beyond the end");
}

TEST(ResponseHeader, HasATaggedSectionInFlexibleVersionsOnly) {
  EXPECT_EQ(to_hex(frame(response_header(3, false, 7), "")), "00000007");
  EXPECT_EQ(to_hex(frame(response_header(3, true, 7), "")), "0000000700");
}

TEST(ResponseHeader, OfApiVersionsNeverHasATaggedSection) {
  EXPECT_EQ(to_hex(frame(response_header(18, true, 7), "")), "00000007");
  EXPECT_EQ(to_hex(parse_response(from_hex("00000007 c0de"), 18, true)->body), "c0de");
}

TEST(ResponseHeader, ComesBackAsItWasSent) {
  for (const bool flexible : {false, true}) {
    const auto response = parse_response(frame(response_header(3, flexible, 7), "c0de"), 3, flexible);

    EXPECT_EQ(response->correlation_id, 7);
    EXPECT_EQ(to_hex(response->body), "c0de");
  }
}

TEST(ResponseHeader, CutAtAnyByteIsAnError) {
  const Slice whole = from_hex("00000007 01 00 02 aabb");

  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(parse_response(whole.part(0, size), 3, true).has_value());
}

TEST(Frame, OfAnyBodyIsSizeHeaderAndBody) {
  EXPECT_EQ(to_hex(frame_request({3, 9, 7, "cli"}, true, Bytes(from_hex("c0de"))).flatten()),
            "0000001000030009000000070003636c6900c0de");
}

TEST(Frame, OfAMessageIsSizeHeaderAndBody) {
  EXPECT_EQ(to_hex(request_frame(ApiVersionsRequest{}, 0, 1, "cli").flatten()), "0000000d00120000000000010003636c69");
  EXPECT_EQ(to_hex(request_frame(ApiVersionsRequest{"cli", "1.0"}, 3, 2, "cli").flatten()),
            "0000001700120003000000020003636c690004636c6904312e3000");

  ApiVersionsResponse refusal;
  refusal.error_code = ErrorCode::unsupported_version;
  refusal.api_keys = {{18, 0, 4}};
  EXPECT_EQ(to_hex(response_frame(refusal, 0, 2).flatten()), "0000001000000002002300000001001200000004");
}

}  // namespace
}  // namespace acklab::protocol

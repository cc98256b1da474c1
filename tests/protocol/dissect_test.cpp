#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/messages/fetch.h"
#include "protocol/messages/produce.h"
#include "protocol/messages/registry.h"
#include "protocol/records/batch_builder.h"
#include "protocol/records/batch_layout.h"
#include "protocol/study/dissect_budget.h"
#include "protocol/study/dissect_frame.h"
#include "protocol/study/dissect_message.h"
#include "protocol/study/dissect_records.h"
#include "protocol/study/generate.h"
#include "protocol/study/hex_dump.h"
#include "tests/protocol/hex.h"
#include "tests/protocol/message_sets.h"

namespace acklab::protocol {
namespace {

using testing::HasSubstr;

// All bytes of the parts in order, those of what was unpacked left out.
std::string bytes_of(const std::vector<Part>& parts) {
  std::string bytes;
  for (const Part& part : parts) {
    if (part.unpacked) continue;
    bytes += part.bytes.text();
    bytes += bytes_of(part.parts);
  }
  return bytes;
}

void expect_in_place(const std::vector<Part>& parts, std::string_view whole) {
  for (const Part& part : parts) {
    if (part.unpacked) continue;
    EXPECT_EQ(whole.substr(part.offset, part.bytes.size()), part.bytes.text()) << part.name;
    expect_in_place(part.parts, whole);
  }
}

// The codec does not look into them.
void forget_batches(std::vector<Part>& parts) {
  std::erase_if(parts, [](const Part& part) { return part.name.starts_with("batch[") || part.name.starts_with("message["); });
  for (Part& part : parts) forget_batches(part.parts);
}

// The header of a batch, as one without records.
std::string without_records(std::string header) {
  header.replace(8, 4, from_hex("00000031").text());
  header.replace(57, 4, from_hex("00000000").text());
  return header;
}

TEST(Dissect, EveryByteOfEveryMessageBelongsToAPart) {
  Random random(1);
  for (const Schema* schema : messages()) {
    for (std::int16_t version = schema->info.first_version; version <= schema->info.last_version; ++version) {
      for (int i = 0; i < 20; ++i) {
        SCOPED_TRACE(std::string(schema->name) + " " + std::to_string(version));
        const Slice body = generate(*schema, version, random, Spelling::tolerated);

        const std::vector<Part> parts = dissect_message(*schema, version, body);

        // Random bytes are no batches, and batches may end early.
        const auto fault = first_fault(parts);
        if (fault) {
          EXPECT_THAT(fault->path, testing::AnyOf(HasSubstr("batch["), HasSubstr("message["))) << fault->reason;
        } else {
          EXPECT_EQ(bytes_of(parts), body.text());
        }
        expect_in_place(parts, body.text());
      }
    }
  }
}

TEST(Dissect, ABodyThatIsCutSaysWhere) {
  Random random(2);
  for (const Schema* schema : messages()) {
    const std::int16_t version = schema->info.last_version;
    const Slice body = generate(*schema, version, random);
    for (std::size_t size = 0; size < body.size(); ++size) {
      const auto fault = first_fault(dissect_message(*schema, version, body.part(0, size)));
      ASSERT_TRUE(fault.has_value()) << schema->name << " cut to " << size << " of " << body.size();
      EXPECT_LE(fault->offset, size);
      EXPECT_FALSE(fault->reason.empty());
    }
  }
}

TEST(Dissect, AgreesWithTheCodecOnWhatCanBeRead) {
  Random random(3);
  for (const Schema* schema : messages()) {
    const std::int16_t version = schema->info.last_version;
    for (int i = 0; i < 50; ++i) {
      const Slice body = generate(*schema, version, random, Spelling::tolerated);
      std::string damaged(body.text());
      if (damaged.empty()) continue;
      damaged[static_cast<std::size_t>(random.below(damaged.size()))] = static_cast<char>(random.below(256));
      const Slice bytes = Slice::copy_of(damaged);

      const auto decoded = schema->recode(bytes, version);
      std::vector<Part> parts = dissect_message(*schema, version, bytes);
      forget_batches(parts);
      const auto fault = first_fault(parts);

      EXPECT_EQ(decoded.has_value(), !fault.has_value())
          << schema->name << " " << to_hex(bytes) << (fault ? ": " + fault->path + ": " + fault->reason : "")
          << (decoded ? "" : "; the codec says " + decoded.error().message());
    }
  }
}

TEST(Dissect, RecordsShowTheirOffsetsAndTheChecksum) {
  BatchBuilder builder(Codec::none);
  builder.append({.timestamp = 1000, .key = "k", .value = "v", .headers = {}});
  builder.append({.timestamp = 1001, .key = {}, .value = "w", .headers = {}});
  std::string bytes(builder.seal({7}, {1}, {42}).text());

  std::string dump = hex_dump(dissect_records(Slice::copy_of(bytes)));
  EXPECT_THAT(dump, HasSubstr("batch[0] = offsets 0 to 1, 2 records"));
  EXPECT_THAT(dump, HasSubstr("(matches)"));
  EXPECT_THAT(dump, HasSubstr("(none, create time)"));
  EXPECT_THAT(dump, HasSubstr("key = \"k\""));
  EXPECT_THAT(dump, HasSubstr("(offset 1)"));
  EXPECT_THAT(dump, HasSubstr("(timestamp 1001)"));

  bytes.back() ^= 1;
  dump = hex_dump(dissect_records(Slice::copy_of(bytes)));
  EXPECT_THAT(dump, HasSubstr("DOES NOT MATCH"));
  EXPECT_TRUE(has_wrong_checksum(dissect_records(Slice::copy_of(bytes))));
}

TEST(Dissect, AFieldSaysInWhichVersionsItExists) {
  const Schema& produce = find_api(0)->request;
  const std::vector<Part> parts = dissect_message(produce, 9, from_hex("00 ffff 000005dc 01 00"));

  EXPECT_EQ(parts[0].name, "TransactionalId");
  EXPECT_EQ(parts[0].type, "nullable compact string");
  EXPECT_EQ(parts[0].versions, "3+");
  EXPECT_THAT(hex_dump(parts, {.types = DumpStyle::Types::shown}), HasSubstr("nullable compact string, in versions 3+"));
}

TEST(Dissect, OfManyElementsTheFirstAreShownAndTheOneThatCannotBeRead) {
  constexpr std::size_t count = most_elements_shown + 500;
  std::string body(from_hex("000005dc").text());
  for (std::size_t i = 0; i < count; ++i) body += from_hex("0001 61").text();
  const Schema& metadata = find_api(3)->request;

  const std::vector<Part> parts = dissect_message(metadata, 1, Slice::copy_of(body));
  EXPECT_EQ(first_fault(parts), std::nullopt);
  EXPECT_EQ(parts[0].parts.size(), most_elements_shown + 1);
  EXPECT_EQ(parts[0].parts.back().name, "500 more elements");
  EXPECT_EQ(bytes_of(parts), body);

  body.pop_back();
  const auto fault = first_fault(dissect_message(metadata, 1, Slice::copy_of(body)));
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->path, "Topics[1499].Name");
}

TEST(Dissect, OfManyHeadersAndBatchesTheFirstAreShown) {
  const NewRecord::Header header{.key = "h", .value = {}};
  const std::vector<NewRecord::Header> headers(most_headers_shown + 50, header);
  BatchBuilder builder(Codec::none);
  builder.append({.timestamp = 1000, .key = {}, .value = "v", .headers = headers});
  const std::string one(builder.seal().text());
  const std::vector<Part> batch = dissect_records(Slice::copy_of(one));
  EXPECT_EQ(batch[0].parts.back().parts.back().name, "50 more headers");
  EXPECT_EQ(bytes_of(batch), one);

  std::string many;
  const std::string empty = one.substr(0, batch_header_size);
  for (std::size_t i = 0; i < most_batches_shown + 1; ++i) many += without_records(empty);
  const std::vector<Part> batches = dissect_records(Slice::copy_of(many));
  EXPECT_EQ(batches.size(), most_batches_shown + 1);
  EXPECT_EQ(batches.back().value, "61 bytes");
  EXPECT_EQ(bytes_of(batches), many);
}

std::size_t parts_in(const std::vector<Part>& parts) {
  std::size_t count = parts.size();
  for (const Part& part : parts) count += parts_in(part.parts);
  return count;
}

std::size_t unpacked_bytes(const std::vector<Part>& parts) {
  std::size_t bytes = 0;
  for (const Part& part : parts) bytes += (part.unpacked ? part.bytes.size() : 0) + unpacked_bytes(part.parts);
  return bytes;
}

// A compressed batch, or a wrapper, of that many equal records.
Slice packed_records(std::int8_t magic, std::size_t count, std::string_view value) {
  const NewMessage message{.offset = {0}, .magic = magic, .key = {}, .value = value};
  if (magic < 2) return wrapped_set(Codec::lz4, magic, {0}, std::vector<NewMessage>(count, message));
  BatchBuilder builder(Codec::lz4);
  for (std::size_t i = 0; i < count; ++i) builder.append({.timestamp = 1000, .key = {}, .value = value, .headers = {}});
  return builder.seal();
}

std::vector<Part> produced(std::int8_t magic, const Slice& records, std::size_t partitions) {
  const ProduceRequest::Partition one{.index = 0, .records = records};
  ProduceRequest request;
  request.topics.push_back(
      {.name = "orders", .topic_id = {}, .partitions = std::vector<ProduceRequest::Partition>(partitions, one)});
  const auto version = static_cast<std::int16_t>(magic < 2 ? 2 : 7);
  return dissect_message(find_api(ProduceRequest::info.api_key)->request, version, encode(request, version).flatten());
}

// The last element that is begun within the budget is finished, and so are those that it lies in.
constexpr std::size_t most_parts_beyond_budget = 1000;

TEST(Dissect, WhatAllPartitionsOfAFrameUnpackToIsBounded) {
  const std::string zeros(most_unpacked / 5 * 2, '\0');
  for (const std::int8_t magic : {std::int8_t{1}, std::int8_t{2}}) {
    const std::vector<Part> parts = produced(magic, packed_records(magic, 1, zeros), 4);

    EXPECT_EQ(first_fault(parts), std::nullopt);
    EXPECT_GT(unpacked_bytes(parts), 2 * zeros.size()) << "the first two are shown";
    EXPECT_LE(unpacked_bytes(parts), most_unpacked);
    EXPECT_THAT(hex_dump(parts), HasSubstr("(not unpacked: 128 MiB at most are unpacked at once)"));
  }
}

TEST(Dissect, RecordsOfManyBatchesAreShownUpToABudgetOfParts) {
  for (const std::int8_t magic : {std::int8_t{1}, std::int8_t{2}}) {
    const std::vector<Part> parts = produced(magic, packed_records(magic, most_records_shown, ""), 100);

    EXPECT_EQ(first_fault(parts), std::nullopt);
    EXPECT_GE(parts_in(parts), most_parts);
    EXPECT_LE(parts_in(parts), most_parts + most_parts_beyond_budget);
    EXPECT_THAT(hex_dump(parts), HasSubstr("(not shown: 200000 parts at most are shown at once)"));
  }
}

TEST(Dissect, ASegmentIsShownToItsEndBatchByBatch) {
  const std::string one(packed_records(2, 1, "value").text());
  std::string many;
  for (std::size_t i = 0; i < most_batches_shown + 1; ++i) many += one;

  std::vector<Part> last;
  std::size_t batches = 0;
  dissect_each_batch(Slice::copy_of(many), [&](Part batch) {
    ++batches;
    last.assign(1, std::move(batch));
  });

  EXPECT_EQ(batches, most_batches_shown + 1);
  EXPECT_EQ(last[0].offset, many.size() - one.size());
  EXPECT_EQ(bytes_of(last), one);
}

TEST(Dissect, ArraysInArraysAreShownUpToABudgetOfPartsAndReadToTheEnd) {
  const std::vector<std::int32_t> partitions(most_elements_shown);
  FetchRequest request;
  for (std::size_t i = 0; i < most_elements_shown; ++i) {
    request.forgotten_topics_data.push_back({.topic = "t", .topic_id = {}, .partitions = partitions});
  }
  const Schema& fetch = find_api(FetchRequest::info.api_key)->request;
  std::string body(encode(request, 7).flatten().text());

  const std::vector<Part> parts = dissect_message(fetch, 7, Slice::copy_of(body));
  EXPECT_EQ(first_fault(parts), std::nullopt);
  EXPECT_EQ(bytes_of(parts), body);
  EXPECT_GE(parts_in(parts), most_parts);
  EXPECT_LE(parts_in(parts), most_parts + most_parts_beyond_budget);
  EXPECT_THAT(hex_dump(parts), HasSubstr("(not shown: 200000 parts at most are shown at once)"));

  body.pop_back();
  const auto fault = first_fault(dissect_message(fetch, 7, Slice::copy_of(body)));
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->path, "ForgottenTopicsData[999].Partitions[999]");
}

TEST(Dissect, CompressedRecordsAreOpened) {
  for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    BatchBuilder builder(codec);
    builder.append({.timestamp = 1000, .key = "order", .value = "a value that is long", .headers = {}});

    const std::vector<Part> parts = dissect_records(builder.seal());

    EXPECT_EQ(first_fault(parts), std::nullopt);
    const std::string dump = hex_dump(parts);
    EXPECT_THAT(dump, HasSubstr("key = \"order\""));
    EXPECT_THAT(dump, HasSubstr("bytes unpacked"));
  }
}

TEST(Dissect, ARequestAndItsResponseAreReadWithTheirHeaders) {
  // ApiVersions version 0, correlation 7, client "me"; and its answer: code 0, one API.
  const Slice request = from_hex("0000000c 0012 0000 00000007 0002 6d65");
  const Slice response = from_hex("00000010 00000007 0000 00000001 0012 0000 0004");

  const DissectedRequest sent = dissect_request(request);
  ASSERT_TRUE(sent.kind.has_value());
  EXPECT_EQ(sent.kind->api_key, 18);
  EXPECT_EQ(sent.kind->correlation, 7);
  EXPECT_EQ(first_fault(sent.parts), std::nullopt);
  EXPECT_THAT(hex_dump(sent.parts), HasSubstr("client_id = \"me\""));

  const std::vector<Part> answered = dissect_response(response, *sent.kind);
  EXPECT_EQ(first_fault(answered), std::nullopt);
  EXPECT_THAT(hex_dump(answered), HasSubstr("MaxVersion = 4"));
}

TEST(Dissect, OfSeveralFramesTheFirstEndsWhereItSays) {
  const std::string frame(from_hex("0000000c 0012 0000 00000007 0002 6d65").text());
  const auto first_of = [](const std::string& bytes) { return first_frame(Slice::copy_of(bytes)).size(); };

  EXPECT_EQ(first_of(frame + frame), frame.size());
  EXPECT_EQ(first_of(frame), frame.size());
  EXPECT_EQ(first_of(frame.substr(0, 3)), 3U);
  EXPECT_EQ(first_of(frame + "\1\1"), frame.size() + 2) << "what follows is no frame";
  EXPECT_EQ(first_of(frame + std::string("\xff\xff\xff\xff")), frame.size() + 4);
}

TEST(Dissect, WhatTheTablesDoNotKnowIsSaid) {
  EXPECT_THAT(first_fault(dissect_request(from_hex("0000000a 7fff 0000 00000007 ffff")).parts)->reason,
              HasSubstr("no table for API key 32767"));
  EXPECT_THAT(first_fault(dissect_request(from_hex("0000000a 0000 0063 00000007 ffff 00")).parts)->reason, HasSubstr("not 99"));
}

}  // namespace
}  // namespace acklab::protocol

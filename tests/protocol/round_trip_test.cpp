// Every message that the registry knows, in every version, against bytes made from its table alone. A message that is added to the
// registry is tested here without another line.
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

#include "protocol/messages/registry.h"
#include "protocol/runtime/random.h"
#include "protocol/study/generate.h"
#include "tests/protocol/hex.h"

namespace acklab::protocol {
namespace {

void for_each_version(const std::function<void(const Schema&, std::int16_t)>& check) {
  for (const Schema* schema : messages()) {
    for (std::int16_t version = schema->info.first_version; version <= schema->info.last_version; ++version) {
      check(*schema, version);
      if (::testing::Test::HasFailure()) return;  // one example is enough
    }
  }
}

std::string example(const Schema& schema, std::int16_t version, const Slice& body) {
  return std::string(schema.name) + " version " + std::to_string(version) + ": " + to_hex(body);
}

TEST(RoundTrip, GivesTheSameBytes) {
  for_each_version([](const Schema& schema, std::int16_t version) {
    Random random = Random::stream(1, schema.name, version);
    for (int i = 0; i < 2000; ++i) {
      const Slice body = generate(schema, version, random);

      const auto again = schema.recode(body, version);

      ASSERT_TRUE(again.has_value()) << example(schema, version, body) << "\n" << again.error().message();
      ASSERT_TRUE(again->flatten() == body) << example(schema, version, body) << "\n" << to_hex(again->flatten());
    }
  });
}

TEST(RoundTrip, ForgetsOnlyTaggedFieldsThatItDoesNotKnowOrThatAreNull) {
  for_each_version([](const Schema& schema, std::int16_t version) {
    Random random = Random::stream(2, schema.name, version);
    for (int i = 0; i < 200; ++i) {
      const Slice body = generate(schema, version, random, Spelling::tolerated);

      const auto known = schema.recode(body, version);
      ASSERT_TRUE(known.has_value()) << example(schema, version, body) << "\n" << known.error().message();
      const auto again = schema.recode(known->flatten(), version);

      ASSERT_LE(known->size(), body.size());
      ASSERT_TRUE(again->flatten() == known->flatten()) << example(schema, version, body);
    }
  });
}

TEST(RoundTrip, RefusesABodyThatIsCutAtAnyByte) {
  for_each_version([](const Schema& schema, std::int16_t version) {
    Random random = Random::stream(3, schema.name, version);
    for (int i = 0; i < 30; ++i) {
      const Slice body = generate(schema, version, random, Spelling::tolerated);
      for (std::size_t size = 0; size < body.size(); ++size) {
        ASSERT_FALSE(schema.recode(body.part(0, size), version).has_value())
            << example(schema, version, body) << " cut to " << size << " bytes";
      }
    }
  });
}

TEST(RoundTrip, RefusesBytesAfterTheEnd) {
  for_each_version([](const Schema& schema, std::int16_t version) {
    Random random = Random::stream(4, schema.name, version);
    Bytes body(generate(schema, version, random));
    body.append(from_hex("00"));

    ASSERT_FALSE(schema.recode(body.flatten(), version).has_value()) << example(schema, version, body.flatten());
  });
}

// It may be another message then; it must not be the end of us.
TEST(RoundTrip, SurvivesAFlippedBit) {
  for_each_version([](const Schema& schema, std::int16_t version) {
    Random random = Random::stream(5, schema.name, version);
    for (int i = 0; i < 2000; ++i) {
      std::string body(generate(schema, version, random, Spelling::tolerated).text());
      if (body.empty()) continue;
      const std::uint64_t bit = random.below(8 * body.size());
      body[bit / 8] = static_cast<char>(body[bit / 8] ^ (1 << (bit % 8)));

      const auto again = schema.recode(Slice::copy_of(body), version);

      ASSERT_TRUE(!again || schema.recode(again->flatten(), version).has_value())
          << example(schema, version, Slice::copy_of(body));
    }
  });
}

TEST(RoundTrip, SurvivesNoise) {
  for_each_version([](const Schema& schema, std::int16_t version) {
    Random random = Random::stream(6, schema.name, version);
    for (int i = 0; i < 500; ++i) {
      std::string body(random.below(60), '\0');
      for (char& byte : body) byte = static_cast<char>(random.one_in(2) ? random.below(4) : random.next());
      schema.recode(Slice::copy_of(body), version);
    }
  });
}

// --- what the declarations themselves promise ---

void check_fields(const std::string& path, const MessageInfo& info, std::span<const Field> fields, std::size_t members) {
  EXPECT_EQ(fields.size(), members) << path << " has members that describe() does not list";
  std::set<std::string_view> names;
  std::int16_t last_tag = -1;
  for (const Field& field : fields) {
    const std::string here = path + "." + std::string(field.name);
    EXPECT_TRUE(names.insert(field.name).second) << here << " is described twice";
    EXPECT_LE(field.spec.first, info.last_version) << here << " is in no version";
    EXPECT_GE(field.spec.last, info.first_version) << here << " is in no version";
    if (field.spec.tagged()) {
      EXPECT_GT(field.spec.tag_id, last_tag) << here << ": tags are listed in ascending order";
      EXPECT_GE(field.spec.first, info.flexible_since) << here << ": only flexible versions have tagged fields";
      last_tag = field.spec.tag_id;
    }
    if (!field.children.empty()) check_fields(here, info, field.children, field.members);
  }
}

TEST(Declaration, DescribesEveryMemberOnceAndTagsInOrder) {
  for (const Schema* schema : messages()) check_fields(std::string(schema->name), schema->info, schema->fields, schema->members);
}

TEST(Declaration, OfEachMessageIsFoundUnderItsKey) {
  std::int16_t last = -1;
  for (const Api& api : apis()) {
    EXPECT_GT(api.key, last) << "the registry is sorted by key";
    EXPECT_EQ(find_api(api.key), &api);
    EXPECT_EQ(api.request.name, std::string(api.name) + "Request");
    EXPECT_EQ(api.response.name, std::string(api.name) + "Response");
    last = api.key;
  }
  EXPECT_EQ(find_api(9999), nullptr);
}

}  // namespace
}  // namespace acklab::protocol

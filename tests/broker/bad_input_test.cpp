// What no client should send, for every API and version that is served: a request that ends early, a length that lies. What cannot be
// decoded closes its connection without a word, as in Kafka; what can is a request like any other. The broker lives on.
#include <gtest/gtest.h>

#include "broker/dispatch.h"
#include "protocol/messages/registry.h"
#include "protocol/study/generate.h"
#include "tests/broker/requests_fixture.h"
#include "tests/lying_lengths.h"

namespace acklab::broker {
namespace {

using protocol::Bytes;
using protocol::Schema;
using protocol::Slice;
using protocol::Spelling;

// As long as anybody waits for an answer that need not come: what was made by chance may say that it waits for long.
constexpr protocol::Duration answer_time = 10ms;

class BadInput : public Requests {
 protected:
  void for_each_served_version(const std::function<void(const Schema& request, std::int16_t version)>& check) {
    for (const ServedApi& api : served_apis()) {
      const Schema& request = protocol::find_api(api.key)->request;
      for (std::int16_t version = api.first_version; version <= api.last_version; ++version) {
        check(request, version);
        if (HasFailure()) return;  // one example is enough
      }
      ASSERT_TRUE(alive()) << request.name;
    }
  }

  // Sends it and looks at what comes of it.
  void send(const Schema& request, std::int16_t version, const Slice& body) {
    Wire& connection = wire();
    cluster.send(connection, frame_of(request.info.api_key, version, request.info.flexible(version), Bytes(body)));
    if (const auto decoded = request.recode(body, version); decoded) {
      ++sent_as_request;
      cluster.eventually([&] { return connection.closed || !connection.frames.empty(); }, answer_time);
    } else {
      ++refused;
      EXPECT_TRUE(cluster.closes(connection, answer_time)) << request.name << " version " << version << " is left open";
      EXPECT_EQ(connection.bytes, 0U) << request.name << " version " << version << " is answered";
    }
    cluster.forget(connection);
  }

  int refused = 0;
  int sent_as_request = 0;
};

TEST_F(BadInput, ARequestThatEndsAtAnyByteClosesItsConnection) {
  for_each_served_version([&](const Schema& request, std::int16_t version) {
    auto random = protocol::Random::stream(1, request.name, version);
    const Slice whole = generate(request, version, random, Spelling::tolerated);
    for (std::size_t size = 0; size < whole.size(); ++size) send(request, version, whole.part(0, size));
  });

  EXPECT_EQ(sent_as_request, 0) << "no beginning of a request is one";
  EXPECT_GT(refused, 1000);
}

TEST_F(BadInput, ALengthThatLiesClosesItsConnectionOrMakesAnotherRequest) {
  for_each_served_version([&](const Schema& request, std::int16_t version) {
    tests::for_each_lying_length(request, version, 1, [&](const Slice& body) { send(request, version, body); });
  });

  EXPECT_GT(refused, 1000);
}

TEST_F(BadInput, TaggedFieldsThatNobodyKnowsAreSkipped) {
  int met = 0;
  for_each_served_version([&](const Schema& request, std::int16_t version) {
    const bool ends_with_tags = std::any_of(request.fields.begin(), request.fields.end(),
                                            [](const protocol::Field& field) { return field.spec.tagged(); });
    if (!request.info.flexible(version) || ends_with_tags) return;
    auto random = protocol::Random::stream(2, request.name, version);
    const Slice plain = generate(request, version, random);
    const Slice bare = request.recode(plain, version)->flatten();
    // The section at the end of the message, which is empty, gets a field: its tag is 99, it has two bytes.
    const std::string with_tag = std::string(bare.text().substr(0, bare.size() - 1)) + "\x01\x63\x02" + "xy";
    const auto decoded = request.recode(Slice::copy_of(with_tag), version);
    ASSERT_TRUE(decoded.has_value()) << request.name << " version " << version;
    EXPECT_TRUE(decoded->flatten() == bare) << request.name << " version " << version;
    send(request, version, Slice::copy_of(with_tag));
    ++met;
  });

  EXPECT_GT(met, 20);
  EXPECT_EQ(refused, 0);
}

}  // namespace
}  // namespace acklab::broker

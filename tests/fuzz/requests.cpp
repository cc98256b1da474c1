// Bytes that decode as a message decode alike once they were encoded again.
#include "protocol/check.h"
#include "protocol/messages/registry.h"
#include "protocol/study/generate.h"
#include "tests/fuzz/target.h"

namespace acklab::fuzz {

using protocol::messages;
using protocol::Schema;
using protocol::Slice;

// Two bytes choose the message and its version, the rest is the body.
void run_requests(Input input) {
  Reader reader(input);
  const Schema& schema = *messages()[reader.byte() % messages().size()];
  const int versions = schema.info.last_version - schema.info.first_version + 1;
  const auto version = static_cast<std::int16_t>(schema.info.first_version + reader.byte() % versions);

  const auto once = schema.recode(Slice::copy_of(text_of(reader.rest())), version);
  if (!once) {
    CHECK(!once.error().reason.empty());
    return;
  }
  const Slice encoded = once->flatten();
  const auto twice = schema.recode(encoded, version);
  CHECK(twice.has_value());
  CHECK(twice->flatten().text() == encoded.text());
}

std::vector<std::string> request_seeds() {
  std::vector<std::string> seeds;
  protocol::Random random(1);
  for (std::size_t message = 0; message < messages().size(); ++message) {
    const Schema& schema = *messages()[message];
    for (std::int16_t version = schema.info.first_version; version <= schema.info.last_version; ++version) {
      std::string seed{static_cast<char>(message), static_cast<char>(version - schema.info.first_version)};
      seed += generate(schema, version, random, protocol::Spelling::tolerated).text();
      seeds.push_back(std::move(seed));
    }
  }
  return seeds;
}

}  // namespace acklab::fuzz

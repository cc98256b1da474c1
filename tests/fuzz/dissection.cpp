// Bytes taken apart are all there, each in its place, and no more than a dissection may hold; and what the codec takes, the tables can
// read.
#include "protocol/check.h"
#include "protocol/messages/registry.h"
#include "protocol/study/dissect_frame.h"
#include "protocol/study/dissect_message.h"
#include "protocol/study/dissect_records.h"
#include "protocol/study/generate.h"
#include "protocol/study/hex_dump.h"
#include "tests/fuzz/held.h"
#include "tests/fuzz/target.h"

namespace acklab::fuzz {

using protocol::messages;
using protocol::Part;
using protocol::Schema;
using protocol::Slice;

namespace {

// Every part lies where it says, behind the one before it. Returns where the last one ends.
std::size_t check_places(const std::vector<Part>& parts, std::string_view whole, std::size_t from) {
  for (const Part& part : parts) {
    if (part.unpacked) continue;
    CHECK(part.bytes.empty() || part.offset >= from);
    CHECK(part.bytes.empty() || whole.substr(part.offset, part.bytes.size()) == part.bytes.text());
    if (!part.bytes.empty()) from = part.offset + part.bytes.size();
    from = check_places(part.parts, whole, from);
  }
  return from;
}

std::int16_t version_of(const Schema& schema, std::uint8_t age) {
  const int versions = schema.info.last_version - schema.info.first_version + 1;
  return static_cast<std::int16_t>(schema.info.first_version + age % versions);
}

// What the codec never looks into may be anything.
bool in_records(const protocol::Fault& fault) { return fault.path.find("Records.") != std::string::npos; }

void check_message(const Schema& schema, std::int16_t version, const Slice& body) {
  const std::vector<Part> parts = dissect_message(schema, version, body);
  check_places(parts, body.text(), 0);
  check_budget(parts);
  const auto fault = first_fault(parts);
  CHECK(!schema.recode(body, version) || !fault || in_records(*fault));
}

}  // namespace

// Three bytes choose: a request, a response, record batches, or the body of some message in some version.
void run_dissection(Input input) {
  Reader reader(input);
  const std::uint8_t kind = reader.byte();
  const std::uint8_t which = reader.byte();
  const std::uint8_t age = reader.byte();
  const Slice bytes = Slice::copy_of(text_of(reader.rest()));
  if (kind > 2) {
    const Schema& schema = *messages()[which % messages().size()];
    return check_message(schema, version_of(schema, age), bytes);
  }
  std::vector<Part> parts;
  if (kind == 0) parts = protocol::dissect_request(bytes).parts;
  if (kind == 1) {
    const protocol::Api& api = protocol::apis()[which % protocol::apis().size()];
    parts = dissect_response(bytes, {api.key, version_of(api.response, age), 0});
  }
  if (kind == 2) parts = protocol::dissect_records(bytes);
  check_places(parts, bytes.text(), 0);
  check_budget(parts);
  CHECK(bytes.empty() || !hex_dump(parts).empty());
}

std::vector<std::string> dissection_seeds() {
  std::vector<std::string> seeds;
  for (const std::string& batch : record_batch_seeds()) seeds.push_back(std::string("\2\0\0", 3) + batch);
  protocol::Random random(1);
  for (std::size_t message = 0; message < messages().size(); ++message) {
    const auto& info = messages()[message]->info;
    for (std::int16_t version = info.first_version; version <= info.last_version; ++version) {
      const std::string chosen{'\3', static_cast<char>(message), static_cast<char>(version - info.first_version)};
      seeds.push_back(chosen +
                      std::string(generate(*messages()[message], version, random, protocol::Spelling::tolerated).text()));
    }
  }
  // A request of ApiVersions, and an answer to it.
  using namespace std::string_literals;
  seeds.push_back("\0\0\0\0\0\0\x0c\0\x12\0\0\0\0\0\7\0\2me"s);
  return seeds;
}

}  // namespace acklab::fuzz

// No payload makes more bytes than the limit, and what was decompressed survives being compressed again.
#include <array>

#include "protocol/check.h"
#include "protocol/records/compression.h"
#include "tests/fuzz/target.h"

namespace acklab::fuzz {

using protocol::Codec;
using protocol::Slice;

namespace {

constexpr std::array codecs{Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};
constexpr std::size_t limit = 1u << 20;

}  // namespace

// The first byte chooses the codec.
void run_decompression(Input input) {
  Reader reader(input);
  const Codec codec = codecs[reader.byte() % codecs.size()];
  const auto bytes = protocol::decompress(codec, Slice::copy_of(text_of(reader.rest())), limit);
  if (!bytes) {
    CHECK(!bytes.error().empty());
    return;
  }
  CHECK(bytes->size() <= limit);
  const Slice again = protocol::compress(codec, bytes->view());
  const auto reread = protocol::decompress(codec, again, limit);
  CHECK(reread.has_value() && reread->text() == bytes->text());
}

std::vector<std::string> decompression_seeds() {
  std::vector<std::string> seeds;
  for (std::size_t codec = 0; codec < codecs.size(); ++codec) {
    for (const std::string& text : {std::string(), std::string("order order order"), std::string(3000, 'x')}) {
      const Slice compressed = protocol::compress(codecs[codec], std::as_bytes(std::span(text)));
      seeds.push_back(static_cast<char>(codec) + std::string(compressed.text()));
    }
  }
  return seeds;
}

}  // namespace acklab::fuzz

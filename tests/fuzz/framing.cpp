// However a stream is cut into pieces, the same frames come out of it, or the same error.
#include "protocol/check.h"
#include "protocol/wire/framer.h"
#include "tests/fuzz/target.h"

namespace acklab::fuzz {

using protocol::Framer;
using protocol::Slice;

namespace {

constexpr std::size_t max_frame = 4096;

// The frames, a line each; ends with a '!' if the stream cannot be read any further.
void drain(Framer& framer, std::string& frames, bool& broken) {
  while (!broken) {
    const auto frame = framer.next();
    if (!frame) {
      frames += "!";
      broken = true;
    } else if (*frame) {
      frames += std::to_string((*frame)->size()) + ":" + std::string((*frame)->text());
    } else {
      return;
    }
  }
}

}  // namespace

// The first byte says how long the pieces are.
void run_framing(Input input) {
  Reader reader(input);
  const std::size_t piece = 1 + reader.byte();

  std::string whole;
  bool broken = false;
  Framer at_once(max_frame);
  at_once.feed(Slice::copy_of(text_of(reader.rest())));
  drain(at_once, whole, broken);

  std::string pieces;
  broken = false;
  Framer bit_by_bit(max_frame);
  while (!reader.empty() && !broken) {
    bit_by_bit.feed(Slice::copy_of(text_of(reader.take(piece))));
    drain(bit_by_bit, pieces, broken);
  }
  CHECK(whole == pieces);
}

std::vector<std::string> framing_seeds() {
  using namespace std::string_literals;
  const std::string frames = "\0\0\0\3abc\0\0\0\0\0\0\0\1x"s;
  return {"\0"s + frames, "\3"s + frames, "\377"s + frames + "\0\0\20\1"s, "\1\377\377\377\377"s, "\2\0\0\20\0abc"s};
}

}  // namespace acklab::fuzz

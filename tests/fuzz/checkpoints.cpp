// A checkpoint that can be read says the same once it was written again; any other is refused with a line.
#include "protocol/check.h"
#include "storage/checkpoint.h"
#include "storage/sim_disk.h"
#include "tests/fuzz/target.h"

namespace acklab::fuzz {

using protocol::Bytes;
using protocol::Slice;
using storage::SimDisk;

namespace {

constexpr const char* path = "checkpoint";
constexpr const char* copy = "copy";

template <class Content>
void check_same_again(const Content& read, const Content& reread) {
  CHECK(read.has_value());
  CHECK(reread.has_value() && *reread == *read);
}

}  // namespace

// The first byte chooses the kind.
void run_checkpoints(Input input) {
  Reader reader(input);
  const bool epochs = reader.byte() % 2 == 0;
  SimDisk disk(protocol::Random(1));
  CHECK(disk.open(path).value()->append(Bytes(Slice::copy_of(text_of(reader.rest())))).has_value());
  if (epochs) {
    const auto read = storage::read_leader_epochs(disk, path);
    if (!read) return CHECK(!read.error().what.empty());
    CHECK(storage::write_leader_epochs(disk, copy, *read).has_value());
    check_same_again(read, storage::read_leader_epochs(disk, copy));
  } else {
    const auto read = storage::read_offsets(disk, path);
    if (!read) return CHECK(!read.error().what.empty());
    CHECK(storage::write_offsets(disk, copy, *read).has_value());
    check_same_again(read, storage::read_offsets(disk, copy));
  }
}

std::vector<std::string> checkpoint_seeds() {
  using namespace std::string_literals;
  return {"\0"s + "0\n2\n0 0\n3 1500\n", "\1"s + "0\n1\norders 0 1500\n", "\1"s + "0\n0\n", "\0"s};
}

}  // namespace acklab::fuzz

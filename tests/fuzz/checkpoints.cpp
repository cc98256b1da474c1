// A checkpoint that can be read says the same once it was written again; any other is refused with a line.
#include "protocol/check.h"
#include "protocol/records/crc32c.h"
#include "protocol/wire/big_endian.h"
#include "storage/checkpoint.h"
#include "storage/meta_properties.h"
#include "storage/partition_metadata.h"
#include "storage/producer_snapshot.h"
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

// A producer snapshot, which is binary, with a checksum that is put right here: else it would be all that is ever found.
void run_snapshot(Input input) {
  constexpr std::size_t crc_at = 2;
  constexpr std::size_t covered_from = 6;
  std::string bytes(text_of(input));
  if (bytes.size() >= covered_from) {
    const std::uint32_t sum = protocol::crc32c(std::as_bytes(std::span(bytes)).subspan(covered_from));
    protocol::store_big_endian(reinterpret_cast<std::byte*>(bytes.data()) + crc_at, sum);
  }
  const auto states = storage::decode_snapshot(std::as_bytes(std::span(bytes)));
  if (!states) return CHECK(!states.error().empty());
  const Slice encoded = storage::encode_snapshot(*states);
  const auto again = storage::decode_snapshot(encoded.view());
  CHECK(again.has_value());
  CHECK(storage::encode_snapshot(*again) == encoded);
}

std::string snapshot_seed() {
  storage::ProducerStates states;
  protocol::BatchHeader header;
  header.producer_id = {7};
  header.producer_epoch = {1};
  header.base_sequence = {41};
  header.last_offset_delta = 2;
  states.update(header);
  return "\2" + std::string(storage::encode_snapshot(states).text());
}

void run_meta_properties(Input input) {
  const auto read = storage::parse_meta_properties(text_of(input));
  if (!read) return CHECK(!read.error().empty());
  const auto again = storage::parse_meta_properties(storage::to_text(*read));
  CHECK(again.has_value() && *again == *read);
}

void run_partition_metadata(Input input) {
  SimDisk disk(protocol::Random(1));
  const std::string file = std::string("orders-0/") + storage::partition_metadata_file;
  CHECK(disk.open(file).value()->append(Bytes(Slice::copy_of(text_of(input)))).has_value());
  const auto read = storage::read_topic_id(disk, "orders-0");
  CHECK(read ? !read->empty() : !read.error().what.empty());
}

}  // namespace

// The first byte chooses the kind.
void run_checkpoints(Input input) {
  Reader reader(input);
  const int kind = reader.byte() % 5;
  const bool epochs = kind == 0;
  if (kind == 2) return run_snapshot(reader.rest());
  if (kind == 3) return run_meta_properties(reader.rest());
  if (kind == 4) return run_partition_metadata(reader.rest());
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
  return {
      "\0"s + "0\n2\n0 0\n3 1500\n",
      "\1"s + "0\n1\norders 0 1500\n",
      "\1"s + "0\n0\n",
      "\0"s,
      snapshot_seed(),
      "\3" + storage::to_text({.cluster_id = "acklab-cluster-0000000", .node_id = 1, .directory_id = "hGWR7tS3QnGyZ0_XkBdC4A"}),
      "\4version: 0\ntopic_id: RzlLGSTBSjOUoKVnJBKTDQ\n"};
}

}  // namespace acklab::fuzz

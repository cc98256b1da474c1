// Whatever lies in a log's directory: it opens or says why it cannot; once open it can be read to its end, takes an append, and opens
// again as it was.
#include <array>

#include "protocol/check.h"
#include "protocol/records/batch_builder.h"
#include "storage/log.h"
#include "storage/sim_disk.h"
#include "tests/fuzz/target.h"

namespace acklab::fuzz {

using protocol::BatchBuilder;
using protocol::Bytes;
using protocol::Codec;
using protocol::Offset;
using protocol::RecordBatch;
using protocol::Slice;
using storage::Log;
using storage::SimDisk;

namespace {

constexpr const char* directory = "orders-0";
// The first byte of each file in the input says which, the next two how long it is.
constexpr std::array names{"00000000000000000000.log",       "00000000000000000000.index",    "00000000000000000000.timeindex",
                           "00000000000000000002.log",       "00000000000000000002.snapshot", "leader-epoch-checkpoint",
                           "00000000000000000002.timeindex", "00000000000000000002.index"};

RecordBatch batch(std::string_view value) {
  BatchBuilder builder(Codec::none);
  builder.append({.timestamp = 1000, .key = {}, .value = value, .headers = {}});
  builder.append({.timestamp = 2000, .key = {}, .value = value, .headers = {}});
  return RecordBatch::first(builder.seal({7}, {0}, {0})).value();
}

void put(SimDisk& disk, const std::string& path, Input bytes) {
  const auto file = disk.open(path);
  CHECK(file && (*file)->append(Bytes(Slice::copy_of(text_of(bytes)))));
}

// Where reading the log from its start ends.
Offset read_all(const Log& log) {
  Offset at = log.start();
  while (at < log.end()) {
    const auto part = log.read(at, log.end(), 1u << 20, true);
    CHECK(part.has_value());
    CHECK(part->next_offset > at);
    at = part->next_offset;
  }
  return at;
}

std::string file(std::size_t name, std::string_view bytes) {
  return std::string{static_cast<char>(name), static_cast<char>(bytes.size() >> 8), static_cast<char>(bytes.size())} +
         std::string(bytes);
}

}  // namespace

void run_recovery(Input input) {
  SimDisk disk(protocol::Random(1));
  for (Reader reader(input); !reader.empty();) {
    const std::size_t name = reader.byte() % names.size();
    const std::size_t high = reader.byte();
    put(disk, std::string(directory) + "/" + names[name], reader.take(high << 8 | reader.byte()));
  }
  auto log = Log::open(disk, directory, {});
  if (!log) {
    CHECK(!log.error().what.empty());
    return;
  }
  const Offset end = read_all(*log);
  CHECK(end == log->end());
  CHECK(log->append(batch("more"), {1'000'000'000}).has_value());

  const auto again = Log::open(disk, directory, {});
  CHECK(again.has_value());
  CHECK(again->end() == end + 2);
  CHECK(again->recovery().bytes_cut == 0);
  CHECK(read_all(*again) == again->end());
}

std::vector<std::string> recovery_seeds() {
  SimDisk disk(protocol::Random(1));
  Log log = Log::open(disk, directory, {.segment_bytes = 150, .index_interval_bytes = 1}).value();
  for (const char* value : {"one", "two", "three"}) CHECK(log.append(batch(value), {3}).has_value());
  std::string all;
  std::vector<std::string> seeds;
  for (std::size_t name = 0; name < names.size(); ++name) {
    const std::string path = std::string(directory) + "/" + names[name];
    if (!disk.exists(path)) continue;
    const auto stored = disk.open(path).value();
    const std::string one = file(name, stored->read(0, static_cast<std::size_t>(stored->size())).value().text());
    all += one;
    seeds.push_back(one);
  }
  seeds.push_back(all);
  return seeds;
}

}  // namespace acklab::fuzz

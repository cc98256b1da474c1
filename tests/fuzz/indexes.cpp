// Indexes that are believed, because the log was closed in good order: whatever they say of batches that are whole, the log opens or says
// why not, and whoever reads it gets batches or an error, and comes to an end.
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
using storage::LogConfig;
using storage::SimDisk;

namespace {

constexpr const char* directory = "orders-0";
constexpr LogConfig config{.segment_bytes = 300, .index_interval_bytes = 1};
// The first byte of each file in the input says which, the next how long it is. Files that are not in the input are as they should be.
constexpr std::array names{"00000000000000000000.index",     "00000000000000000000.timeindex", "00000000000000000006.index",
                           "00000000000000000006.timeindex", "00000000000000000006.snapshot",  "leader-epoch-checkpoint"};

void write_log(SimDisk& disk) {
  Log log = Log::open(disk, directory, config).value();
  for (std::int64_t i = 0; i < 6; ++i) {
    BatchBuilder builder(Codec::none);
    for (std::int64_t record = 0; record < 2; ++record) {
      builder.append({.timestamp = 1000 * (i + record), .key = {}, .value = "value", .headers = {}});
    }
    CHECK(log.append(RecordBatch::first(builder.seal({7}, {0}, {static_cast<std::int32_t>(2 * i)})).value(), {3}).has_value());
  }
  CHECK(log.close().has_value());
}

std::string path(std::size_t name) { return std::string(directory) + "/" + names[name]; }

}  // namespace

void run_indexes(Input input) {
  SimDisk disk(protocol::Random(1));
  write_log(disk);
  for (Reader reader(input); !reader.empty();) {
    const std::size_t name = reader.byte() % names.size();
    const Slice bytes = Slice::copy_of(text_of(reader.take(reader.byte())));
    if (disk.exists(path(name))) CHECK(disk.remove(path(name)).has_value());
    CHECK(disk.open(path(name)).value()->append(Bytes(bytes)).has_value());
  }
  const auto log = Log::open(disk, directory, config, {.recovery_point = Offset{12}, .shutdown = storage::Shutdown::clean});
  if (!log) return CHECK(!log.error().what.empty());
  for (Offset at = log->start(); at < log->end();) {
    const auto part = log->read(at, log->end(), 100, true);
    if (!part) {
      CHECK(!part.error().what.empty());
      break;
    }
    CHECK(part->next_offset > at);
    at = part->next_offset;
  }
  for (const std::int64_t timestamp : {0, 3500, 99999}) {
    const auto found = log->find_time(timestamp, log->end());
    CHECK(!found || !*found || (*found)->timestamp >= timestamp);
  }
}

std::vector<std::string> index_seeds() {
  SimDisk disk(protocol::Random(1));
  write_log(disk);
  std::vector<std::string> seeds{""};
  for (std::size_t name = 0; name < names.size(); ++name) {
    if (!disk.exists(path(name))) continue;
    const auto stored = disk.open(path(name)).value();
    const std::string bytes(stored->read(0, static_cast<std::size_t>(stored->size())).value().text());
    seeds.push_back(std::string{static_cast<char>(name), static_cast<char>(bytes.size())} + bytes);
  }
  return seeds;
}

}  // namespace acklab::fuzz

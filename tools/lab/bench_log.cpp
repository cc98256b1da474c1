#include "tools/lab/bench_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <memory>
#include <stdexcept>

#include "broker/partition/batch_validation.h"
#include "broker/partition/sent_records.h"
#include "protocol/check.h"
#include "protocol/records/batch_builder.h"
#include "protocol/records/crc32c.h"
#include "protocol/records/record_batch.h"
#include "protocol/records/record_walk.h"
#include "protocol/runtime/random.h"
#include "storage/log.h"
#include "storage/real_disk.h"
#include "storage/sim_disk.h"
#include "tools/lab/clock.h"
#include "tools/lab/load.h"
#include "tools/lab/progress.h"

namespace acklab::lab {
namespace {

using protocol::BatchBuilder;
using protocol::BatchHeader;
using protocol::Codec;
using protocol::LeaderEpoch;
using protocol::Offset;
using protocol::RecordBatch;
using protocol::Slice;
using storage::Log;

constexpr std::size_t batch_bytes = 16384;  // Kafka's default batch.size
constexpr std::size_t value_bytes = 100;
constexpr std::size_t different_batches = 64;  // 1 MiB of them: what a broker receives is in its cache, too
constexpr std::size_t batches_a_run = 4096;    // 64 MiB
constexpr std::size_t ring_bytes = 64u << 20;
constexpr std::size_t read_bytes = 1u << 20;
constexpr LeaderEpoch epoch{0};

constexpr double mega = 1e6;

std::vector<Slice> batches_of(Codec codec) {
  const std::vector<std::string> values = sized_orders(value_bytes, 20'000);
  std::vector<Slice> batches;
  std::size_t next = 0;
  for (std::size_t i = 0; i < different_batches; ++i) {
    BatchBuilder builder(codec);
    while (builder.size() + value_bytes + 12 <= batch_bytes) {
      builder.append({.timestamp = 1'700'000'000'000, .key = {}, .value = values[next++ % values.size()], .headers = {}});
    }
    batches.push_back(builder.seal());
  }
  return batches;
}

std::size_t bytes_in(const std::vector<Slice>& batches) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < batches_a_run; ++i) bytes += batches[i % batches.size()].size();
  return bytes;
}

template <class Work>
double megabytes_a_second(std::size_t bytes, Work work) {
  const double began = seconds_on(CLOCK_MONOTONIC);
  work();
  return static_cast<double>(bytes) / mega / (seconds_on(CLOCK_MONOTONIC) - began);
}

// What an append costs at least: the checksum, a look at each record's header, one copy into memory that is there already.
class AppendFloor {
 public:
  AppendFloor() : ring_(ring_bytes) {}

  void run(const std::vector<Slice>& batches, Codec codec) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < batches_a_run; ++i) {
      const Slice& batch = batches[i % batches.size()];
      const RecordBatch parsed = RecordBatch::first(batch).value();
      CHECK(parsed.crc_matches());
      Slice records = batch.from(protocol::batch_header_size);
      if (codec != Codec::none) records = protocol::decompress(codec, records).value();
      protocol::RecordWalk walk(records.view(), parsed.header().records_count);
      while (walk.next()) {
      }
      CHECK(walk.sound());
      if (at + batch.size() > ring_.size()) at = 0;
      std::memcpy(ring_.data() + at, batch.data(), batch.size());
      at += batch.size();
    }
  }

 private:
  std::vector<std::byte> ring_;
};

// As a leader does it for a topic without demands.
void append_all(Log& log, const std::vector<Slice>& batches) {
  constexpr std::int16_t produce_version = 9;
  constexpr std::int64_t now = 0;  // any time is early enough
  broker::TopicConfig topic;
  topic.timestamp_after_max = std::chrono::milliseconds::max();
  broker::BatchValidator validator;
  for (std::size_t i = 0; i < batches_a_run; ++i) {
    const auto sent = broker::batch_of_request(batches[i % batches.size()], produce_version);
    CHECK(sent);
    const auto valid = validator.validate(*sent, topic, broker::AppendOrigin::client, now);
    CHECK(valid && log.append(valid->batch, epoch));
  }
}

class Folder {
 public:
  explicit Folder(const std::string& parent)
      : path_(std::filesystem::path(parent) / fmt::format("acklab-bench-storage-{}", getpid())) {
    std::error_code error;
    std::filesystem::create_directories(path_, error);
    if (error) throw std::runtime_error(fmt::format("{}: {}", path_.string(), error.message()));
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string fresh() { return path_ / fmt::format("log-{}", number_++); }

 private:
  std::filesystem::path path_;
  int number_ = 0;
};

// The pages of a file leave memory: the next read comes from the disk.
void forget_pages(const std::filesystem::path& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  CHECK(file >= 0);
  fdatasync(file);
  posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  close(file);
}

std::vector<std::filesystem::path> log_files(const std::string& root) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() == ".log") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

BenchLine appending(const BenchLogOptions& options, Codec codec) {
  BenchLine line{.what = fmt::format("append, {}, in memory", name(codec)),
                 .unit = "MB/s",
                 .peer = codec == Codec::none ? "checksum, walk, one copy" : "checksum, decompression, walk, one copy",
                 .ours = {},
                 .theirs = {},
                 .aim = "at least 0.77"};
  const std::vector<Slice> batches = batches_of(codec);
  const std::size_t bytes = bytes_in(batches);
  AppendFloor floor;
  const auto append = [&] {
    storage::SimDisk disk(protocol::Random(1));
    Log log = Log::open(disk, "bench-0", {}).value();
    return megabytes_a_second(bytes, [&] { append_all(log, batches); });
  };
  // Both into memory that was written before: a log that keeps to its retention gets what it has let go.
  floor.run(batches, codec);
  append();
  measure_pairs(line, options.pairs, append, [&] { return megabytes_a_second(bytes, [&] { floor.run(batches, codec); }); });
  return line;
}

// Files in the page cache; the floor copies as many bytes within memory.
std::vector<BenchLine> on_files(const BenchLogOptions& options, Folder& folder) {
  const std::vector<Slice> batches = batches_of(Codec::none);
  const std::size_t bytes = bytes_in(batches);
  AppendFloor floor;
  BenchLine append{
      .what = "append, none, to a file", .unit = "MB/s", .peer = "checksum, walk, one copy", .ours = {}, .theirs = {}, .aim = ""};
  measure_pairs(
      append, options.pairs,
      [&] {
        storage::RealDisk disk(folder.fresh());
        Log log = Log::open(disk, "bench-0", {}).value();
        return megabytes_a_second(bytes, [&] { append_all(log, batches); });
      },
      [&] { return megabytes_a_second(bytes, [&] { floor.run(batches, Codec::none); }); });

  storage::RealDisk disk(folder.fresh());
  Log log = Log::open(disk, "bench-0", {}).value();
  append_all(log, batches);
  const std::vector<std::byte> source(ring_bytes, std::byte{1});
  BenchLine read{.what = "sequential read of 1 MiB each, from a file in the page cache",
                 .unit = "MB/s",
                 .peer = "memcpy into fresh memory",
                 .ours = {},
                 .theirs = {},
                 .aim = "at least 0.7"};
  const auto read_all = [&] {
    for (Offset at = log.start(); at < log.end();) at = log.read(at, log.end(), read_bytes, true).value().next_offset;
  };
  read_all();  // the machine below a virtual one may have to find the pages of the cache when they are read first
  measure_pairs(
      read, options.pairs, [&] { return megabytes_a_second(bytes, read_all); },
      [&] {
        return megabytes_a_second(source.size(), [&] {
          for (std::size_t at = 0; at < source.size(); at += read_bytes) {
            protocol::MutableBuffer copy(read_bytes);
            std::memcpy(copy.span().data(), source.data() + at, read_bytes);
          }
        });
      });
  return {append, read};
}

// A log too large to be in memory: offsets drawn at random, their pages not in memory.
BenchLine looking_up(const BenchLogOptions& options, Folder& folder) {
  constexpr int lookups = 200;
  const std::string root = folder.fresh();
  storage::RealDisk disk(root);
  Log log = Log::open(disk, "bench-0", {}).value();
  const std::vector<Slice> batches = batches_of(Codec::none);
  const auto target = static_cast<std::uint64_t>(options.lookup_gigabytes * 1e9);
  const auto rounds = static_cast<std::int64_t>(target / bytes_in(batches)) + 1;
  Progress progress("writing the log to look up in", rounds, options.quiet);
  for (std::int64_t round = 0; round < rounds; ++round) {
    append_all(log, batches);
    progress.advance();
    if (options.interrupted && *options.interrupted) return {};
  }
  CHECK(log.flush());
  const std::vector<std::filesystem::path> files = log_files(root);

  protocol::Random random(1);
  BenchLine line{.what = fmt::format("lookup in {:.0f} GB, not in memory", options.lookup_gigabytes),
                 .unit = "us",
                 .peer = "one read of a page that is not in memory",
                 .ours = {},
                 .theirs = {},
                 .aim = "at most 2"};
  const auto cold = [&](auto one) {
    std::vector<double> times;
    for (const auto& file : files) forget_pages(file);
    for (int i = 0; i < lookups; ++i) {
      const double began = seconds_on(CLOCK_MONOTONIC);
      one();
      times.push_back((seconds_on(CLOCK_MONOTONIC) - began) * 1e6);
    }
    return median(times);
  };
  measure_pairs(
      line, options.pairs,
      [&] {
        return cold([&] {
          const Offset at = Offset{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(log.end().value)))};
          CHECK(log.read(at, log.end(), 1, true)->next_offset > at);
        });
      },
      [&] {
        return cold([&] {
          constexpr std::size_t page = 4096;
          const auto& path = files[random.below(files.size())];
          const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
          const std::uint64_t pages = std::filesystem::file_size(path) / page;
          char bytes[page];
          CHECK(pread(file, bytes, page, static_cast<off_t>(random.below(pages) * page)) > 0);
          close(file);
        });
      });
  return line;
}

// All of a log, as after a crash before its first flush.
BenchLine recovering(const BenchLogOptions& options, Folder& folder) {
  const std::string root = folder.fresh();
  storage::RealDisk disk(root);
  const std::vector<Slice> batches = batches_of(Codec::none);
  const std::size_t bytes = bytes_in(batches);
  {
    Log log = Log::open(disk, "bench-0", {}).value();
    append_all(log, batches);
  }
  const std::filesystem::path path = log_files(root).front();
  BenchLine line{.what = "recovery of a log that was never flushed",
                 .unit = "MB/s",
                 .peer = "reading the file and its checksum",
                 .ours = {},
                 .theirs = {},
                 .aim = "the disk or the checksum"};
  measure_pairs(
      line, options.pairs,
      [&] {
        return megabytes_a_second(bytes, [&] {
          const Log log = Log::open(disk, "bench-0", {}).value();
          CHECK(log.recovery().bytes_cut == 0);
        });
      },
      [&] {
        return megabytes_a_second(bytes, [&] {
          const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
          std::vector<std::byte> buffer(batch_bytes);
          std::uint32_t sum = 0;
          for (ssize_t got; (got = ::read(file, buffer.data(), buffer.size())) > 0;) {
            sum ^= protocol::crc32c(std::span(buffer).first(static_cast<std::size_t>(got)));
          }
          CHECK(sum != 1);
          close(file);
        });
      });
  return line;
}

}  // namespace

std::vector<BenchLine> bench_log(const BenchLogOptions& options) {
  std::vector<BenchLine> lines;
  const auto stopped = [&] { return options.interrupted && options.interrupted->load(); };
  Folder folder(options.folder);
  for (const Codec codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    if (!stopped()) lines.push_back(appending(options, codec));
  }
  if (!stopped()) {
    for (BenchLine& line : on_files(options, folder)) lines.push_back(std::move(line));
  }
  if (!stopped()) lines.push_back(recovering(options, folder));
  if (!stopped()) lines.push_back(looking_up(options, folder));
  std::erase_if(lines, [](const BenchLine& line) { return line.ours.empty(); });
  return lines;
}

}  // namespace acklab::lab

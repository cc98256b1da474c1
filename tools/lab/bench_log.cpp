#include "tools/lab/bench_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <memory>
#include <stdexcept>

#include "protocol/check.h"
#include "protocol/records/crc32c.h"
#include "protocol/records/record_batch.h"
#include "protocol/records/record_walk.h"
#include "protocol/runtime/random.h"
#include "storage/log.h"
#include "storage/real_disk.h"
#include "storage/sim_disk.h"
#include "tools/lab/bench_append.h"
#include "tools/lab/bench_log_growth.h"
#include "tools/lab/clock.h"
#include "tools/lab/progress.h"

namespace acklab::lab {
namespace {

using protocol::Codec;
using protocol::Offset;
using protocol::RecordBatch;
using protocol::Slice;
using storage::Log;

constexpr std::size_t batches_a_run = 4096;  // 64 MiB
constexpr std::size_t ring_bytes = 64u << 20;
constexpr std::size_t read_bytes = 1u << 20;

constexpr double mega = 1e6;

std::size_t bytes_in(const std::vector<Slice>& batches) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < batches_a_run; ++i) bytes += batches[i % batches.size()].size();
  return bytes;
}

void append_all(Log& log, const std::vector<Slice>& batches) { append_batches(log, batches, batches_a_run); }

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
  const std::vector<Slice> batches = bench_batches(codec);
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
std::vector<BenchLine> on_files(const BenchLogOptions& options, BenchFolder& folder) {
  const std::vector<Slice> batches = bench_batches(Codec::none);
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

  const std::string root = folder.fresh();
  storage::RealDisk disk(root);
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
  // What the kernel's part of it is: in files that were written in small pieces it copies page by page.
  BenchLine bare = read;
  bare.peer = "bare reads of the same file";
  bare.aim = "";
  bare.ours.clear();
  bare.theirs.clear();
  const int file = open(log_files(root).front().c_str(), O_RDONLY | O_CLOEXEC);
  CHECK(file >= 0);
  measure_pairs(
      bare, options.pairs, [&] { return megabytes_a_second(bytes, read_all); },
      [&] {
        return megabytes_a_second(bytes, [&] {
          for (std::size_t at = 0; at < bytes; at += read_bytes) {
            protocol::MutableBuffer copy(read_bytes);
            CHECK(pread(file, copy.span().data(), read_bytes, static_cast<off_t>(at)) > 0);
          }
        });
      });
  close(file);
  return {append, read, bare};
}

// A log too large to be in memory: offsets drawn at random, their pages not in memory.
BenchLine looking_up(const BenchLogOptions& options, BenchFolder& folder) {
  constexpr int lookups = 200;
  const std::string root = folder.fresh();
  storage::RealDisk disk(root);
  Log log = Log::open(disk, "bench-0", {}).value();
  const std::vector<Slice> batches = bench_batches(Codec::none);
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
BenchLine recovering(const BenchLogOptions& options, BenchFolder& folder) {
  const std::string root = folder.fresh();
  storage::RealDisk disk(root);
  const std::vector<Slice> batches = bench_batches(Codec::none);
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
          std::vector<std::byte> buffer(bench_batch_bytes);
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

BenchLogResult bench_log(const BenchLogOptions& options) {
  BenchLogResult result;
  const auto stopped = [&] { return options.interrupted && options.interrupted->load(); };
  BenchFolder folder(options.folder);
  for (const Codec codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    if (!stopped()) result.lines.push_back(appending(options, codec));
  }
  if (!stopped()) {
    for (BenchLine& line : on_files(options, folder)) result.lines.push_back(std::move(line));
  }
  if (!stopped()) result.lines.push_back(recovering(options, folder));
  if (!stopped()) result.lines.push_back(looking_up(options, folder));
  if (!stopped()) result.growth = bench_log_growth(options, folder);
  std::erase_if(result.lines, [](const BenchLine& line) { return line.ours.empty(); });
  return result;
}

}  // namespace acklab::lab

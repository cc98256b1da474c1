// What the benchmarks of the log write, and where.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "protocol/records/compression.h"
#include "protocol/wire/slice.h"
#include "storage/log.h"

namespace acklab::lab {

constexpr std::size_t bench_batch_bytes = 16384;     // Kafka's default batch.size
constexpr std::size_t bench_different_batches = 64;  // 1 MiB of them: what a broker receives is in its cache, too

// Batches of 100-byte orders.
std::vector<protocol::Slice> bench_batches(protocol::Codec codec);

// So many of them, in turn, as a leader appends them to a topic without demands.
void append_batches(storage::Log& log, const std::vector<protocol::Slice>& batches, std::size_t count);

// A folder for logs on files, gone with this. Throws std::runtime_error if it cannot be made.
class BenchFolder {
 public:
  explicit BenchFolder(const std::string& parent);
  ~BenchFolder();
  BenchFolder(const BenchFolder&) = delete;
  BenchFolder& operator=(const BenchFolder&) = delete;

  std::string fresh();

 private:
  std::filesystem::path path_;
  int number_ = 0;
};

}  // namespace acklab::lab

#include "tools/lab/bench_append.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>

#include "broker/partition/batch_validation.h"
#include "broker/partition/sent_records.h"
#include "protocol/check.h"
#include "protocol/records/batch_builder.h"
#include "tools/lab/load.h"

namespace acklab::lab {

using protocol::Codec;
using protocol::Slice;

std::vector<Slice> bench_batches(Codec codec) {
  constexpr std::size_t value_bytes = 100;
  const std::vector<std::string> values = sized_orders(value_bytes, 20'000);
  std::vector<Slice> batches;
  std::size_t next = 0;
  for (std::size_t i = 0; i < bench_different_batches; ++i) {
    protocol::BatchBuilder builder(codec);
    while (builder.size() + value_bytes + 12 <= bench_batch_bytes) {
      builder.append({.timestamp = 1'700'000'000'000, .key = {}, .value = values[next++ % values.size()], .headers = {}});
    }
    batches.push_back(builder.seal());
  }
  return batches;
}

void append_batches(storage::Log& log, const std::vector<Slice>& batches, std::size_t count) {
  constexpr std::int16_t produce_version = 9;
  constexpr std::int64_t now = 0;  // any time is early enough
  constexpr protocol::LeaderEpoch epoch{0};
  broker::TopicConfig topic;
  topic.timestamp_after_max = std::chrono::milliseconds::max();
  broker::BatchValidator validator;
  for (std::size_t i = 0; i < count; ++i) {
    const auto sent = broker::batch_of_request(batches[i % batches.size()], produce_version);
    CHECK(sent);
    const auto valid = validator.validate(*sent, topic, broker::AppendOrigin::client, now);
    CHECK(valid && log.append(valid->batch, epoch));
  }
}

BenchFolder::BenchFolder(const std::string& parent)
    : path_(std::filesystem::path(parent) / fmt::format("acklab-bench-storage-{}", getpid())) {
  std::error_code error;
  std::filesystem::create_directories(path_, error);
  if (error) throw std::runtime_error(fmt::format("{}: {}", path_.string(), error.message()));
}

BenchFolder::~BenchFolder() { std::filesystem::remove_all(path_); }

std::string BenchFolder::fresh() { return path_ / fmt::format("log-{}", number_++); }

}  // namespace acklab::lab

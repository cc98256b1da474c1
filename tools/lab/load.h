// A load on a producer, over real sockets, and what it measured: what `perf`, the benchmarks and the lesson's first experiment share.
// Application threads hand records over as fast as the producer takes them, or at a rate.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "producer/config.h"
#include "producer/metrics.h"
#include "producer/snapshot.h"
#include "protocol/runtime/node.h"

namespace acklab::lab {

enum class Sending {
  async,  // the next record goes as soon as the producer took the last
  sync,   // the next record goes when the last has its outcome
};

struct LoadOptions {
  std::vector<protocol::Address> bootstrap;
  producer::ProducerConfig producer;
  std::string topic;
  std::vector<std::string> values;  // sent in turn, over and over; if there are none, the numbers of the records
  std::int64_t records = 0;
  Sending sending = Sending::async;
  double rate = 0;  // records a second, of all threads together; 0: as fast as possible
  int threads = 1;
  std::uint64_t seed = 1;
  const std::atomic<bool>* interrupted = nullptr;  // ends the sending when it becomes true; may be null
};

// Since the load began, or since the last window.
struct LoadWindow {
  std::int64_t records = 0;  // with an outcome
  std::int64_t bytes = 0;    // of their values
  double seconds = 0;
  double mean_latency_ms = 0;
  double max_latency_ms = 0;
};

struct LoadResult {
  std::int64_t sent = 0;        // records that the producer took
  std::int64_t refused = 0;     // that found no room for max.block.ms
  std::int64_t bytes = 0;       // of the values sent
  double seconds = 0;           // from the first send to the last outcome
  double cpu_seconds = 0;       // of the whole process meanwhile
  double node_cpu_seconds = 0;  // of the producer's own thread
  producer::ProducerMetrics metrics;
  std::vector<producer::Metric> snapshot;  // the same by Kafka's names

  std::int64_t delivered() const { return metrics.records_sent; }
  double records_a_second() const { return seconds > 0 ? static_cast<double>(delivered()) / seconds : 0; }
};

// `window` is called every `window_seconds` while it lasts.
LoadResult run_load(const LoadOptions& options, double window_seconds, const std::function<void(const LoadWindow&)>& window);

// A value of so many letters, as Kafka's own tool sends them; different for each number.
std::string random_letters(std::size_t size, std::uint64_t number);
// So many JSON orders, each cut to that size: they compress as real data does.
std::vector<std::string> sized_orders(std::size_t size, std::size_t count);

}  // namespace acklab::lab

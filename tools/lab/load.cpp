#include "tools/lab/load.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <thread>

#include "producer/threaded_producer.h"
#include "protocol/runtime/asio_world.h"
#include "protocol/runtime/random.h"
#include "tools/lab/clock.h"
#include "tools/lab/workload.h"

namespace acklab::lab {

using Clock = std::chrono::steady_clock;
using producer::ThreadedProducer;

namespace {

double seconds_since(Clock::time_point began) { return std::chrono::duration<double>(Clock::now() - began).count(); }

// Written by the producer's thread alone, read by another: plain loads and stores.
struct Told {
  std::atomic<std::int64_t> records{0};
  std::atomic<std::int64_t> latency_sum{0};
  std::atomic<std::int64_t> latency_max{0};  // of the window; the reader sets it back

  void take(const producer::Outcome& outcome) {
    constexpr auto relaxed = std::memory_order_relaxed;
    const std::int64_t latency = outcome.latency.count();
    records.store(records.load(relaxed) + 1, relaxed);
    latency_sum.store(latency_sum.load(relaxed) + latency, relaxed);
    if (latency > latency_max.load(relaxed)) latency_max.store(latency, relaxed);
  }
};

// One application thread: every `step`-th record from `first` on.
struct Application {
  const LoadOptions& options;
  ThreadedProducer& producer;
  Told& told;
  Clock::time_point began;
  std::int64_t first;
  std::int64_t step;
  std::int64_t sent = 0;
  std::int64_t refused = 0;
  std::int64_t bytes = 0;

  void run() {
    std::string digits;
    producer::ProducerRecordView record;
    record.topic = options.topic;
    for (std::int64_t number = first; number < options.records; number += step) {
      if (options.interrupted && options.interrupted->load(std::memory_order_relaxed)) return;
      if (options.rate > 0) wait_until_due(number);
      if (options.values.empty()) {
        digits = std::to_string(number);
        record.value = digits;
      } else {
        record.value = options.values[static_cast<std::size_t>(number) % options.values.size()];
      }
      if (send(record)) {
        ++sent;
        bytes += static_cast<std::int64_t>(record.value->size());
      } else {
        ++refused;
      }
    }
  }

  // False if there was no room for it.
  bool send(const producer::ProducerRecordView& record) {
    std::promise<void> ended;
    const bool sync = options.sending == Sending::sync;
    const auto sent = producer.send(record, [told = &told, ended = sync ? &ended : nullptr](const producer::Outcome& outcome) {
      told->take(outcome);
      if (ended) ended->set_value();
    });
    if (sync && sent) ended.get_future().wait();
    return sent.has_value();
  }

  // Sleeps in steps of a millisecond, as Kafka's tool does: what comes due meanwhile leaves together.
  void wait_until_due(std::int64_t number) const {
    const auto due =
        began + std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(number) * 1e9 / options.rate));
    const auto now = Clock::now();
    if (due > now) std::this_thread::sleep_for(std::max<Clock::duration>(due - now, std::chrono::milliseconds(1)));
  }
};

// Waits for the applications, and tells of each window meanwhile.
class Watcher {
 public:
  Watcher(Told& told, double mean_value_bytes, Clock::time_point began)
      : told_(told), mean_value_bytes_(mean_value_bytes), window_began_(began) {}

  LoadWindow next() {
    const std::int64_t records = told_.records.load() - records_;
    const std::int64_t latency = told_.latency_sum.load() - latency_;
    LoadWindow window;
    window.records = records;
    window.bytes = static_cast<std::int64_t>(static_cast<double>(records) * mean_value_bytes_);
    window.seconds = seconds_since(window_began_);
    window.mean_latency_ms = records == 0 ? 0 : static_cast<double>(latency) / static_cast<double>(records) / 1e6;
    window.max_latency_ms = static_cast<double>(told_.latency_max.exchange(0)) / 1e6;
    records_ += records;
    latency_ += latency;
    window_began_ = Clock::now();
    return window;
  }

 private:
  Told& told_;
  double mean_value_bytes_;
  Clock::time_point window_began_;
  std::int64_t records_ = 0;
  std::int64_t latency_ = 0;
};

double mean_size(const LoadOptions& options) {
  if (options.values.empty()) return static_cast<double>(std::to_string(options.records).size());
  double bytes = 0;
  for (const std::string& value : options.values) bytes += static_cast<double>(value.size());
  return bytes / static_cast<double>(options.values.size());
}

}  // namespace

LoadResult run_load(const LoadOptions& options, double window_seconds, const std::function<void(const LoadWindow&)>& window) {
  constexpr auto node = protocol::NodeId::client(0);
  protocol::AsioWorld world({.seed = options.seed, .unread_entries = 1024});
  ThreadedProducer producer(world, node, options.bootstrap, options.producer);
  double node_cpu = 0;
  world.ask(node, [&] { node_cpu = seconds_on(CLOCK_THREAD_CPUTIME_ID); });

  Told told;
  const double cpu = seconds_on(CLOCK_PROCESS_CPUTIME_ID);
  const Clock::time_point began = Clock::now();
  Watcher watcher(told, mean_size(options), began);

  std::vector<Application> applications;
  for (int i = 0; i < options.threads; ++i) applications.push_back({options, producer, told, began, i, options.threads});
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  std::thread sender([&] {
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < applications.size(); ++i)
      threads.emplace_back([&application = applications[i]] { application.run(); });
    applications.front().run();
    for (std::thread& thread : threads) thread.join();
    producer.flush(std::chrono::hours(24));
    const std::lock_guard lock(mutex);
    done = true;
    changed.notify_all();
  });
  {
    std::unique_lock lock(mutex);
    const std::chrono::duration<double> wait(window_seconds);
    while (!changed.wait_for(lock, wait, [&] { return done; })) window(watcher.next());
  }
  sender.join();

  LoadResult result;
  result.seconds = seconds_since(began);
  result.cpu_seconds = seconds_on(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  world.ask(node, [&] { result.node_cpu_seconds = seconds_on(CLOCK_THREAD_CPUTIME_ID) - node_cpu; });
  result.metrics = producer.metrics();
  result.snapshot = producer.snapshot();
  for (const Application& application : applications) {
    result.sent += application.sent;
    result.refused += application.refused;
    result.bytes += application.bytes;
  }
  return result;
}

std::string random_letters(std::size_t size, std::uint64_t number) {
  protocol::Random random = protocol::Random::stream(0, "letters", static_cast<std::int64_t>(number));
  std::string letters(size, 'A');
  for (char& letter : letters) letter = static_cast<char>('A' + random.below(26));
  return letters;
}

std::vector<std::string> sized_orders(std::size_t size, std::size_t count) {
  std::vector<std::string> lines;
  const Values orders = Values::generated(1);
  std::int64_t next = 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::string& line = lines.emplace_back();
    while (line.size() < size) line += orders.value(next++ * 7919);  // numbers that do not look like their neighbours
    line.resize(size);
  }
  return lines;
}

}  // namespace acklab::lab

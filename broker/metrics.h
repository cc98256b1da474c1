// What brokers and controller count, beside the code that does the work. A node writes, the control plane reads from another thread
// whenever it is asked; nothing decides anything by these numbers. They belong to the cluster and not to a node, so that counters go on
// growing through a node's death, as Prometheus expects of them.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <span>

#include "protocol/error_code.h"
#include "protocol/runtime/time.h"

namespace acklab::broker {

// Written by one thread at a time, the node's: so a plain load and store will do, which costs no more than a member would.
class Counter {
 public:
  void add(std::int64_t more = 1) { value_.store(value() + more, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

class Gauge {
 public:
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

class TimeHistogram {
 public:
  static constexpr std::array<double, 13> bounds_ms = {0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000};

  void observe(protocol::Duration time) {
    std::size_t bucket = 0;
    while (bucket < bounds_ms.size() && protocol::in_milliseconds(time) > bounds_ms[bucket]) ++bucket;
    buckets_[bucket].add();
    sum_ns_.add(time.count());
  }
  // By bucket, not cumulative; the last one is beyond all bounds.
  std::array<std::int64_t, bounds_ms.size() + 1> counts() const {
    std::array<std::int64_t, bounds_ms.size() + 1> all{};
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = buckets_[i].value();
    return all;
  }
  double sum_ms() const { return protocol::in_milliseconds(protocol::Duration(sum_ns_.value())); }

 private:
  std::array<Counter, bounds_ms.size() + 1> buckets_;
  Counter sum_ns_;
};

// Of one API.
struct RequestMetrics {
  static constexpr std::int16_t versions = 32;
  static constexpr std::int16_t first_code = static_cast<std::int16_t>(protocol::ErrorCode::unknown_server_error);
  static constexpr std::int16_t last_code = static_cast<std::int16_t>(protocol::ErrorCode::share_session_limit_reached);

  std::array<Counter, versions> requests;
  // As Kafka counts them: every code in an answer, NONE included.
  std::array<Counter, last_code - first_code + 1> errors;
  TimeHistogram total_time;  // from a request's turn to be served until its answer was handed over

  void count_request(std::int16_t version) {
    if (version >= 0 && version < versions) requests[static_cast<std::size_t>(version)].add();
  }
  void count_error(protocol::ErrorCode code) {
    const auto number = static_cast<std::int16_t>(code);
    if (number >= first_code && number <= last_code) errors[static_cast<std::size_t>(number - first_code)].add();
  }
};

struct BrokerMetrics {
  explicit BrokerMetrics(std::span<const std::int16_t> api_keys) {
    for (const std::int16_t key : api_keys) requests.try_emplace(key);
  }

  std::map<std::int16_t, RequestMetrics> requests;  // by API key; has a row for each API that is served
  Counter messages_in, bytes_in, bytes_out, replication_bytes_out;
  // By partition, as Kafka counts them, not by request.
  Counter produce_requests, failed_produce_requests, fetch_requests, failed_fetch_requests;
  Counter isr_shrinks, isr_expands;
  Gauge partitions, leaders, under_replicated, under_min_isr;
  Gauge connections;
};

struct ControllerMetrics {
  Counter leader_elections;  // a leader was found for a partition that had had another, or none
};

}  // namespace acklab::broker

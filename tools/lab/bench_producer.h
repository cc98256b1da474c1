// Our producer against librdkafka's, in turn, into the same cluster, in one run: only such ratios say anything on a machine that is
// shared. The cluster and each producer are processes of their own, so that the processor time of each is known.
#pragma once

#include <atomic>
#include <string>
#include <vector>

namespace acklab::lab {

struct BenchProducerOptions {
  int pairs = 5;
  double seconds = 1;      // that a run at full speed should last, about
  bool all = false;        // every cell, not only the telling ones
  std::string acklab;      // this program
  std::string librdkafka;  // the program that puts the load on librdkafka
  bool quiet = false;
  const std::atomic<bool>* interrupted = nullptr;
};

// What one producer needed in one run.
struct ProducerRun {
  double records_a_second = 0;
  double cpu_us_per_record = 0;
  double p50_ms = 0;  // of paced runs
  double p99_ms = 0;
  double sink_share = 0;  // of one core, that the cluster used meanwhile
};

// One setting, measured in pairs.
struct ProducerCell {
  int size = 100;  // bytes of a value
  std::string codec = "none";
  std::string acks = "all";
  bool idempotence = false;
  int partitions = 1;
  double rate = 0;  // records a second; 0: as many as possible
  int linger_ms = 5;
  int answer_after_ms = 0;  // how long the broker waits with each answer
  std::vector<ProducerRun> ours;
  std::vector<ProducerRun> theirs;
};

struct BenchProducerResult {
  std::vector<ProducerCell> cells;
  double bare_codec_us[5] = {};  // processor time of the codec alone for each 100-byte record, by codec
  double bare_codec_us_1000[5] = {};
  double loopback_us = 0;  // a round trip of 64 bytes, median
  bool interrupted = false;
};

// Throws std::runtime_error, a line for the user, if a child cannot be run.
BenchProducerResult bench_producer(const BenchProducerOptions& options);

std::string bench_producer_text(const BenchProducerOptions& options, const BenchProducerResult& result);
std::string bench_producer_json(const BenchProducerResult& result);

}  // namespace acklab::lab

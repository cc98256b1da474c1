// acklab produce: lines to records, with kcat's habits, through our own producer, into any Kafka cluster.

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "producer/producer.h"
#include "tools/commands/command.h"
#include "tools/commands/network.h"
#include "tools/lab/json.h"

namespace acklab {
namespace {

// Lines that may be open before reading of the input waits.
constexpr std::int64_t max_open_lines = 20000;
constexpr std::size_t lines_at_a_time = 1000;

// What came of the lines; counted on the producer's thread, read by the command.
struct Tally {
  std::atomic<std::int64_t> told{0};
  std::atomic<std::int64_t> acked{0};
  std::atomic<std::int64_t> unanswered{0};
  std::atomic<std::int64_t> failed{0};
  std::atomic<std::int64_t> unknown{0};
  std::atomic<std::int16_t> code{0};  // of the last one that was not delivered

  void take(const producer::Outcome& outcome) {
    using Kind = producer::Outcome::Kind;
    std::atomic<std::int64_t>& count = outcome.kind == Kind::acked        ? acked
                                       : outcome.kind == Kind::unanswered ? unanswered
                                       : outcome.kind == Kind::failed     ? failed
                                                                          : unknown;
    ++count;
    if (outcome.kind == Kind::failed || outcome.kind == Kind::unknown) code = static_cast<std::int16_t>(outcome.code);
    ++told;
  }
};

struct Produce {
  std::string bootstrap = "127.0.0.1:9092";
  std::string topic;
  int partition = -1;
  std::string key;
  std::string key_delimiter;
  std::vector<std::string> headers;
  std::string codec;
  std::vector<std::string> settings;
  std::vector<std::string> files;
  double timeout = 10;
  bool quiet = false;
  JsonOutput json;

  producer::ProducerRecord record(std::string line, const std::vector<std::pair<std::string, std::string>>& pairs) const {
    producer::ProducerRecord out;
    out.topic = topic;
    if (partition >= 0) out.partition = partition;
    if (!key.empty()) out.key = key;
    const std::size_t at = key_delimiter.empty() ? std::string::npos : line.find(key_delimiter);
    if (at != std::string::npos) {
      out.key = line.substr(0, at);
      line.erase(0, at + key_delimiter.size());
    }
    out.value = std::move(line);
    for (const auto& [name, value] : pairs) out.headers.push_back({name, value});
    return out;
  }

  // The producer itself waits delivery.timeout.ms for a broker or a partition to turn up; a mistyped one should not take two minutes.
  void check_destination() const {
    for (const auto& found : ask_metadata(bootstrap, std::vector{topic}, timeout).topics) {
      if (partition < 0 || found.error_code != protocol::ErrorCode::none) continue;
      const auto is_wanted = [this](const auto& one) { return one.partition_index == partition; };
      if (std::none_of(found.partitions.begin(), found.partitions.end(), is_wanted)) {
        throw BadInput(fmt::format("-p: topic {} has no partition {}; it has {}, counted from 0", topic, partition,
                                   found.partitions.size()));
      }
    }
  }

  void run() {
    std::map<std::string, std::string> set = parse_settings(settings, "-X");
    if (!codec.empty()) set["compression.type"] = codec;
    set.try_emplace("client.id", "acklab-produce");
    const auto config = producer::ProducerConfig::from(set);
    if (!config) throw BadInput("-X, -z: " + config.error());
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const auto& [name, value] : parse_settings(headers, "-H")) pairs.emplace_back(name, value);
    const auto addresses = parse_bootstrap(bootstrap);
    for (const std::string& file : files) {
      // Not by reading, which would take from a pipe what is to be sent. A folder can be opened like a file.
      if (!std::ifstream(file)) throw BadInput(file + ": cannot be read (" + std::strerror(errno) + "); name a text file");
      if (std::filesystem::is_directory(file)) throw BadInput(file + ": is a folder; name a text file");
    }

    check_destination();
    json.begin();

    Tally tally;
    ClientNode<producer::Producer> node(
        [&](protocol::Runtime& runtime) { return std::make_unique<producer::Producer>(runtime, addresses, *config); });
    std::int64_t sent = 0;
    std::vector<producer::ProducerRecord> batch;
    const auto hand_over = [&] {
      if (batch.empty()) return;
      sent += static_cast<std::int64_t>(batch.size());
      node.post([&tally, records = std::move(batch)](producer::Producer& out) mutable {
        for (producer::ProducerRecord& one : records)
          out.send(one, [&tally](const producer::Outcome& outcome) { tally.take(outcome); });
      });
      batch = {};
      node.wait([&] { return sent - tally.told < max_open_lines; }, for_ever);
    };
    const auto read = [&](std::istream& in) {
      for (std::string line; std::getline(in, line);) {
        batch.push_back(record(std::move(line), pairs));
        if (batch.size() >= lines_at_a_time || in.rdbuf()->in_avail() == 0) hand_over();
      }
    };
    if (files.empty()) {
      std::ios::sync_with_stdio(false);
      read(std::cin);
    }
    for (const std::string& file : files) {
      std::ifstream in(file, std::ios::binary);
      read(in);
    }
    hand_over();
    std::atomic<bool> flushed{false};
    node.post([&](producer::Producer& out) { out.flush([&] { flushed = true; }); });
    node.wait([&] { return flushed && tally.told == sent; }, for_ever);

    if (json.wanted()) {
      json.write(fmt::format(R"({{"sent":{},"acked":{},"unanswered":{},"failed":{},"unknown":{}}})", sent, tally.acked.load(),
                             tally.unanswered.load(), tally.failed.load(), tally.unknown.load()));
    }
    if (tally.failed > 0 || tally.unknown > 0) {
      std::fprintf(stderr, "acklab: of %lld records %lld failed and %lld ended unknown (%s)\n", static_cast<long long>(sent),
                   static_cast<long long>(tally.failed), static_cast<long long>(tally.unknown),
                   std::string(protocol::name(static_cast<protocol::ErrorCode>(tally.code.load()))).c_str());
      throw Exit{ExitCode::unexpected};
    }
    if (!quiet && !json.to_stdout()) {
      std::fprintf(stderr, "acklab: %lld records %s\n", static_cast<long long>(sent),
                   config->acks == protocol::Acks::none ? "sent, unanswered" : "acknowledged");
    }
  }
};

}  // namespace

void add_produce(CLI::App& program) {
  auto produce = std::make_shared<Produce>();
  CLI::App* command = program.add_subcommand("produce", "lines of standard input or files to records, into any Kafka cluster");
  command->add_option("-b,--bootstrap-server", produce->bootstrap, "brokers to ask first")
      ->type_name("HOST:PORT,...")
      ->capture_default_str();
  command->add_option("-t,--topic", produce->topic)->required();
  command->add_option("-p,--partition", produce->partition, "default: by key, or sticky without one")
      ->check(CLI::Range(0, INT_MAX));
  command->add_option("-k", produce->key, "the key of every record");
  command->add_option("-K", produce->key_delimiter, "what stands between key and value in a line");
  command->add_option("-H", produce->headers, "a header")->type_name("NAME=VALUE")->allow_extra_args(false);
  command->add_option("-z", produce->codec, "none, gzip, snappy, lz4 or zstd");
  command->add_option("-X", produce->settings, "a producer setting, by Kafka's key")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->add_option("files", produce->files, "files to read instead of standard input");
  command->add_option("--timeout", produce->timeout, "seconds to wait for a broker's first answer")
      ->check(CLI::Range(0.001, max_timeout_seconds))
      ->capture_default_str();
  command->add_flag("-q,--quiet", produce->quiet, "say nothing when all went well");
  produce->json.add_to(*command);
  command->callback([produce] { produce->run(); });
}

}  // namespace acklab

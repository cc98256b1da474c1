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
#include "tools/commands/producer_settings.h"
#include "tools/lab/json.h"

namespace acklab {
namespace {

// Lines that may be open before reading of the input waits.
constexpr std::int64_t max_open_lines = 20000;
constexpr std::size_t lines_at_a_time = 1000;

// A delimiter as a shell passes it: "\t" and "\n" are two characters there.
std::string delimiter_of(const std::string& text) {
  std::string delimiter;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escapes = text[i] == '\\' && i + 1 < text.size();
    const char c = escapes ? text[++i] : text[i];
    delimiter += !escapes ? c : c == 'n' ? '\n' : c == 't' ? '\t' : c == '0' ? '\0' : c;
  }
  return delimiter;
}

// The next message; false at the end of the input. The last one needs no delimiter behind it.
bool read_message(std::istream& in, const std::string& delimiter, std::string& message) {
  message.clear();
  for (std::string part; std::getline(in, part, delimiter.back());) {
    message += part;
    if (in.eof()) return true;
    message += delimiter.back();
    if (message.ends_with(delimiter)) {
      message.resize(message.size() - delimiter.size());
      return true;
    }
  }
  return !message.empty();
}

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
  std::string message_delimiter = "\\n";
  bool empty_is_null = false;
  std::vector<std::string> headers;
  std::string preset;
  std::string codec;
  std::vector<std::string> settings;
  std::vector<std::string> files;
  double timeout = 10;
  bool quiet = false;
  JsonOutput json;

  producer::ProducerRecord record(std::string line, const std::vector<producer::ProducerRecord::Header>& all_headers) const {
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
    if (empty_is_null && out.value->empty()) out.value.reset();
    if (empty_is_null && out.key && out.key->empty()) out.key.reset();
    out.headers = all_headers;
    return out;
  }

  // In the order given, a name as often as it is given; one without a value has null, as in kcat.
  std::vector<producer::ProducerRecord::Header> parse_headers() const {
    std::vector<producer::ProducerRecord::Header> all;
    for (const std::string& header : headers) {
      const std::size_t equals = header.find('=');
      if (header.empty() || equals == 0)
        throw BadInput("-H " + header + ": write NAME=VALUE, or NAME for a header without a value");
      std::optional<std::string> value;
      if (equals != std::string::npos) value = header.substr(equals + 1);
      all.push_back({header.substr(0, equals), value});
    }
    return all;
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
    auto [set, servers] = parse_producer_settings(settings, "-X");
    if (!preset.empty()) set["preset"] = preset;
    if (servers) bootstrap = *servers;
    if (!codec.empty()) set["compression.type"] = codec;
    set.try_emplace("client.id", "acklab-produce");
    const producer::ProducerConfig config = producer_config(set, "-X, -z, --preset");
    const std::vector<producer::ProducerRecord::Header> all_headers = parse_headers();
    key_delimiter = delimiter_of(key_delimiter);
    const std::string between = delimiter_of(message_delimiter);
    if (between.empty()) throw BadInput("-D: a delimiter has at least one character");
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
        [&](protocol::Runtime& runtime) { return std::make_unique<producer::Producer>(runtime, addresses, config); });
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
      for (std::string line; read_message(in, between, line);) {
        batch.push_back(record(std::move(line), all_headers));
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
                   config.acks == protocol::Acks::none ? "sent, unanswered" : "acknowledged");
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
  command->add_option("-D", produce->message_delimiter, "what stands between records")->capture_default_str();
  command->add_flag("-Z", produce->empty_is_null, "an empty value or key is null");
  command->add_option("-H", produce->headers, "a header")->type_name("NAME=VALUE")->allow_extra_args(false);
  command->add_option("-z", produce->codec, "none, gzip, snappy, lz4 or zstd");
  command->add_option("-X", produce->settings, "a producer setting, by Kafka's, librdkafka's or sarama's name")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->add_option("--preset", produce->preset, "throughput, latency or memory; acklab config --preset NAME tells");
  command->add_option("-l,files", produce->files, "files to read instead of standard input");
  command->add_option("--timeout", produce->timeout, "seconds to wait for a broker's first answer")
      ->check(CLI::Range(0.001, max_timeout_seconds))
      ->capture_default_str();
  command->add_flag("-q,--quiet", produce->quiet, "say nothing when all went well");
  produce->json.add_to(*command);
  command->callback([produce] { produce->run(); });
}

}  // namespace acklab

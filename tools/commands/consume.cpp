// acklab consume: records to lines, with kcat's habits, from any Kafka cluster.

#include <climits>
#include <csignal>
#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "tools/commands/command.h"
#include "tools/commands/network.h"
#include "tools/lab/consumer.h"

namespace acklab {
namespace {

std::atomic<bool> stop_requested{false};

struct Consume {
  std::string bootstrap = "127.0.0.1:9092";
  std::string topic;
  int partition = -1;
  std::string start = "beginning";
  std::int64_t count = 0;
  bool exit_at_end = false;
  bool batches = false;
  double timeout = 10;
  std::string format = "%s\\n";

  // State of the reading, on the consumer's thread but for the flags.
  std::int64_t printed = 0;
  std::atomic<bool> finished{false};
  std::atomic<bool> heard{false};
  std::atomic<bool> failed{false};
  std::string problem;

  void print_formatted(const protocol::TopicPartition& place, const protocol::Record& record) const {
    const auto put = [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); };
    for (std::size_t i = 0; i < format.size(); ++i) {
      const char c = format[i];
      const char next = i + 1 < format.size() ? format[i + 1] : '\0';
      if (c == '\\' && next != '\0') {
        std::fputc(next == 'n' ? '\n' : next == 't' ? '\t' : next == '0' ? '\0' : next, stdout);
        ++i;
      } else if (c == '%' && next != '\0') {
        ++i;
        switch (next) {
          case 't':
            put(place.topic);
            break;
          case 'p':
            put(std::to_string(place.partition));
            break;
          case 'o':
            put(std::to_string(record.offset.value));
            break;
          case 'T':
            put(std::to_string(record.timestamp));
            break;
          case 'k':
            put(record.key ? record.key->text() : std::string_view{});
            break;
          case 's':
            put(record.value ? record.value->text() : std::string_view{});
            break;
          case 'K':
            put(std::to_string(record.key ? static_cast<std::int64_t>(record.key->size()) : -1));
            break;
          case 'S':
            put(std::to_string(record.value ? static_cast<std::int64_t>(record.value->size()) : -1));
            break;
          case 'h':
            for (std::size_t h = 0; h < record.headers.size(); ++h) {
              put((h ? "," : "") + record.headers[h].key + "=");
              put(record.headers[h].value ? record.headers[h].value->text() : std::string_view{});
            }
            break;
          default:
            std::fputc(next, stdout);
        }
      } else {
        std::fputc(c, stdout);
      }
    }
  }

  void take(const protocol::TopicPartition& place, const protocol::RecordBatch& batch,
            const std::vector<protocol::Record>& records) {
    heard = true;
    if (finished) return;
    if (batches) {
      const protocol::BatchHeader& header = batch.header();
      const auto codec = protocol::codec_of_bits(header.codec_bits());
      std::printf("%s offset %lld records %d bytes %zu codec %s epoch %d producer %lld epoch %d sequence %d\n",
                  to_string(place).c_str(), static_cast<long long>(header.base_offset.value), header.records_count, batch.size(),
                  codec ? std::string(protocol::name(*codec)).c_str() : "?", header.leader_epoch.value,
                  static_cast<long long>(header.producer_id.value), header.producer_epoch.value, header.base_sequence.value);
    }
    for (const protocol::Record& record : records) {
      if (!batches) print_formatted(place, record);
      if (++printed == count) {
        finished = true;
        return;
      }
    }
  }

  void run() {
    lab::Consumer::Options options;
    options.partition = partition;
    options.stop = exit_at_end ? lab::Consumer::Stop::at_end : lab::Consumer::Stop::never;
    if (start == "beginning") {
      options.start = lab::Consumer::Start::beginning;
    } else if (start == "end") {
      options.start = lab::Consumer::Start::end;
    } else {
      options.start = lab::Consumer::Start::offset;
      try {
        std::size_t used = 0;
        options.offset = {std::stoll(start, &used)};
        if (used != start.size() || options.offset.value < 0) throw std::invalid_argument("");
      } catch (const std::exception&) {
        throw BadInput("-o " + start + ": write beginning, end or an offset");
      }
    }
    const auto addresses = parse_bootstrap(bootstrap);
    lab::Consumer::Events events;
    events.batch = [this](const auto& place, const auto& batch, const auto& records) { take(place, batch, records); };
    events.reached_end = [this](const protocol::TopicPartition&, protocol::Offset) {
      heard = true;
      std::fflush(stdout);
    };
    events.finished = [this] { finished = true; };
    events.problem = [this](const std::string& what) {
      problem = what;
      failed = true;
    };
    std::signal(SIGINT, [](int) { stop_requested = true; });
    std::signal(SIGTERM, [](int) { stop_requested = true; });
    lab::Client::Options client;
    client.client_id = "acklab-consume";
    {
      ClientNode<lab::Consumer> node([&](protocol::Runtime& runtime) {
        return std::make_unique<lab::Consumer>(runtime, addresses, topic, options, events, client);
      });
      const auto over = [this] { return finished || failed || stop_requested; };
      const auto limit = protocol::Duration(static_cast<std::int64_t>(timeout * 1e9));
      // The end of an empty partition is silent in a wait for more, so only a missing broker or topic ends the command early.
      if (exit_at_end) {
        while (!over()) {
          if (!node.wait([&] { return over() || heard.exchange(false); }, limit)) {
            no_answer(bootstrap, timeout);
          }
        }
      } else {
        node.wait(over, for_ever);
      }
    }
    std::fflush(stdout);
    if (failed) throw BadInput(problem);
    if (stop_requested) throw Exit{ExitCode::interrupted};
  }
};

}  // namespace

void add_consume(CLI::App& program) {
  auto consume = std::make_shared<Consume>();
  CLI::App* command = program.add_subcommand("consume", "records to lines, from any Kafka cluster");
  command->add_option("-b,--bootstrap-server", consume->bootstrap, "brokers to ask first")
      ->type_name("HOST:PORT,...")
      ->capture_default_str();
  command->add_option("-t,--topic", consume->topic)->required();
  command->add_option("-p,--partition", consume->partition, "default: all")->check(CLI::Range(0, INT_MAX));
  command->add_option("-o", consume->start, "where to begin: beginning, end, or an offset")->capture_default_str();
  command->add_option("-c", consume->count, "stop after so many records; 0: do not")
      ->check(CLI::Range(std::int64_t{0}, INT64_MAX));
  command->add_flag("-e", consume->exit_at_end, "stop at the end that each partition has now");
  command
      ->add_option("-f", consume->format,
                   "how to print: %t topic, %p partition, %o offset, %k key, %s value, %T timestamp, %h headers, %K %S sizes")
      ->capture_default_str();
  command->add_flag("--batches", consume->batches,
                    "one line for each batch as the broker stores it: offset, records, bytes, codec, producer");
  command->add_option("--timeout", consume->timeout, "seconds without an answer after which -e gives up")
      ->check(CLI::Range(0.001, max_timeout_seconds))
      ->capture_default_str();
  command->callback([consume] { consume->run(); });
}

}  // namespace acklab

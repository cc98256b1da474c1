// acklab consume: records to lines, with kcat's habits, from any Kafka cluster.

#include <array>
#include <charconv>
#include <climits>
#include <csignal>
#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "protocol/nearest.h"
#include "tools/commands/command.h"
#include "tools/commands/network.h"
#include "tools/lab/consumer.h"

namespace acklab {
namespace {

std::atomic<bool> stop_requested{false};

// A reader for each topic, or for each partition of it that was named.
struct Readers {
  std::vector<std::unique_ptr<lab::Consumer>> all;
};

struct Consume {
  std::string bootstrap = "127.0.0.1:9092";
  std::vector<std::string> topics;
  std::vector<int> partitions;
  std::string start = "beginning";
  std::int64_t count = 0;
  bool exit_at_end = false;
  bool batches = false;
  bool envelope = false;
  bool quiet = false;  // as it is anyway: scripts that were written for kcat say it
  std::vector<std::string> settings;
  double timeout = 10;
  std::string format = "%s\\n";

  // State of the reading, on the consumer's thread but for the flags.
  std::int64_t printed = 0;
  std::size_t reading = 0;  // readers that have not reached their end
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
              put(record.headers[h].value ? record.headers[h].value->text() : std::string_view{"NULL"});
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

  // kcat's, but for the broker that answered, which a reader does not know.
  static void print_envelope(const protocol::TopicPartition& place, const protocol::RecordBatch& batch,
                             const protocol::Record& record) {
    using Json = nlohmann::ordered_json;
    const auto text = [](const auto& bytes) { return bytes ? Json(bytes->text()) : Json(nullptr); };
    Json json = {{"topic", place.topic},
                 {"partition", place.partition},
                 {"offset", record.offset.value},
                 {"tstype", batch.header().log_append_time() ? "logappend" : "create"},
                 {"ts", record.timestamp}};
    if (!record.headers.empty()) {
      Json headers = Json::array();
      for (const auto& header : record.headers) {
        headers.push_back(header.key);
        headers.push_back(text(header.value));
      }
      json["headers"] = headers;
    }
    json["key"] = text(record.key);
    json["payload"] = text(record.value);
    std::puts(json.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
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
      if (envelope) {
        print_envelope(place, batch, record);
      } else if (!batches) {
        print_formatted(place, record);
      }
      if (++printed == count) {
        finished = true;
        return;
      }
    }
  }

  // kcat's: beginning, end, an offset, -N before the end, or s@MILLISECONDS.
  lab::Consumer::Options start_options() const {
    using Start = lab::Consumer::Start;
    lab::Consumer::Options options;
    options.stop = exit_at_end ? lab::Consumer::Stop::at_end : lab::Consumer::Stop::never;
    if (start == "beginning" || start == "end") {
      options.start = start == "end" ? Start::end : Start::beginning;
      return options;
    }
    const bool by_time = start.starts_with("s@");
    const std::string digits = by_time ? start.substr(2) : start;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size() || number == INT64_MIN || (by_time && number < 0)) {
      throw BadInput("-o " + start + ": write beginning, end, an offset, -N for the last N, or s@MILLISECONDS for a time");
    }
    options.start = by_time ? Start::timestamp : number < 0 ? Start::tail : Start::offset;
    if (by_time) {
      options.timestamp = number;
    } else if (number < 0) {
      options.tail = -number;
    } else {
      options.offset = {number};
    }
    return options;
  }

  // What a reader has of a consumer's settings.
  void apply(lab::Consumer::Options& options, lab::Client::Options& client) {
    for (const auto& [key, value] : parse_settings(settings, "-X")) {
      const auto number = [&, &key = key, &value = value] {
        std::int32_t read = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), read);
        if (error == std::errc{} && end == value.data() + value.size() && read >= 0) return read;
        throw BadInput("-X " + key + "=" + value + ": write a whole number");
      };
      if (key == "bootstrap.servers" || key == "metadata.broker.list") {
        bootstrap = value;
      } else if (key == "client.id") {
        client.client_id = value;
      } else if (key == "fetch.max.wait.ms" || key == "fetch.wait.max.ms") {
        options.max_wait_ms = number();
      } else if (key == "max.partition.fetch.bytes" || key == "fetch.message.max.bytes") {
        options.max_bytes = number();
      } else {
        constexpr std::array<std::string_view, 4> known = {"bootstrap.servers", "client.id", "fetch.max.wait.ms",
                                                           "max.partition.fetch.bytes"};
        throw BadInput(
            fmt::format("-X {}: no such setting of this reader; did you mean \"{}\"?", key, protocol::nearest(key, known)));
      }
    }
  }

  void run() {
    lab::Consumer::Options options = start_options();
    lab::Client::Options client;
    client.client_id = "acklab-consume";
    apply(options, client);
    const auto addresses = parse_bootstrap(bootstrap);
    lab::Consumer::Events events;
    events.batch = [this](const auto& place, const auto& batch, const auto& records) { take(place, batch, records); };
    events.reached_end = [this](const protocol::TopicPartition&, protocol::Offset) {
      heard = true;
      std::fflush(stdout);
    };
    events.finished = [this] { finished = --reading == 0 || finished; };
    events.problem = [this](const std::string& what) {
      problem = what;
      failed = true;
    };
    std::signal(SIGINT, [](int) { stop_requested = true; });
    std::signal(SIGTERM, [](int) { stop_requested = true; });
    if (partitions.empty()) partitions.push_back(-1);  // all
    reading = topics.size() * partitions.size();
    {
      ClientNode<Readers> node([&](protocol::Runtime& runtime) {
        auto readers = std::make_unique<Readers>();
        for (const std::string& topic : topics) {
          for (const int partition : partitions) {
            options.partition = partition;
            readers->all.push_back(std::make_unique<lab::Consumer>(runtime, addresses, topic, options, events, client));
          }
        }
        return readers;
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
  command->add_option("-t,--topic", consume->topics, "one or more")->delimiter(',')->required()->allow_extra_args(false);
  command->add_option("-p,--partition", consume->partitions, "one or more; default: all")
      ->delimiter(',')
      ->check(CLI::Range(0, INT_MAX))
      ->allow_extra_args(false);
  command
      ->add_option("-o", consume->start,
                   "where to begin: beginning, end, an offset, -N for the last N of each partition, or s@MILLISECONDS for a time")
      ->capture_default_str();
  command->add_flag("-J", consume->envelope, "a JSON object for each record, as kcat prints it");
  command->add_flag("-q", consume->quiet, "quiet: nothing but records, which is so anyway");
  command->add_option("-X", consume->settings, "a setting of the reader, by Kafka's or librdkafka's name")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
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

// acklab topics: list, describe and create topics on any Kafka cluster.

#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "tools/commands/command.h"
#include "tools/commands/network.h"
#include "tools/lab/admin.h"

namespace acklab {
namespace {

struct Topics {
  std::string bootstrap = "127.0.0.1:9092";
  double timeout = 10;
  std::string name;
  int partitions = -1;
  int replicas = -1;
  std::vector<std::string> set;

  protocol::Duration limit() const { return protocol::Duration(static_cast<std::int64_t>(timeout * 1e9)); }

  ClientNode<lab::Admin> connect() const {
    const auto addresses = parse_bootstrap(bootstrap);
    return ClientNode<lab::Admin>(
        [addresses](protocol::Runtime& runtime) { return std::make_unique<lab::Admin>(runtime, addresses); });
  }

  protocol::MetadataResponse metadata(std::optional<std::vector<std::string>> topics) const {
    return ask_metadata(bootstrap, std::move(topics), timeout);
  }

  void list() const {
    for (const auto& topic : metadata(std::nullopt).topics) std::printf("%s\n", topic.name.value_or("").c_str());
  }

  void describe() const {
    const auto response = metadata(name.empty() ? std::nullopt : std::optional(std::vector{name}));
    const auto ids = [](const std::vector<std::int32_t>& all) { return fmt::format("{}", fmt::join(all, ",")); };
    for (const auto& topic : response.topics) {
      if (topic.error_code != protocol::ErrorCode::none) {
        throw BadInput(fmt::format("topic {}: {}; acklab topics list -b {} names those that exist", topic.name.value_or(""),
                                   protocol::name(topic.error_code), bootstrap));
      }
      for (const auto& partition : topic.partitions) {
        std::printf("Topic: %s\tPartition: %d\tLeader: %s\tReplicas: %s\tIsr: %s\n", topic.name.value_or("").c_str(),
                    partition.partition_index, partition.leader_id < 0 ? "none" : std::to_string(partition.leader_id).c_str(),
                    ids(partition.replica_nodes).c_str(), ids(partition.isr_nodes).c_str());
      }
    }
  }

  void create() const {
    const lab::NewTopic topic{name, partitions, replicas, parse_settings(set, "--set")};
    std::atomic<bool> done{false};
    std::string error;
    ClientNode<lab::Admin> admin = connect();  // ends before what it writes to
    admin.ask([&](lab::Admin& client) {
      client.create(topic, [&](protocol::Result<void, std::string> result) {
        if (!result) error = result.error();
        done = true;
      });
    });
    if (!admin.wait([&] { return done.load(); }, limit())) no_answer(bootstrap, timeout);
    if (!error.empty()) throw BadInput(error);
    std::printf("Created topic %s.\n", name.c_str());
  }
};

}  // namespace

void add_topics(CLI::App& program) {
  auto topics = std::make_shared<Topics>();
  CLI::App* command = program.add_subcommand("topics", "list, describe and create topics on any Kafka cluster");
  command->require_subcommand(1);
  const auto common = [topics](CLI::App* one) {
    one->add_option("-b,--bootstrap-server", topics->bootstrap, "brokers to ask first")
        ->type_name("HOST:PORT,...")
        ->capture_default_str();
    one->add_option("--timeout", topics->timeout, "seconds to wait for an answer")
        ->check(CLI::Range(0.001, max_timeout_seconds))
        ->capture_default_str();
    return one;
  };
  common(command->add_subcommand("list", "the names of all topics"))->callback([topics] { topics->list(); });
  CLI::App* describe = common(command->add_subcommand("describe", "leader, replicas and in-sync replicas of each partition"));
  describe->add_option("topic", topics->name, "only this one");
  describe->callback([topics] { topics->describe(); });
  CLI::App* create = common(command->add_subcommand("create", "make a topic"));
  create->add_option("topic", topics->name)->required();
  create->add_option("--partitions", topics->partitions, "default: the broker's num.partitions")->check(CLI::Range(1, 10000));
  create->add_option("--replicas,--replication-factor", topics->replicas, "default: the broker's default.replication.factor")
      ->check(CLI::Range(1, 64));
  create->add_option("--set,--config", topics->set, "a topic setting, by Kafka's key")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  create->callback([topics] { topics->create(); });
}

}  // namespace acklab

// acklab topics: list, describe, create, alter, grow and delete topics on any Kafka cluster.

#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "tools/commands/command.h"
#include "tools/commands/network.h"
#include "tools/lab/admin.h"
#include "tools/lab/table.h"

namespace acklab {
namespace {

using Json = nlohmann::ordered_json;
using protocol::MetadataResponse;

// Kafka's ConfigSource, in words.
std::string_view source_name(std::int8_t source) {
  switch (source) {
    case 1:
      return "topic";
    case 2:
      return "broker, at run time";
    case 3:
      return "all brokers, at run time";
    case 4:
      return "broker, at its start";
    case 5:
      return "default";
    default:
      return "unknown";
  }
}

struct Topics {
  std::string bootstrap = "127.0.0.1:9092";
  double timeout = 10;
  std::string name;
  int partitions = -1;
  int replicas = -1;
  std::vector<std::string> set;
  std::vector<std::string> unset;
  JsonOutput json;

  protocol::Duration limit() const { return protocol::Duration(static_cast<std::int64_t>(timeout * 1e9)); }

  // Begins something that ends with a result, and waits for it.
  template <class Value>
  Value finish(const std::function<void(lab::Admin&, std::function<void(protocol::Result<Value, std::string>)>)>& begin) const {
    const auto addresses = parse_bootstrap(bootstrap);
    std::atomic<bool> done{false};
    protocol::Result<Value, std::string> outcome;
    // Ends before what it writes to.
    ClientNode<lab::Admin> admin(
        [addresses](protocol::Runtime& runtime) { return std::make_unique<lab::Admin>(runtime, addresses); });
    admin.ask([&](lab::Admin& client) {
      begin(client, [&](protocol::Result<Value, std::string> result) {
        outcome = std::move(result);
        done = true;
      });
    });
    if (!admin.wait([&] { return done.load(); }, limit())) no_answer(bootstrap, timeout);
    if (!outcome) throw BadInput(outcome.error());
    if constexpr (!std::is_void_v<Value>) return *std::move(outcome);
  }

  MetadataResponse metadata(std::optional<std::vector<std::string>> topics) const {
    return ask_metadata(bootstrap, std::move(topics), timeout);
  }

  void list() {
    json.begin();
    Json names = Json::array();
    for (const auto& topic : metadata(std::nullopt).topics) {
      names.push_back(topic.name.value_or(""));
      if (!json.to_stdout()) std::printf("%s\n", topic.name.value_or("").c_str());
    }
    if (json.wanted()) json.write(names.dump());
  }

  static Json to_json(const MetadataResponse::Topic& topic) {
    Json partitions = Json::array();
    for (const auto& partition : topic.partitions) {
      partitions.push_back({{"partition", partition.partition_index},
                            {"leader", partition.leader_id},
                            {"replicas", partition.replica_nodes},
                            {"isr", partition.isr_nodes}});
    }
    return {{"topic", topic.name.value_or("")}, {"partitions", partitions}};
  }

  static void print(const MetadataResponse::Topic& topic) {
    const auto ids = [](const std::vector<std::int32_t>& all) { return fmt::format("{}", fmt::join(all, ",")); };
    for (const auto& partition : topic.partitions) {
      std::printf("Topic: %s\tPartition: %d\tLeader: %s\tReplicas: %s\tIsr: %s\n", topic.name.value_or("").c_str(),
                  partition.partition_index, partition.leader_id < 0 ? "none" : std::to_string(partition.leader_id).c_str(),
                  ids(partition.replica_nodes).c_str(), ids(partition.isr_nodes).c_str());
    }
  }

  void describe() {
    json.begin();
    const auto response = metadata(name.empty() ? std::nullopt : std::optional(std::vector{name}));
    Json all = Json::array();
    for (const auto& topic : response.topics) {
      if (topic.error_code != protocol::ErrorCode::none) {
        throw BadInput(fmt::format("topic {}: {}; acklab topics list -b {} names those that exist", topic.name.value_or(""),
                                   protocol::name(topic.error_code), bootstrap));
      }
      all.push_back(to_json(topic));
      if (!json.to_stdout()) print(topic);
    }
    if (json.wanted()) json.write(all.dump());
  }

  void create() const {
    const lab::NewTopic topic{name, partitions, replicas, parse_settings(set, "--set")};
    finish<void>([&](lab::Admin& admin, auto done) { admin.create(topic, std::move(done)); });
    std::printf("Created topic %s.\n", name.c_str());
  }

  void remove() const {
    finish<void>([&](lab::Admin& admin, auto done) { admin.remove(name, std::move(done)); });
    std::printf("Deleted topic %s.\n", name.c_str());
  }

  void add_partitions() const {
    finish<void>([&](lab::Admin& admin, auto done) { admin.add_partitions(name, partitions, std::move(done)); });
    std::printf("Topic %s has %d partitions now.\n", name.c_str(), partitions);
  }

  void alter() const {
    const auto settings = parse_settings(set, "--set");
    if (settings.empty() && unset.empty()) throw BadInput("topics alter: nothing to alter; name --set KEY=VALUE or --unset KEY");
    finish<void>([&](lab::Admin& admin, auto done) { admin.alter(name, settings, unset, std::move(done)); });
    std::printf("Altered topic %s.\n", name.c_str());
  }

  void show_config() {
    json.begin();
    const auto keys = finish<std::vector<lab::Admin::Described>>(
        [&](lab::Admin& admin, auto done) { admin.describe_config(name, std::move(done)); });
    lab::Table table({"KEY", "VALUE", "FROM"});
    Json all = Json::array();
    for (const auto& key : keys) {
      table.row({key.name, key.value.value_or(""), std::string(source_name(key.config_source))});
      all.push_back(
          {{"key", key.name}, {"value", key.value ? Json(*key.value) : Json()}, {"from", source_name(key.config_source)}});
    }
    if (!json.to_stdout()) std::fputs(table.text().c_str(), stdout);
    if (json.wanted()) json.write(all.dump());
  }
};

}  // namespace

void add_topics(CLI::App& program) {
  auto topics = std::make_shared<Topics>();
  CLI::App* command =
      program.add_subcommand("topics", "list, describe, create, alter, grow and delete topics on any Kafka cluster");
  command->require_subcommand(1);
  const auto add = [topics, command](const std::string& verb, const std::string& what, void (*run)(Topics&)) {
    CLI::App* one = command->add_subcommand(verb, what);
    one->add_option("-b,--bootstrap-server", topics->bootstrap, "brokers to ask first")
        ->type_name("HOST:PORT,...")
        ->capture_default_str();
    one->add_option("--timeout", topics->timeout, "seconds to wait for an answer")
        ->check(CLI::Range(0.001, max_timeout_seconds))
        ->capture_default_str();
    one->callback([topics, run] { run(*topics); });
    return one;
  };
  const auto add_settings = [topics](CLI::App* one) {
    one->add_option("--set,--config", topics->set, "a topic setting, by Kafka's key")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
  };

  topics->json.add_to(*add("list", "the names of all topics", [](Topics& all) { all.list(); }));
  CLI::App* describe =
      add("describe", "leader, replicas and in-sync replicas of each partition", [](Topics& all) { all.describe(); });
  describe->add_option("topic", topics->name, "only this one");
  topics->json.add_to(*describe);
  CLI::App* config =
      add("config", "each setting of a topic, and where its value comes from", [](Topics& all) { all.show_config(); });
  config->add_option("topic", topics->name)->required();
  topics->json.add_to(*config);

  CLI::App* create = add("create", "make a topic", [](Topics& all) { all.create(); });
  create->add_option("topic", topics->name)->required();
  create->add_option("--partitions", topics->partitions, "default: the broker's num.partitions")->check(CLI::Range(1, 10000));
  create->add_option("--replicas,--replication-factor", topics->replicas, "default: the broker's default.replication.factor")
      ->check(CLI::Range(1, 64));
  add_settings(create);
  CLI::App* alter = add("alter", "give settings to a topic, or take them back", [](Topics& all) { all.alter(); });
  alter->add_option("topic", topics->name)->required();
  add_settings(alter);
  alter->add_option("--unset", topics->unset, "a setting that the topic is to have no longer, by Kafka's key")
      ->type_name("KEY")
      ->allow_extra_args(false);
  CLI::App* grow = add("add-partitions", "give a topic more partitions", [](Topics& all) { all.add_partitions(); });
  grow->add_option("topic", topics->name)->required();
  grow->add_option("--partitions", topics->partitions, "how many there are to be, the old ones too")
      ->required()
      ->check(CLI::Range(1, 10000));
  CLI::App* remove = add("delete", "remove a topic and all its records", [](Topics& all) { all.remove(); });
  remove->add_option("topic", topics->name)->required();
}

}  // namespace acklab

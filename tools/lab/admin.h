// Makes, lists, alters and removes topics on any Kafka cluster.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "protocol/messages/create_topics.h"
#include "protocol/messages/describe_configs.h"
#include "tools/lab/client.h"

namespace acklab::lab {

struct NewTopic {
  std::string name;
  int partitions = -1;  // -1: the broker's num.partitions
  int replicas = -1;    // -1: the broker's default.replication.factor
  std::map<std::string, std::string> set;
  // On a cluster that does not offer CreateTopics: let it create the topic because it is asked for, in its own way.
  bool may_be_auto_created = false;
};

class Admin {
 public:
  Admin(protocol::Runtime& runtime, std::vector<protocol::Address> bootstrap, Client::Options options = {});

  // Done when the cluster has the topic and each partition a leader. Asks again while no broker answers. The error is a line.
  void create(const NewTopic& topic, std::function<void(protocol::Result<void, std::string>)> done);

  // Nothing: all topics.
  void describe(std::optional<std::vector<std::string>> topics, Client::MetadataAnswer answer);

  // Each once, at any broker that answers. The error is a line that names the topic.
  using Done = std::function<void(protocol::Result<void, std::string>)>;
  void remove(const std::string& topic, Done done);
  void add_partitions(const std::string& topic, int count, Done done);  // until there are so many
  // `set` is given to the topic, `unset` taken back.
  void alter(const std::string& topic, const std::map<std::string, std::string>& set, const std::vector<std::string>& unset,
             Done done);
  using Described = protocol::DescribeConfigsResponse::Config;
  void describe_config(const std::string& topic, std::function<void(protocol::Result<std::vector<Described>, std::string>)> done);

  int rounds_in_vain() const { return client_.rounds_in_vain(); }

 private:
  template <class Answer, class Request>
  void ask(const std::string& topic, const Request& request, std::function<void(protocol::Result<Answer, std::string>)> done);
  void send(const protocol::CreateTopicsRequest& request, bool repeated, bool may_be_auto_created,
            std::function<void(protocol::Result<void, std::string>)> done);
  void wait_for_leaders(const std::string& name, Client::Missing missing,
                        std::function<void(protocol::Result<void, std::string>)> done);

  Client client_;
  std::unique_ptr<protocol::Timer> timer_;
};

}  // namespace acklab::lab

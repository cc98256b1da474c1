// Makes and lists topics on any Kafka cluster.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "protocol/messages/create_topics.h"
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

  int rounds_in_vain() const { return client_.rounds_in_vain(); }

 private:
  void send(const protocol::CreateTopicsRequest& request, bool repeated, bool may_be_auto_created,
            std::function<void(protocol::Result<void, std::string>)> done);
  void wait_for_leaders(const std::string& name, Client::Missing missing,
                        std::function<void(protocol::Result<void, std::string>)> done);

  Client client_;
  std::unique_ptr<protocol::Timer> timer_;
};

}  // namespace acklab::lab

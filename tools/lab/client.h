// What the lab's own clients share: metadata from any reachable broker, and one channel to each broker. It works against any Kafka
// cluster; it takes no shortcut into ours.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/messages/metadata.h"
#include "protocol/runtime/request_channel.h"
#include "protocol/runtime/runtime.h"

namespace acklab::lab {

class Client {
 public:
  struct Options {
    std::string client_id = "acklab";
    protocol::Duration request_timeout = std::chrono::seconds(5);
    protocol::Duration retry_backoff = std::chrono::milliseconds(100);
  };

  Client(protocol::Runtime& runtime, std::vector<protocol::Address> bootstrap, Options options);

  // Asks one broker after the other until one answers; nothing asks for all topics. `none_answered` counts whole rounds in vain.
  using MetadataAnswer = std::function<void(const protocol::MetadataResponse&)>;
  enum class Missing { report, create };  // what a broker shall do about a topic that does not exist; it may decline
  void metadata(std::optional<std::vector<std::string>> topics, MetadataAnswer answer, Missing missing = Missing::report);
  int rounds_in_vain() const { return rounds_in_vain_; }

  // The channel to a broker of the last metadata, made anew if the old one failed; nothing if that broker is not known.
  protocol::RequestChannel* broker(std::int32_t node_id);
  // The channel to any broker, for requests that every broker serves.
  protocol::RequestChannel& any();

  protocol::Runtime& runtime() { return runtime_; }
  const Options& options() const { return options_; }

 private:
  protocol::RequestChannel& channel(const protocol::Address& address);
  void ask(std::size_t attempt, std::shared_ptr<protocol::MetadataRequest> request, MetadataAnswer answer);
  std::vector<protocol::Address> candidates() const;

  protocol::Runtime& runtime_;
  std::vector<protocol::Address> bootstrap_;
  Options options_;
  std::map<std::int32_t, protocol::Address> brokers_;
  std::map<protocol::Address, std::unique_ptr<protocol::RequestChannel>> channels_;
  std::unique_ptr<protocol::Timer> retry_;
  std::size_t next_ = 0;
  int rounds_in_vain_ = 0;
};

}  // namespace acklab::lab

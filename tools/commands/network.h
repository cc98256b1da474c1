// What the commands that talk over real sockets share.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/messages/metadata.h"
#include "protocol/runtime/asio_world.h"
#include "protocol/runtime/node.h"
#include "protocol/runtime/world.h"

namespace acklab {

// "HOST:PORT,HOST:PORT"; throws BadInput.
std::vector<protocol::Address> parse_bootstrap(const std::string& text);

// "KEY=VALUE" items into a map; throws BadInput that names the option.
std::map<std::string, std::string> parse_settings(const std::vector<std::string>& items, const std::string& option);

// Random bits from the system, for what must differ between runs of a real client.
std::uint64_t system_seed();

// One client node in the real world, for the length of a command.
template <class T>
class ClientNode final {
 public:
  static constexpr protocol::NodeId node = protocol::NodeId::client(0);

  template <class Make>
  explicit ClientNode(Make make) : world_({.seed = system_seed()}) {
    world_.start(node, [this, make](protocol::Runtime& runtime) {
      auto process = std::make_unique<Process>();
      process->value = make(runtime);
      value_ = process->value.get();
      return process;
    });
    world_.ask(node, [] {});  // it has booted
  }
  ~ClientNode() { world_.kill(node); }

  // On the node's thread; returns when done.
  void ask(std::function<void(T&)> task) {
    world_.ask(node, [&] { task(*value_); });
  }
  void post(std::function<void(T&)> task) {
    world_.post(node, [this, task = std::move(task)] { task(*value_); });
  }
  // False after `limit`.
  bool wait(const std::function<bool()>& done, protocol::Duration limit) { return world_.run_until(done, world_.now() + limit); }

 private:
  struct Process final : protocol::Process {
    std::unique_ptr<T> value;
  };
  protocol::AsioWorld world_;
  T* value_ = nullptr;
};

// What --timeout takes at most: a day.
inline constexpr double max_timeout_seconds = 86400;

// Throws the BadInput of a cluster that does not answer.
[[noreturn]] void no_answer(const std::string& bootstrap, double seconds);

// What a cluster knows of topics, or of all if none are named; creates none. Throws BadInput if no broker answers in time.
protocol::MetadataResponse ask_metadata(const std::string& bootstrap, std::optional<std::vector<std::string>> topics,
                                        double seconds);

// Commands wait for a person or a pipe, so "for ever" is a time.
inline constexpr protocol::Duration for_ever = std::chrono::hours(24 * 365);

}  // namespace acklab

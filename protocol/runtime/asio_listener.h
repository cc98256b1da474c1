// Accepts connections at a port that is reserved for the node.
#pragma once

#include <functional>
#include <memory>

#include "protocol/runtime/asio_node.h"

namespace acklab::protocol {

// Without a state, in the hands of a dead node, it does nothing.
class AsioListener final : public Listener {
 public:
  using Accepted = std::function<void(std::unique_ptr<Connection>)>;

  AsioListener() = default;
  // `port` belongs to the node, and nobody listens there yet.
  AsioListener(AsioNode& node, std::shared_ptr<AsioLife> life, ReservedPort& port, Accepted accepted);
  ~AsioListener() override;
  AsioListener(const AsioListener&) = delete;
  AsioListener& operator=(const AsioListener&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace acklab::protocol

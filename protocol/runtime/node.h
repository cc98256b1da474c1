// A node is what can be killed: a broker, the controller, a client. It is single-threaded, owns all it touches, and meets other
// nodes only through connections.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "protocol/types.h"

namespace acklab::protocol {

struct NodeId {
  // Broker i is node i. The others have ranges of their own, so that a node's number tells what it is.
  static constexpr std::int32_t controller_number = 1000;
  static constexpr std::int32_t first_client = 2000;
  static constexpr std::int32_t first_stranger = 1'000'000;

  std::int32_t value = -1;

  friend constexpr auto operator<=>(const NodeId&, const NodeId&) = default;

  static constexpr NodeId broker(BrokerId id) { return {id.value}; }
  static constexpr NodeId controller() { return {controller_number}; }
  static constexpr NodeId client(std::int32_t index) { return {first_client + index}; }
  // The other end of a connection whose node is not of this world: each connection has a stranger of its own. Links to it can fail
  // as others do; it cannot be started, asked or killed.
  static constexpr NodeId stranger(std::int32_t index) { return {first_stranger + index}; }

  constexpr bool known() const { return value >= 0; }
  constexpr bool is_broker() const { return value >= 0 && value < controller_number; }
  constexpr bool is_controller() const { return value == controller_number; }
  constexpr bool is_client() const { return value >= first_client && value < first_stranger; }
  constexpr bool is_stranger() const { return value >= first_stranger; }
};

// "broker 2", "controller", "client 0", "stranger 3": how stories and error messages name a node.
std::string to_string(NodeId node);

// Where a listener can be reached. In the simulator the host is the node's name ("broker-2"), over sockets an IP address.
struct Address {
  std::string host;
  std::uint16_t port = 0;

  friend auto operator<=>(const Address&, const Address&) = default;
  friend bool operator==(const Address&, const Address&) = default;
};

std::string to_string(const Address& address);  // "127.0.0.1:9092"

}  // namespace acklab::protocol

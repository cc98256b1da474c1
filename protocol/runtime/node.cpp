#include "protocol/runtime/node.h"

namespace acklab::protocol {

std::string to_string(NodeId node) {
  if (node.is_broker()) return "broker " + std::to_string(node.value);
  if (node.is_controller()) return "controller";
  if (node.is_client()) return "client " + std::to_string(node.value - NodeId::first_client);
  if (node.is_stranger()) return "stranger " + std::to_string(node.value - NodeId::first_stranger);
  return "nobody";
}

std::string to_string(const Address& address) { return address.host + ":" + std::to_string(address.port); }

}  // namespace acklab::protocol

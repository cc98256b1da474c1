#include "protocol/runtime/asio_directory.h"

namespace acklab::protocol {
namespace {

NodeId find(const std::map<std::uint16_t, NodeId>& ports, std::uint16_t port) {
  const auto found = ports.find(port);
  return found == ports.end() ? NodeId{} : found->second;
}

}  // namespace

void AsioDirectory::listens(std::uint16_t port, NodeId node) {
  const std::lock_guard lock(mutex_);
  listeners_[port] = node;
}

NodeId AsioDirectory::listener_at(std::uint16_t port) const {
  const std::lock_guard lock(mutex_);
  return find(listeners_, port);
}

void AsioDirectory::connects(std::uint16_t port, NodeId node) {
  const std::lock_guard lock(mutex_);
  connectors_[port] = node;
}

void AsioDirectory::hung_up(std::uint16_t port) {
  const std::lock_guard lock(mutex_);
  connectors_.erase(port);
}

NodeId AsioDirectory::connector_at(std::uint16_t port) const {
  const std::lock_guard lock(mutex_);
  return find(connectors_, port);
}

void AsioDirectory::power_lost(NodeId node) {
  const std::lock_guard lock(mutex_);
  without_power_.insert(node);
}

void AsioDirectory::power_back(NodeId node) {
  const std::lock_guard lock(mutex_);
  without_power_.erase(node);
}

bool AsioDirectory::has_power(NodeId node) const {
  const std::lock_guard lock(mutex_);
  return !without_power_.contains(node);
}

}  // namespace acklab::protocol

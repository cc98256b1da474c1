// Who is meant by a fault, by name; resolved when the fault fires.
#pragma once

#include <string>
#include <string_view>

#include "protocol/result.h"
#include "protocol/types.h"

namespace acklab::broker {

using protocol::Result;

//   broker:2   controller   leader:orders-0   followers:orders-0   client:ID   partition:orders-0 (for elections)
//   killed (all that are dead)   paused (all that stand still)   all (all usable brokers)
struct Target {
  enum class Kind { none, broker, controller, leader, followers, client, partition, killed, paused, all };
  Kind kind = Kind::none;
  protocol::BrokerId broker{};
  protocol::TopicPartition partition;  // of leader, followers and partition
  std::string client;                  // client.id

  // The error is a line for the user.
  static Result<Target, std::string> parse(std::string_view text);
  friend bool operator==(const Target&, const Target&) = default;
};
std::string to_string(const Target& target);

// The two ends of a link:
//   link:1>2              what broker 1 sends to broker 2
//   link:1<>2             both directions
//   link:leader:orders-0<>followers:orders-0     any targets that are nodes; a bare number is a broker
struct LinkTarget {
  Target from, to;
  bool one_way = false;

  static constexpr std::string_view prefix = "link:";
  static Result<LinkTarget, std::string> parse(std::string_view text);
  friend bool operator==(const LinkTarget&, const LinkTarget&) = default;
};
std::string to_string(const LinkTarget& link);

}  // namespace acklab::broker

// Topics that clients asked about and that do not exist: created in the background with the broker's defaults, each asked for once at a
// time (auto.create.topics.enable).
#pragma once

#include <set>
#include <string>

#include "broker/controller/controller_link.h"

namespace acklab::broker {

class TopicCreation {
 public:
  // One client may ask about a million names at once. Those beyond the limit are created when it asks again.
  static constexpr std::size_t max_under_way = 100;

  explicit TopicCreation(ControllerLink& controller) : controller_(controller) {}
  TopicCreation(const TopicCreation&) = delete;
  TopicCreation& operator=(const TopicCreation&) = delete;

  void create(const std::string& name);

 private:
  ControllerLink& controller_;
  std::set<std::string> under_way_;
};

}  // namespace acklab::broker

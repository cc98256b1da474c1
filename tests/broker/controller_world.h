// A controller and bare brokers, each nothing but its link to the controller, in the simulator.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/controller/controller.h"
#include "broker/controller/controller_link.h"
#include "protocol/messages/create_topics.h"
#include "protocol/runtime/sim_world.h"
#include "storage/sim_disk.h"

namespace acklab::broker {

class ControllerWorld {
 public:
  explicit ControllerWorld(std::uint64_t seed = 1)
      : world_({.seed = seed, .network = {}}), disk_(protocol::Random::stream(seed, "disk", 1000)) {
    controller_address_ = world_.reserve(controller(), 9000).value();
    config_.session_timeout = std::chrono::milliseconds(1500);
    config_.heartbeat_interval = std::chrono::milliseconds(300);
  }

  static protocol::NodeId controller() { return protocol::NodeId::controller(); }
  static protocol::NodeId node(int broker) { return protocol::NodeId::broker({broker}); }

  protocol::SimWorld& world() { return world_; }
  storage::SimDisk& disk() { return disk_; }
  const protocol::Address& controller_address() const { return controller_address_; }
  const BrokerConfig& config() const { return config_; }

  void start_controller() { start_controller(disk_); }
  void start_controller(storage::Disk& disk) {
    world_.start(controller(), [this, &disk](protocol::Runtime& runtime) {
      return std::make_unique<Controller>(
          runtime, disk, ControllerOptions{.listen = controller_address_, .config = config_, .metrics = &metrics_});
    });
  }
  void kill_controller() {
    disk_.kill();
    world_.kill(controller());
    disk_.revive();
  }
  void power_loss() {
    disk_.power_loss();
    world_.power_off(controller());
    disk_.revive();
  }

  void start_broker(int id) {
    world_.start(node(id), [this, id](protocol::Runtime& runtime) { return std::make_unique<BareBroker>(*this, runtime, id); });
  }
  void start(int brokers) {
    start_controller();
    for (int id = 0; id < brokers; ++id) start_broker(id);
  }
  ControllerLink& link(int broker) { return *links_.at(broker); }
  const MetadataImage& image(int broker) { return link(broker).image(); }
  int changes(int broker) const { return changes_.at(broker); }

  bool until(const std::function<bool()>& done, protocol::Duration limit = std::chrono::seconds(30)) {
    return world_.run_until(done, world_.now() + limit);
  }
  // All brokers that live know that exactly these are usable.
  bool all_know_usable(std::vector<int> expected) {
    for (const auto& [broker, link] : links_) {
      std::vector<int> usable;
      for (const auto& [id, registration] : link->image().brokers) {
        if (!registration.fenced) usable.push_back(id.value);
      }
      if (usable != expected) return false;
    }
    return true;
  }
  // All images that live are at one offset and equal.
  bool images_agree() {
    for (const auto& [broker, link] : links_) {
      if (link->image() != links_.begin()->second->image()) return false;
    }
    return true;
  }

  // Sends through a broker's link and waits for the answer.
  protocol::Result<protocol::CreateTopicsResponse, protocol::ChannelFault> create_topic(int broker, const std::string& name,
                                                                                        int partitions, int replicas) {
    protocol::CreateTopicsRequest request;
    request.topics = {{name, partitions, static_cast<std::int16_t>(replicas), {}, {}}};
    return ask<protocol::CreateTopicsResponse>(broker, [&](ControllerLink& link, auto completion) {
      link.forward<protocol::CreateTopicsRequest, protocol::CreateTopicsResponse>(request, std::move(completion));
    });
  }
  // The controller is there and heard by everyone.
  bool all_learn_of_a_new_topic(const std::string& name) {
    bool created = false;
    for (int attempt = 0; attempt < 100 && !created; ++attempt) {
      const auto answer = create_topic(links_.begin()->first, name, 1, 1);
      const auto code = answer ? answer->topics[0].error_code : protocol::ErrorCode::unknown_server_error;
      created = code == protocol::ErrorCode::none || code == protocol::ErrorCode::topic_already_exists;
      if (!created) world_.run_for(std::chrono::milliseconds(100));
    }
    return created && until([&] {
             for (const auto& [broker, link] : links_) {
               if (link->image().find_topic(name) == nullptr) return false;
             }
             return true;
           });
  }
  template <class Answer, class Send>
  protocol::Result<Answer, protocol::ChannelFault> ask(int broker, const Send& send) {
    std::optional<protocol::Result<Answer, protocol::ChannelFault>> result;
    world_.ask(node(broker), [&] { send(link(broker), [&](auto answer) { result = std::move(answer); }); });
    until([&] { return result.has_value(); });
    return result.value();
  }

  std::vector<protocol::Entry> noted(protocol::Event event) {
    std::vector<protocol::Entry> entries;
    for (const protocol::Entry& entry : world_.journal().entries()) {
      if (entry.event == event) entries.push_back(entry);
    }
    return entries;
  }

 private:
  class BareBroker final : public protocol::Process {
   public:
    BareBroker(ControllerWorld& cluster, protocol::Runtime& runtime, int id) : cluster_(cluster), id_(id) {
      link_ = std::make_unique<ControllerLink>(runtime,
                                               ControllerLinkOptions{.broker = {id},
                                                                     .controller = cluster.controller_address_,
                                                                     .advertised = {"broker-" + std::to_string(id), 9092},
                                                                     .config = cluster.config_},
                                               [this] { ++cluster_.changes_[id_]; });
      cluster_.links_[id_] = link_.get();
    }
    ~BareBroker() override { cluster_.links_.erase(id_); }

   private:
    ControllerWorld& cluster_;
    int id_;
    std::unique_ptr<ControllerLink> link_;
  };

  std::map<int, ControllerLink*> links_;  // of brokers that live
  std::map<int, int> changes_;
  BrokerConfig config_;
  ControllerMetrics metrics_;
  protocol::SimWorld world_;
  storage::SimDisk disk_;
  protocol::Address controller_address_;
};

}  // namespace acklab::broker

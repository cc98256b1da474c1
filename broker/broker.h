// One broker: its listener and sessions, its replicas, its followers' fetchers, its link to the controller. A shell: what it decides is
// in the small machines it owns.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "broker/config.h"
#include "broker/faults/request_fault.h"
#include "broker/metrics.h"
#include "protocol/era.h"
#include "protocol/runtime/runtime.h"
#include "protocol/runtime/world.h"
#include "storage/disk.h"

namespace acklab::broker {

struct BrokerOptions {
  protocol::BrokerId id{};
  protocol::Address listen;  // of the client listener; advertised as it is
  protocol::Address controller;
  BrokerConfig config;
  protocol::Era era = protocol::newest_era();
  RequestHook request_hook{};     // may be empty
  std::function<void()> ended{};  // called, on its own turn, after a controlled shutdown: nothing is left to do
  // Called, on its own turn, when its disk has failed and it can go on no more; says why.
  std::function<void(std::string)> halted{};
  std::string log_directory = "/memory";  // as DescribeLogDirs names it
  BrokerMetrics* metrics = nullptr;       // outlives the broker
  std::function<void(std::string)>
      log{};  // a line for each connection that the broker ended, and for each log that was recovered; may be empty
};

class Broker final : public protocol::Process {
 public:
  Broker(protocol::Runtime& runtime, storage::Disk& disk, BrokerOptions options);
  ~Broker() override;

  // Controlled shutdown: hands its leaderships over, with the controller's help, serves until that is done, flushes its logs and ends.
  // For ever, if the controller cannot be reached; a second call changes nothing. On the node's turn.
  void shut_down();
  // Ends at once, in good order: closes its logs and tells nobody. For the end of a whole cluster. On the node's turn.
  void close();

  // Of the replica here; on the node's turn.
  protocol::Result<protocol::Offset> high_watermark(const protocol::TopicPartition& partition);

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace acklab::broker

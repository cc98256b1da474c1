// Follows one leader: a connection to that broker and a loop of Fetch requests for all partitions that we follow it in, each from our
// log's end on. What comes is appended; where the histories part the log is cut first (KIP-320, KIP-595). A partition with an error
// rests for replica.fetch.backoff.ms while the others go on.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "broker/config.h"
#include "broker/controller/controller_link.h"
#include "broker/partition/partition.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/runtime/request_channel.h"
#include "protocol/runtime/runtime.h"

namespace acklab::broker {

class ReplicaFetcher {
 public:
  // `touched` is called for each partition that was changed. All references outlive it.
  ReplicaFetcher(protocol::Runtime& runtime, const ControllerLink& controller, BrokerId self, BrokerId leader,
                 protocol::Address address, const BrokerConfig& config, std::function<void(Partition&)> touched);
  ReplicaFetcher(const ReplicaFetcher&) = delete;
  ReplicaFetcher& operator=(const ReplicaFetcher&) = delete;

  const protocol::Address& address() const { return address_; }
  // Joins the next round; the round under way may take up to replica.fetch.wait.max.ms. Again for a new leader epoch.
  void follow(Partition& partition, const Uuid& topic);
  void leave(const PartitionKey& key);
  bool idle() const { return followed_.empty(); }

 private:
  // One partition that is followed here.
  struct Followed {
    Partition* partition = nullptr;
    Uuid topic;
    LeaderEpoch epoch{};  // in which it is followed; answers to questions of another one are void
    std::optional<protocol::Time> rests_until;
    bool fenced = false;         // the leader knows a newer epoch: nothing to do until the metadata says so too
    bool finding_range = false;  // our end lies outside the leader's log; its borders are being asked for
  };
  // Whom a question was about. A topic of the same name may have come after it, and the leader's epochs begin anew then.
  struct Subject {
    PartitionKey key;
    Uuid topic;
    LeaderEpoch epoch{};
  };
  // What one round asked for.
  struct Asked {
    Subject subject;
    Offset from{};
  };

  void go_on();
  void connect();
  void disconnected();
  void fetch();
  void fetched(const std::vector<Asked>& asked, const protocol::FetchResponse& response);
  void fetched_partition(Followed& followed, const protocol::FetchResponse::Partition& answer);
  void find_range(Followed& followed);
  void ask_offset(const Subject& subject, std::int64_t timestamp, std::function<void(Followed&, Offset)> found);
  void rest(Followed& followed);
  // Nothing if it is not followed any more, or not in that epoch.
  Followed* find(const Subject& subject);

  protocol::Runtime& runtime_;
  const ControllerLink& controller_;  // knows which incarnation we are
  BrokerId self_;
  BrokerId leader_;
  protocol::Address address_;
  const BrokerConfig& config_;
  std::function<void(Partition&)> touched_;

  std::map<PartitionKey, Followed> followed_;
  PartitionKey first_of_next_round_;  // partitions take turns at the head of a request, which is served first
  std::unique_ptr<protocol::RequestChannel> channel_;
  bool fetching_ = false;  // a round is under way
  std::unique_ptr<protocol::Timer> wake_;
};

}  // namespace acklab::broker

// What the controller decides: requests and the ends of sessions in; answers, and records to be written, out. Pure: it knows no
// time, no disk and no connection. The shell around it (controller.cpp) makes the records durable before it sends an answer.
//
// A broker's life, as in KRaft (KIP-631):
//
//     registers            its metadata has reached its own registration
//   ------------> fenced ------------------------------------------------> usable
//                   ^                                                        |
//                   +--------------------------------------------------------+
//                   |     no heartbeat for broker.session.timeout.ms         | wants to shut down, and leads something
//                   |                                                        v
//                   +------------------------------------------------- shutting down
//                      the others know who leads instead of it
//
// A broker that wants to shut down leads nothing any more from that moment: every partition has another leader, if there is one. It is
// told that it may end when all others know of that, so that none of them turns to a broker that is gone.
//
// A broker id belongs to one incarnation at a time. While the session of the previous one lives, a new one is refused with
// DUPLICATE_BROKER_REGISTRATION: the controller cannot tell a quick restart from two machines with the same id. So a broker that
// was killed comes back, at the earliest, when its old session has ended.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "broker/config.h"
#include "broker/controller/decide.h"
#include "broker/controller/election.h"
#include "broker/controller/metadata_image.h"
#include "protocol/messages/allocate_producer_ids.h"
#include "protocol/messages/alter_configs.h"
#include "protocol/messages/alter_partition.h"
#include "protocol/messages/broker_heartbeat.h"
#include "protocol/messages/broker_registration.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/elect_leaders.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/runtime/journal.h"

namespace acklab::broker {

class ClusterState {
 public:
  // `draw_topic_id` is called once for each topic that is created.
  ClusterState(BrokerConfig at_start, std::function<Uuid()> draw_topic_id);

  // With everything that was decided, durable or not yet.
  const MetadataImage& image() const { return image_; }

  // What was decided since the last take(): the records, and what the journal is to say about them.
  struct Change {
    protocol::Entry entry;  // without the number of the topic
    std::string topic;      // empty: none
  };
  struct Decision {
    std::vector<MetadataRecord> records;
    std::vector<Change> changes;
  };
  Decision take();

  // A decision of an earlier incarnation, read from the log.
  void replay(const std::vector<MetadataRecord>& decision);
  // This incarnation begins its work.
  void begin();

  enum class OldSession { alive, ended };
  protocol::BrokerRegistrationResponse register_broker(const protocol::BrokerRegistrationRequest& request,
                                                       OldSession old_session);
  protocol::BrokerHeartbeatResponse heartbeat(const protocol::BrokerHeartbeatRequest& request);
  void session_ended(BrokerId broker);

  protocol::AlterPartitionResponse alter_partition(const protocol::AlterPartitionRequest& request, std::int16_t version);
  protocol::AllocateProducerIdsResponse allocate_producer_ids(const protocol::AllocateProducerIdsRequest& request);
  protocol::CreateTopicsResponse create_topics(const protocol::CreateTopicsRequest& request);
  protocol::CreatePartitionsResponse create_partitions(const protocol::CreatePartitionsRequest& request);
  protocol::DeleteTopicsResponse delete_topics(const protocol::DeleteTopicsRequest& request);
  protocol::AlterConfigsResponse alter_configs(const protocol::AlterConfigsRequest& request);
  protocol::IncrementalAlterConfigsResponse alter_configs(const protocol::IncrementalAlterConfigsRequest& request);
  protocol::ElectLeadersResponse elect_leaders(const protocol::ElectLeadersRequest& request);
  protocol::ErrorCode elect(Election election, const TopicPartition& partition);

 private:
  using AlteredPartition = protocol::AlterPartitionResponse::Partition;
  using CreatedTopic = protocol::CreateTopicsResponse::Topic;

  void decide(MetadataRecord record);
  Decide decider() {
    return [this](MetadataRecord record) { decide(std::move(record)); };
  }
  void fold(const MetadataRecord& record);
  void note_broker(protocol::Event event, const MetadataRecord& record);
  void note_removal(const MetadataRecord& record);
  void note_partition(const MetadataRecord& record);

  void fence(BrokerId broker);
  void unfence(BrokerId broker);
  // Begins a controlled shutdown, or goes on with it; true when the broker may end.
  bool shut_down(BrokerId broker);
  bool leads_anything(BrokerId broker) const;
  bool others_know(Offset offset) const;
  void elect_others_than(BrokerId broker);
  void elect_where_allowed();
  template <class Rule>
  void change_partitions(const Rule& rule);
  // The brokers', as it stands: given at the start, and to all brokers since.
  BrokerConfig config() const;
  AlteredPartition alter_one(const protocol::AlterPartitionRequest::Partition& wanted, const Uuid& topic, BrokerId leader,
                             std::int16_t version);
  CreatedTopic create_one(const protocol::CreateTopicsRequest::Topic& wanted, bool validate_only, std::size_t& room);

  BrokerConfig at_start_;
  std::function<Uuid()> draw_topic_id_;
  MetadataImage image_;
  Decision decision_;
  // From heartbeats; a new incarnation of the controller has to hear them anew.
  std::map<BrokerId, Offset> known_to_;        // how much of the log each broker has
  std::map<BrokerId, Offset> shut_downs_end_;  // how much of it all others must have before this broker may end
};

}  // namespace acklab::broker

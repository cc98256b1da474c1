#include "broker/broker.h"

#include <map>
#include <utility>

#include "broker/config_description.h"
#include "broker/controller/controller_link.h"
#include "broker/dispatch.h"
#include "broker/log_directory.h"
#include "broker/partition/delayed_deletion.h"
#include "broker/partition/delayed_fetch.h"
#include "broker/partition/delayed_produce.h"
#include "broker/partition/replica_manager.h"
#include "broker/producer_ids.h"
#include "broker/services.h"
#include "broker/session.h"
#include "broker/topic_creation.h"

namespace acklab::broker {

class Broker::Core {
 public:
  Core(protocol::Runtime& runtime, storage::Disk& disk, BrokerOptions options)
      : runtime_(runtime),
        options_(std::move(options)),
        log_directory_(disk, [this](const storage::DiskError& error) { halt(error); }),
        partition_options_{options_.id, options_.config, options_.era},
        controller_(runtime, {options_.id, options_.controller, options_.listen, options_.config},
                    [this] { metadata_changed(); }),
        replicas_(
            runtime, log_directory_, controller_, partition_options_, *options_.metrics,
            [this](const PartitionKey& key) { progressed(key); }, options_.log),
        delayed_produces_(runtime, controller_.image(), replicas_),
        fetch_sessions_({.sessions = static_cast<std::size_t>(options_.config.fetch_session_slots)},
                        runtime.random("fetch-sessions")),
        delayed_fetches_(runtime, controller_.image(), replicas_, fetch_sessions_, *options_.metrics),
        delayed_deletions_(runtime, replicas_),
        producer_ids_(controller_),
        topic_creation_(controller_),
        services_{runtime,          options_,           controller_,     replicas_,     batch_validator_, delayed_produces_,
                  delayed_fetches_, delayed_deletions_, fetch_sessions_, producer_ids_, topic_creation_},
        sessions_(
            runtime, *options_.metrics, static_cast<std::size_t>(options_.config.socket_request_max_bytes),
            [this](std::uint64_t connection, const protocol::Slice& frame) { dispatch(services_, sessions_, connection, frame); },
            options_.log) {}

  void shut_down() {
    controller_.shut_down([this] { close(); });
  }

  void close() {
    replicas_.close();
    if (options_.ended) options_.ended();
  }

  protocol::Result<protocol::Offset> high_watermark(const protocol::TopicPartition& name) {
    const auto partition = replicas_.find(name.topic, name.partition);
    if (!partition) return protocol::failure(partition.error());
    return (*partition)->replica().high_watermark();
  }

 private:
  void metadata_changed() {
    take_settings();
    replicas_.metadata_changed();
    if (!listener_ && knows_itself()) {
      listener_ = runtime_.listen(
          options_.listen, [this](std::unique_ptr<protocol::Connection> connection) { sessions_.add(std::move(connection)); });
    }
  }

  void halt(const storage::DiskError& error) {
    runtime_.note({.event = protocol::Event::disk_failed, .code = protocol::ErrorCode::kafka_storage_error});
    if (options_.halted) options_.halted(error.what);
  }

  // What the controller has been asked to give to this broker while it runs.
  void take_settings() {
    const MetadataImage& image = controller_.image();
    if (image.broker_settings == settings_) return;
    settings_ = image.broker_settings;
    partition_options_.config =
        altered(altered(options_.config, image.settings_of(every_broker)), image.settings_of(options_.id));
  }

  // The metadata has come as far as our own registration. Before that a client would be told about a cluster of the past.
  bool knows_itself() const {
    const auto& brokers = controller_.image().brokers;
    const auto self = brokers.find(options_.id);
    return self != brokers.end() && controller_.broker_epoch().known() && self->second.epoch == controller_.broker_epoch();
  }

  void progressed(const PartitionKey& key) {
    delayed_produces_.look_at(key);
    delayed_fetches_.look_at(key);
    delayed_deletions_.look_at(key);
  }

  protocol::Runtime& runtime_;
  BrokerOptions options_;
  LogDirectory log_directory_;
  std::map<BrokerId, Settings> settings_;  // as of the last metadata
  Partition::Options partition_options_;
  ControllerLink controller_;
  ReplicaManager replicas_;
  BatchValidator batch_validator_;
  DelayedProduces delayed_produces_;
  FetchSessions fetch_sessions_;
  DelayedFetches delayed_fetches_;
  DelayedDeletions delayed_deletions_;
  ProducerIds producer_ids_;
  TopicCreation topic_creation_;
  Services services_;
  Sessions sessions_;
  std::unique_ptr<protocol::Listener> listener_;
};

Broker::Broker(protocol::Runtime& runtime, storage::Disk& disk, BrokerOptions options)
    : core_(std::make_unique<Core>(runtime, disk, std::move(options))) {}

Broker::~Broker() = default;

void Broker::shut_down() { core_->shut_down(); }
void Broker::close() { core_->close(); }

protocol::Result<protocol::Offset> Broker::high_watermark(const protocol::TopicPartition& partition) {
  return core_->high_watermark(partition);
}

}  // namespace acklab::broker

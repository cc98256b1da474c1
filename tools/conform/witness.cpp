#include "tools/conform/witness.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <thread>

#include <fmt/format.h>

#include "protocol/messages/api_versions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/wire/big_endian.h"

namespace acklab::conform {

using protocol::Address;
using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::DeleteTopicsRequest;
using protocol::DeleteTopicsResponse;
using protocol::ErrorCode;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;

namespace {

constexpr auto between_looks = std::chrono::milliseconds(20);
constexpr std::int64_t earliest = -2;
constexpr std::int32_t no_replica = -1;
constexpr std::int16_t by_assignment =
    -1;  // CreateTopics' count of partitions and replicas where it says on which brokers they are

std::int32_t milliseconds(protocol::Duration duration) {
  return static_cast<std::int32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

Address address_of(const MetadataResponse& metadata, std::int32_t node_id) {
  for (const auto& broker : metadata.brokers) {
    if (broker.node_id == node_id) return {broker.host, static_cast<std::uint16_t>(broker.port)};
  }
  return {};
}

// The partitions of a topic, if all are there and have a leader that is listed.
std::vector<Place> led_partitions(const MetadataResponse& metadata, std::size_t wanted) {
  if (metadata.topics.size() != 1 || metadata.topics[0].error_code != ErrorCode::none) return {};
  const auto& topic = metadata.topics[0];
  if (topic.partitions.size() < wanted) return {};
  std::vector<Place> places;
  for (const auto& one : topic.partitions) {
    const Address broker = address_of(metadata, one.leader_id);
    if (one.error_code != ErrorCode::none || broker.port == 0) return {};
    places.push_back({topic.name.value_or(""), topic.topic_id, one.partition_index, one.leader_id, one.leader_epoch,
                      one.replica_nodes, broker});
  }
  std::ranges::sort(places, {}, &Place::partition);
  return places;
}

}  // namespace

Witness::Witness(const std::vector<Address>& bootstrap, Options options) : options_(std::move(options)) {
  std::string why;
  for (const Address& broker : bootstrap) {
    const auto advertised = ask<ApiVersionsResponse>(broker, ApiVersionsRequest{}, 0);
    if (advertised) {
      bootstrap_ = broker;
      offer_ = Offer(*advertised);
      if (offer_.of(MetadataRequest::info.api_key)) return;
    }
    why = fmt::format("{}: {}", to_string(broker), advertised ? "ApiVersions does not list Metadata" : advertised.error());
  }
  throw Unreachable{why};
}

bool Witness::broker_answers() const { return ask<ApiVersionsResponse>(bootstrap_, ApiVersionsRequest{}, 0).has_value(); }

std::int32_t Witness::beyond_patience_ms() const { return 2 * milliseconds(options_.patience); }

std::int64_t Witness::wall_clock_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

MetadataResponse Witness::metadata() const {
  MetadataRequest request;
  const std::int16_t of = version<MetadataRequest>();
  return sound("Metadata", ask<MetadataResponse>(bootstrap_, request, of));
}

std::vector<Place> Witness::topic(const TopicWish& wish) {
  const std::string name = new_name();
  if (offer_.of(CreateTopicsRequest::info.api_key)) {
    create(name, wish);
    return await(name, wish, IfMissing::leave);
  }
  if (!wish.set.empty() || wish.replicas > 1) {
    throw NotAsked{"the broker does not offer CreateTopics, and the question needs a topic with settings of its own"};
  }
  return await(name, wish, IfMissing::create);
}

Place Witness::place(std::vector<std::pair<std::string, std::string>> set) { return topic({.set = std::move(set)}).front(); }

std::vector<Place> Witness::pair() {
  auto places = topic({.partitions = 2, .leaders = Leaders::one_broker});
  if (places[0].leader != places[1].leader) throw NotAsked{"the two partitions got different leaders"};
  return places;
}

const Place& Witness::untouched() {
  if (untouched_.empty()) untouched_.push_back(place());
  return untouched_.front();
}

Address Witness::other_broker(const Place& place) const {
  for (const auto& broker : metadata().brokers) {
    if (broker.node_id != place.leader) return {broker.host, static_cast<std::uint16_t>(broker.port)};
  }
  throw NotAsked{"the cluster has only one broker"};
}

Address Witness::follower_of(const Place& place) const {
  const MetadataResponse cluster = metadata();
  for (const std::int32_t replica : place.replicas) {
    const Address broker = address_of(cluster, replica);
    if (replica != place.leader && broker.port != 0) return broker;
  }
  throw NotAsked{"the partition has no follower"};
}

std::string Witness::new_name() {
  return names_.emplace_back(fmt::format("{}-{}-{}", own_client_id, options_.run, names_.size()));
}

Wire Witness::connect(const Address& broker) const {
  auto wire = Wire::connect(broker, options_.patience);
  if (!wire) throw Unexpected{std::string(words(wire.error()))};
  return *std::move(wire);
}

bool Witness::takes_requests_of(const Address& broker, std::int32_t bytes) const {
  Wire wire = connect(broker);
  std::array<std::byte, sizeof bytes> size{};
  protocol::store_big_endian(size.data(), bytes);
  wire.send({reinterpret_cast<const char*>(size.data()), size.size()});
  const auto answer = wire.receive();
  return !answer && answer.error() == Ending::silent;
}

void Witness::create(const std::string& name, const TopicWish& wish) {
  CreateTopicsRequest request;
  request.timeout_ms = milliseconds(options_.patience);
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  if (wish.leaders == Leaders::one_broker) {
    topic.num_partitions = topic.replication_factor = by_assignment;
    const MetadataResponse cluster = metadata();
    if (cluster.brokers.empty()) throw NotAsked{"no topic could be made: Metadata names no brokers"};
    const std::int32_t leader = cluster.brokers.front().node_id;
    for (int i = 0; i < wish.partitions; ++i) topic.assignments.push_back({i, {leader}});
  } else {
    topic.num_partitions = wish.partitions;
    topic.replication_factor = static_cast<std::int16_t>(wish.replicas);
  }
  // What a broker's operator may have set otherwise for all topics, and a question takes for granted.
  std::map<std::string, std::string> settings{
      {"cleanup.policy", "delete"}, {"compression.type", "producer"}, {"message.timestamp.type", "CreateTime"}};
  for (const auto& [key, value] : wish.set) settings.insert_or_assign(key, value);
  for (const auto& [key, value] : settings) topic.configs.push_back({key, value});

  const auto answer = ask<CreateTopicsResponse>(controller(), request, version<CreateTopicsRequest>());
  if (!answer) throw NotAsked{"no topic could be made: " + answer.error()};
  if (answer->topics.size() != 1) throw NotAsked{"no topic could be made: CreateTopics says nothing of it"};
  const auto& made = answer->topics[0];
  if (made.error_code == ErrorCode::none) return;
  throw NotAsked{fmt::format("no topic could be made: {}{}", code(made.error_code),
                             made.error_message.value_or("").empty() ? "" : ": " + *made.error_message)};
}

// Before KRaft only the controller made and deleted topics.
Address Witness::controller() const {
  const MetadataResponse cluster = metadata();
  const Address controller = address_of(cluster, cluster.controller_id);
  return controller.port == 0 ? bootstrap_ : controller;
}

Answer<MetadataResponse> Witness::metadata_of(const std::string& topic, IfMissing if_missing) const {
  MetadataRequest request;
  request.topics->emplace_back().name = topic;
  request.allow_auto_topic_creation = if_missing == IfMissing::create;
  return ask<MetadataResponse>(bootstrap_, request, version<MetadataRequest>());
}

// A broker learns of a topic when metadata reaches it, which is later than the answer to CreateTopics.
std::vector<Place> Witness::await(const std::string& name, const TopicWish& wish, IfMissing if_missing) const {
  const auto limit = std::chrono::steady_clock::now() + 2 * options_.patience;
  while (std::chrono::steady_clock::now() < limit) {
    const auto metadata = metadata_of(name, if_missing);
    if (!metadata) throw NotAsked{"no topic could be made: Metadata: " + metadata.error()};
    const auto places = led_partitions(*metadata, static_cast<std::size_t>(wish.partitions));
    if (!places.empty() && std::ranges::all_of(places, [this](const Place& place) { return leads(place); })) return places;
    std::this_thread::sleep_for(between_looks);
  }
  throw NotAsked{"no topic could be made: its partitions got no leaders in time"};
}

bool Witness::leads(const Place& place) const {
  if (!offer_.of(ListOffsetsRequest::info.api_key)) return true;
  ListOffsetsRequest request;
  request.replica_id = no_replica;
  auto& topic = request.topics.emplace_back();
  topic.name = place.topic;
  topic.partitions.push_back({.partition_index = place.partition, .timestamp = earliest});
  const auto answer = ask<ListOffsetsResponse>(place.broker, request, version<ListOffsetsRequest>({1}));
  // Whatever else is wrong with ListOffsets is for its own questions.
  if (!answer || answer->topics.size() != 1 || answer->topics[0].partitions.size() != 1) return true;
  const ErrorCode error = answer->topics[0].partitions[0].error_code;
  return error != ErrorCode::not_leader_or_follower && error != ErrorCode::unknown_topic_or_partition;
}

std::optional<std::string> Witness::delete_topics() {
  const std::vector<std::string> names = std::exchange(names_, {});
  untouched_.clear();
  if (names.empty()) return std::nullopt;
  DeleteTopicsRequest request;  // in both of its shapes: by name until version 5
  request.timeout_ms = milliseconds(options_.patience);
  for (const std::string& name : names) {
    request.topics.push_back({.name = name, .topic_id = {}});
    request.topic_names.push_back(name);
  }
  try {
    const auto answer = sound("DeleteTopics", ask<DeleteTopicsResponse>(controller(), request, version<DeleteTopicsRequest>()));
    for (const auto& topic : answer.responses) {
      // Some names were given out for topics that shall not exist.
      if (topic.error_code == ErrorCode::none || topic.error_code == ErrorCode::unknown_topic_or_partition) continue;
      return fmt::format("{}: {}", topic.name.value_or("a topic"), code(topic.error_code));
    }
    // Until version 5 a Kafka with delete.topic.enable=false refuses by an answer about no topics.
    if (answer.responses.size() < names.size()) {
      return fmt::format("DeleteTopics says nothing of {} of {}; does delete.topic.enable forbid it?",
                         names.size() - answer.responses.size(), names.size());
    }
    return std::nullopt;
  } catch (const NotAsked& not_asked) {
    return not_asked.why;
  } catch (const Unexpected& unexpected) {
    return unexpected.seen;
  }
}

}  // namespace acklab::conform

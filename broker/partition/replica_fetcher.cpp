#include "broker/partition/replica_fetcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "protocol/mutant.h"

namespace acklab::broker {

using protocol::ChannelFault;
using protocol::Duration;
using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::Mutant;
using protocol::RequestChannel;
using protocol::Time;

namespace {

constexpr std::int32_t max_response_bytes = 10 << 20;  // replica.fetch.response.max.bytes

std::int32_t to_milliseconds(Duration duration) {
  return static_cast<std::int32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

ReplicaFetcher::ReplicaFetcher(protocol::Runtime& runtime, const ControllerLink& controller, BrokerId self, BrokerId leader,
                               protocol::Address address, const BrokerConfig& config, std::function<void(Partition&)> touched)
    : runtime_(runtime),
      controller_(controller),
      self_(self),
      leader_(leader),
      address_(std::move(address)),
      config_(config),
      touched_(std::move(touched)) {}

void ReplicaFetcher::follow(Partition& partition, const Uuid& topic) {
  Followed& followed = followed_[partition.key()];
  if (followed.partition && followed.topic == topic && followed.epoch == partition.leader_epoch()) return;
  followed = {.partition = &partition, .topic = topic, .epoch = partition.leader_epoch(), .rests_until = {}};
  go_on();
}

void ReplicaFetcher::leave(const PartitionKey& key) { followed_.erase(key); }

ReplicaFetcher::Followed* ReplicaFetcher::find(const Subject& subject) {
  const auto found = followed_.find(subject.key);
  if (found == followed_.end()) return nullptr;
  Followed& followed = found->second;
  return followed.topic == subject.topic && followed.epoch == subject.epoch ? &followed : nullptr;
}

// One round after the other, as long as there is something to ask for.
void ReplicaFetcher::go_on() {
  if (fetching_) return;
  std::optional<Time> next_wake;
  bool ready = false;
  for (auto& [key, followed] : followed_) {
    if (followed.fenced || followed.finding_range) continue;
    if (followed.rests_until && *followed.rests_until <= runtime_.now()) followed.rests_until.reset();
    if (followed.rests_until) {
      next_wake = next_wake ? std::min(*next_wake, *followed.rests_until) : *followed.rests_until;
    } else {
      ready = true;
    }
  }
  if (ready) return fetch();
  wake_.reset();
  if (next_wake) wake_ = runtime_.after(*next_wake - runtime_.now(), [this] { go_on(); });
}

void ReplicaFetcher::connect() {
  if (channel_) return;
  RequestChannel::Options options;
  options.client_id = fmt::format("broker-{}-fetcher", self_.value);
  options.negotiate = false;
  channel_ = std::make_unique<RequestChannel>(runtime_, address_, std::move(options), [this](ChannelFault) { disconnected(); });
}

// The leader may be dead, and somebody else be elected: that comes with the metadata. Until then we try again at leisure.
void ReplicaFetcher::disconnected() {
  channel_.reset();
  fetching_ = false;
  for (auto& [key, followed] : followed_) {
    followed.finding_range = false;
    rest(followed);
  }
  go_on();
}

void ReplicaFetcher::rest(Followed& followed) { followed.rests_until = runtime_.now() + config_.replica_fetch_backoff; }

void ReplicaFetcher::fetch() {
  connect();
  fetching_ = true;
  wake_.reset();

  FetchRequest request;
  request.replica_state = {self_.value, controller_.broker_epoch().value};
  request.max_wait_ms = to_milliseconds(config_.replica_fetch_wait_max);
  request.min_bytes = config_.replica_fetch_min_bytes;
  request.max_bytes = max_response_bytes;
  std::vector<Asked> asked;
  const auto add = [&](const PartitionKey& key, const Followed& followed) {
    if (followed.fenced || followed.finding_range || followed.rests_until) return;
    const Replica& replica = followed.partition->replica();
    if (request.topics.empty() || request.topics.back().topic_id != followed.topic) {
      request.topics.emplace_back().topic_id = followed.topic;
    }
    request.topics.back().partitions.push_back({.partition = key.partition,
                                                .current_leader_epoch = followed.epoch.value,
                                                .fetch_offset = replica.end().value,
                                                .last_fetched_epoch = replica.latest_epoch().value,
                                                .log_start_offset = replica.start().value,
                                                .partition_max_bytes = config_.replica_fetch_max_bytes});
    asked.push_back({{key, followed.topic, followed.epoch}, replica.end()});
  };
  if (active(Mutant::pointer_ordered_set)) {
    std::set<const Partition*> by_address;
    for (const auto& [key, followed] : followed_) by_address.insert(followed.partition);
    for (const Partition* partition : by_address) add(partition->key(), followed_.at(partition->key()));
  } else {
    const auto first = followed_.lower_bound(first_of_next_round_);
    for (auto it = first; it != followed_.end(); ++it) add(it->first, it->second);
    for (auto it = followed_.begin(); it != first; ++it) add(it->first, it->second);
  }

  channel_->send<FetchRequest, FetchResponse>(
      request, [this, asked = std::move(asked)](protocol::Result<FetchResponse, ChannelFault> response) {
        if (!response) return;  // disconnected() follows
        fetching_ = false;
        fetched(asked, *response);
        go_on();
      });
}

void ReplicaFetcher::fetched(const std::vector<Asked>& asked, const FetchResponse& response) {
  // The answers come in the order of the questions. Where they do not, the rest counts as unanswered.
  std::size_t next = 0;
  for (const FetchResponse::Topic& topic : response.topics) {
    for (const FetchResponse::Partition& answer : topic.partitions) {
      if (next == asked.size() || asked[next].subject.key.partition != answer.partition_index) break;
      const Asked& question = asked[next++];
      Followed* followed = find(question.subject);
      if (!followed || followed->partition->replica().end() != question.from) continue;
      if (answer.records && !answer.records->empty())
        first_of_next_round_ = {question.subject.key.topic, question.subject.key.partition + 1};
      Partition& partition = *followed->partition;
      fetched_partition(*followed, answer);
      touched_(partition);
    }
  }
  for (; next < asked.size(); ++next) {
    if (Followed* unanswered = find(asked[next].subject)) rest(*unanswered);
  }
}

void ReplicaFetcher::fetched_partition(Followed& followed, const FetchResponse::Partition& answer) {
  Partition& partition = *followed.partition;
  switch (answer.error_code) {
    case ErrorCode::none: {
      ErrorCode trouble = ErrorCode::none;
      if (answer.diverging_epoch) {
        trouble = partition.truncate({{answer.diverging_epoch->epoch}, {answer.diverging_epoch->end_offset}}, followed.epoch);
      } else {
        trouble =
            partition.replicate(answer.records.value_or(protocol::Slice{}),
                                {.start = {answer.log_start_offset}, .high_watermark = {answer.high_watermark}}, followed.epoch);
      }
      if (trouble != ErrorCode::none) rest(followed);
      return;
    }
    case ErrorCode::offset_out_of_range:
      return find_range(followed);
    case ErrorCode::fenced_leader_epoch:
      followed.fenced = true;
      return;
    default:
      // Above all UNKNOWN_LEADER_EPOCH and NOT_LEADER_OR_FOLLOWER: the leader has not heard of its election yet.
      return rest(followed);
  }
}

// Our log's end lies outside the leader's log. Beyond its end: we hold what an unclean leader never had, and cut it. Before its start:
// we were away for longer than it keeps records, and begin anew at its start.
void ReplicaFetcher::find_range(Followed& followed) {
  followed.finding_range = true;
  const Subject subject{followed.partition->key(), followed.topic, followed.epoch};
  ask_offset(subject, ListOffsetsRequest::latest_timestamp, [this, subject](Followed& asked, Offset leader_end) {
    Partition& partition = *asked.partition;
    if (leader_end < partition.replica().end()) {
      asked.finding_range = false;
      if (partition.truncate_to(leader_end, subject.epoch) != ErrorCode::none) rest(asked);
      touched_(partition);
      return;
    }
    ask_offset(subject, ListOffsetsRequest::earliest_timestamp, [this, subject](Followed& again, Offset leader_start) {
      Partition& lagging = *again.partition;
      again.finding_range = false;
      if (leader_start > lagging.replica().end()) {
        if (lagging.start_again_at(leader_start, subject.epoch) != ErrorCode::none) rest(again);
        touched_(lagging);
      } else {
        rest(again);  // it fits by now, or never will: either way not at full speed
      }
    });
  });
}

void ReplicaFetcher::ask_offset(const Subject& subject, std::int64_t timestamp, std::function<void(Followed&, Offset)> found) {
  const Followed* followed = find(subject);
  ListOffsetsRequest request;
  request.replica_id = self_.value;
  request.topics.push_back(
      {followed->partition->name().topic,
       {{.partition_index = subject.key.partition, .current_leader_epoch = subject.epoch.value, .timestamp = timestamp}}});
  channel_->send<ListOffsetsRequest, ListOffsetsResponse>(
      request, [this, subject, found = std::move(found)](protocol::Result<ListOffsetsResponse, ChannelFault> response) {
        if (!response) return;  // disconnected() follows
        Followed* asked = find(subject);
        if (!asked) return;
        const bool usable = response->topics.size() == 1 && response->topics[0].partitions.size() == 1 &&
                            response->topics[0].partitions[0].error_code == ErrorCode::none &&
                            response->topics[0].partitions[0].offset >= 0;
        if (usable) {
          found(*asked, {response->topics[0].partitions[0].offset});
        } else {
          asked->finding_range = false;
          rest(*asked);
        }
        go_on();
      });
}

}  // namespace acklab::broker

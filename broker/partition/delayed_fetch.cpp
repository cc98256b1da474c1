#include "broker/partition/delayed_fetch.h"

#include <algorithm>
#include <utility>

#include "broker/leader_hints.h"
#include "broker/partition/message_set_answer.h"
#include "broker/partition/replica_manager.h"

namespace acklab::broker {

using protocol::ErrorCode;
using protocol::FetchResponse;

namespace {

constexpr std::int16_t first_version_with_storage_errors = 6;
constexpr std::int16_t first_version_with_leaders = 16;

// Clients that do not know a disk's errors look for another leader.
ErrorCode in_version(ErrorCode code, std::int16_t version) {
  const bool known = code != ErrorCode::kafka_storage_error || version >= first_version_with_storage_errors;
  return known ? code : ErrorCode::not_leader_or_follower;
}

void fill(FetchResponse::Partition& answer, ReadAnswer read, std::int16_t version) {
  answer.error_code = in_version(read.code, version);
  answer.high_watermark = read.high_watermark.value;
  answer.last_stable_offset = read.last_stable_offset.value;
  answer.log_start_offset = read.log_start.value;
  answer.diverging_epoch.reset();
  if (read.diverging) answer.diverging_epoch = {read.diverging->epoch.value, read.diverging->end.value};
  answer.records = std::move(read.records);
  answer.aborted_transactions.reset();
  if (!read.aborted) return;
  auto& told = answer.aborted_transactions.emplace();
  for (const storage::AbortedTransaction& one : *read.aborted) told.push_back({one.producer_id, one.first_offset.value});
}

ReadAnswer answer_of_a_deleted_topic() {
  ReadAnswer answer;
  answer.code = ErrorCode::unknown_topic_or_partition;
  return answer;
}

void name_leaders(const MetadataImage& image, FetchResponse& response) {
  LeaderHints hints(image);
  for (auto& topic : response.topics) {
    for (auto& partition : topic.partitions) {
      const bool elsewhere =
          partition.error_code == ErrorCode::not_leader_or_follower || partition.error_code == ErrorCode::fenced_leader_epoch;
      if (elsewhere) hints.name_leader({topic.topic, partition.partition_index}, partition.current_leader);
    }
  }
  hints.put_endpoints(response.node_endpoints);
}

}  // namespace

FetchResponse::Partition without_records(std::int32_t index, ErrorCode code) {
  FetchResponse::Partition answer;
  answer.partition_index = index;
  answer.error_code = code;
  answer.high_watermark = -1;
  return answer;
}

DelayedFetches::DelayedFetches(protocol::Runtime& runtime, const MetadataImage& image, ReplicaManager& replicas,
                               FetchSessions& sessions, BrokerMetrics& metrics)
    : runtime_(runtime), image_(image), replicas_(replicas), sessions_(sessions), metrics_(metrics), timer_(runtime, [this] {
        expire();
      }) {}

// What a fetch has committed is told only when the fetch itself is answered or stands among those who wait. The other way round: a
// Produce is answered, the next one of its connection is appended, whoever waits for it is told, and then this fetch begins to wait, for
// what is there already.
void DelayedFetches::wait(PendingFetch fetch, protocol::Duration max_wait) {
  const bool done = attempt(fetch) || max_wait <= protocol::Duration::zero();
  const std::vector<PartitionKey> changed = changed_by(fetch);
  if (done) {
    answer(fetch);
  } else {
    std::vector<PartitionKey> watched;
    watched.reserve(fetch.questions.size());
    for (PendingFetch::Question& question : fetch.questions) {
      question.read.tells_progress = false;
      watched.push_back(question.key);
    }
    room_.enter(std::move(fetch), runtime_.now() + max_wait, std::move(watched));
    timer_.arm(room_.next_deadline());
  }
  tell(changed);
}

void DelayedFetches::look_at(const PartitionKey& key) {
  for (const auto ticket : room_.watching(key)) {
    PendingFetch* fetch = room_.find(ticket);
    if (!fetch || !has_news(*fetch, key)) continue;
    if (!attempt(*fetch)) continue;
    PendingFetch satisfied = room_.leave(ticket);
    answer(satisfied);
  }
}

// A follower's fetch tells the leader how far the follower is; a consumer's changes nothing.
std::vector<PartitionKey> DelayedFetches::changed_by(const PendingFetch& fetch) {
  std::vector<PartitionKey> keys;
  for (const PendingFetch::Question& question : fetch.questions) {
    if (question.read.reader.is_replica()) keys.push_back(question.key);
  }
  return keys;
}

void DelayedFetches::tell(const std::vector<PartitionKey>& changed) {
  for (const PartitionKey& key : changed) {
    if (Partition* const partition = replicas_.find(key)) replicas_.touched(*partition);
  }
}

bool DelayedFetches::has_news(const PendingFetch& fetch, const PartitionKey& key) {
  const Partition* partition = replicas_.find(key);
  if (!partition) return true;  // the topic was deleted
  return std::any_of(fetch.questions.begin(), fetch.questions.end(), [&](const PendingFetch::Question& question) {
    return question.key == key && partition->has_news_for(question.read);
  });
}

bool DelayedFetches::attempt(PendingFetch& fetch) {
  std::size_t read_bytes = 0;
  std::size_t available = 0;
  bool urgent = fetch.questions.empty();
  for (const PendingFetch::Question& question : fetch.questions) {
    Partition* const partition = replicas_.find(question.key);
    ReadRequest read = question.read;
    const std::size_t left = fetch.max_bytes - std::min(fetch.max_bytes, read_bytes);
    read.max_bytes = std::min(read.max_bytes, left);
    // Where a message may be cut, there must be one.
    const bool may_be_cut = fetch.call.version() < first_fetch_with_a_whole_batch;
    read.at_least_one = may_be_cut ? read.max_bytes > 0 : read_bytes == 0;
    ReadAnswer answer = partition ? partition->read(read) : answer_of_a_deleted_topic();
    read_bytes += answer.records.size();
    available += answer.available;
    urgent = urgent || answer.code != ErrorCode::none || answer.diverging || answer.on_older_segment;
    fill(fetch.response.topics[question.topic].partitions[question.partition], std::move(answer), fetch.call.version());
  }
  return urgent || available >= fetch.min_bytes;
}

void DelayedFetches::answer(PendingFetch& fetch) {
  if (fetch.call.version() < first_fetch_with_batches) answer_with_message_sets(fetch);
  const bool replica = std::any_of(fetch.questions.begin(), fetch.questions.end(),
                                   [](const PendingFetch::Question& question) { return question.read.reader.is_replica(); });
  for (const auto& topic : fetch.response.topics) {
    for (const auto& partition : topic.partitions) {
      metrics_.fetch_requests.add();
      if (partition.error_code != ErrorCode::none) metrics_.failed_fetch_requests.add();
      const std::int64_t bytes = partition.records ? static_cast<std::int64_t>(partition.records->size()) : 0;
      (replica ? metrics_.replication_bytes_out : metrics_.bytes_out).add(bytes);
    }
  }
  sessions_.complete(fetch.session, fetch.response, runtime_.now());
  if (fetch.call.version() >= first_version_with_leaders) name_leaders(image_, fetch.response);
  fetch.call.answer(fetch.response);
}

void DelayedFetches::expire() {
  for (const auto ticket : room_.due(runtime_.now())) {
    if (!room_.find(ticket)) continue;
    PendingFetch late = room_.leave(ticket);
    attempt(late);
    answer(late);
  }
  timer_.arm(room_.next_deadline());
}

}  // namespace acklab::broker

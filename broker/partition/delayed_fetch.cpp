#include "broker/partition/delayed_fetch.h"

#include <algorithm>
#include <utility>

#include "broker/partition/replica_manager.h"

namespace acklab::broker {

using protocol::ErrorCode;
using protocol::FetchResponse;

namespace {

void fill(FetchResponse::Partition& answer, ReadAnswer read) {
  answer.error_code = read.code;
  answer.high_watermark = read.high_watermark.value;
  answer.last_stable_offset = read.high_watermark.value;  // there are no transactions
  answer.log_start_offset = read.log_start.value;
  answer.diverging_epoch.reset();
  if (read.diverging) answer.diverging_epoch = {read.diverging->epoch.value, read.diverging->end.value};
  answer.records = std::move(read.records);
}

}  // namespace

DelayedFetches::DelayedFetches(protocol::Runtime& runtime, ReplicaManager& replicas)
    : runtime_(runtime), replicas_(replicas), timer_(runtime, [this] { expire(); }) {}

void DelayedFetches::wait(PendingFetch fetch, protocol::Duration max_wait) {
  if (attempt(fetch) || max_wait <= protocol::Duration::zero()) {
    fetch.call.answer(fetch.response);
    return;
  }
  std::vector<PartitionKey> watched;
  watched.reserve(fetch.questions.size());
  for (const PendingFetch::Question& question : fetch.questions) watched.push_back(question.key);
  room_.enter(std::move(fetch), runtime_.now() + max_wait, watched);
  timer_.arm(room_.next_deadline());
  // A follower's fetch, attempted above, may have moved the high watermark; then a Produce was answered, the next one of that connection
  // was appended, and whoever was in the room was told, all before this fetch entered it.
  for (const PartitionKey& key : watched) look_at(key);
}

void DelayedFetches::look_at(const PartitionKey& key) {
  for (const auto ticket : room_.watching(key)) {
    PendingFetch* fetch = room_.find(ticket);
    if (!fetch || !has_news(*fetch, key) || !attempt(*fetch)) continue;
    const PendingFetch done = room_.leave(ticket);
    done.call.answer(done.response);
  }
}

bool DelayedFetches::has_news(const PendingFetch& fetch, const PartitionKey& key) {
  const Partition* partition = replicas_.find(key);
  return std::any_of(fetch.questions.begin(), fetch.questions.end(), [&](const PendingFetch::Question& question) {
    return question.key == key && partition->has_news_for(question.read);
  });
}

bool DelayedFetches::attempt(PendingFetch& fetch) {
  std::size_t read_bytes = 0;
  bool urgent = fetch.questions.empty();
  for (const PendingFetch::Question& question : fetch.questions) {
    Partition& partition = *replicas_.find(question.key);
    ReadRequest read = question.read;
    const std::size_t left = fetch.max_bytes - std::min(fetch.max_bytes, read_bytes);
    read.max_bytes = std::min(read.max_bytes, left);
    read.at_least_one = read_bytes == 0;
    ReadAnswer answer = partition.read(read);
    // A follower's fetch may have changed the ISR or the high watermark.
    if (read.reader.is_replica()) replicas_.touched(partition);
    read_bytes += answer.records.size();
    urgent = urgent || answer.code != ErrorCode::none || answer.diverging;
    fill(fetch.response.topics[question.topic].partitions[question.partition], std::move(answer));
  }
  return urgent || read_bytes >= fetch.min_bytes;
}

void DelayedFetches::expire() {
  for (const auto ticket : room_.due(runtime_.now())) {
    if (!room_.find(ticket)) continue;
    PendingFetch late = room_.leave(ticket);
    attempt(late);
    late.call.answer(late.response);
  }
  timer_.arm(room_.next_deadline());
}

}  // namespace acklab::broker

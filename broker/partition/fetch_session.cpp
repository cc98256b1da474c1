#include "broker/partition/fetch_session.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace acklab::broker {

using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::Time;
using protocol::TopicPartition;
using protocol::Uuid;

namespace {

constexpr std::int32_t no_session = 0;
constexpr std::int32_t asks_for_session = 0;  // as an epoch
constexpr std::int32_t final_epoch = -1;

bool by_id(std::int16_t version) { return version > FetchRequest::last_version_by_name; }

bool names_everything(const FetchRequest& request) {
  return request.session_epoch == asks_for_session || request.session_epoch == final_epoch;
}

// Only now, or later, somebody may hear of the topic that has this id.
void find_name(FetchSessions::Asked& asked, const FetchSessions::TopicNames& names) {
  if (asked.topic_id.is_zero() || !asked.name.topic.empty()) return;
  if (const auto name = names.find(asked.topic_id); name != names.end()) asked.name.topic = name->second;
}

std::vector<FetchSessions::Asked> named_in(const FetchRequest& request, const FetchSessions::TopicNames& names) {
  std::vector<FetchSessions::Asked> all;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      find_name(all.emplace_back(FetchSessions::Asked{{topic.topic, partition.partition}, topic.topic_id, partition}), names);
    }
  }
  return all;
}

// An error is told again and again, and what comes after it is news in any case.
std::int64_t told_high_watermark(const FetchResponse::Partition& answer) {
  return answer.error_code == ErrorCode::none ? answer.high_watermark : -1;
}

bool has_records(const FetchResponse::Partition& answer) { return answer.records && !answer.records->empty(); }

}  // namespace

FetchSessions::Key FetchSessions::key_of(const Uuid& topic_id, const std::string& topic, std::int32_t partition) {
  return {topic_id, topic_id.is_zero() ? topic : std::string{}, partition};
}

FetchSessions::Context FetchSessions::begin(const FetchRequest& request, std::int16_t version, const TopicNames& names,
                                            Time now) {
  Context context;
  context.follower = request.replica() >= 0;
  context.by_id = by_id(version);
  if (names_everything(request)) {
    close(request.session_id);
    context.kind = request.session_epoch == asks_for_session ? Context::Kind::full : Context::Kind::sessionless;
    context.asked = named_in(request, names);
    return context;
  }

  context.session = request.session_id;
  context.epoch = request.session_epoch;
  const auto found = sessions_.find(request.session_id);
  if (found == sessions_.end()) {
    context.code = ErrorCode::fetch_session_id_not_found;
    return context;
  }
  Session& session = found->second;
  if (request.session_epoch != session.epoch) {
    context.code = ErrorCode::invalid_fetch_session_epoch;
    return context;
  }
  if (session.by_id != context.by_id) {
    context.code = ErrorCode::fetch_session_topic_id_error;
    return context;
  }

  for (Asked& asked : named_in(request, names)) put(session, std::move(asked));
  for (const auto& topic : request.forgotten_topics_data) {
    for (const std::int32_t partition : topic.partitions) forget(session, key_of(topic.topic_id, topic.topic, partition));
  }
  if (session.order.empty()) {
    close(found);
    context.session = no_session;
    return context;
  }
  if (partitions_ > limits_.partitions) {
    // Its client begins anew, and is not given a session.
    close(found);
    context.code = ErrorCode::fetch_session_id_not_found;
    return context;
  }
  session.used = now;
  session.epoch = next_epoch(session.epoch);
  context.kind = Context::Kind::incremental;
  for (Cached& cached : session.order) {
    find_name(cached.asked, names);
    context.asked.push_back(cached.asked);
  }
  return context;
}

void FetchSessions::complete(const Context& context, FetchResponse& response, Time now) {
  response.session_id = context.session;
  switch (context.kind) {
    case Context::Kind::sessionless:
      return;
    case Context::Kind::full:
      return open(context, response, now);
    case Context::Kind::incremental:
      break;
  }
  // While the answer was waited for, the session may have made room for another, or a second request may have overtaken this one.
  const auto found = sessions_.find(context.session);
  if (found == sessions_.end()) return;
  if (found->second.epoch != next_epoch(context.epoch)) {
    response.error_code = ErrorCode::invalid_fetch_session_epoch;
    response.topics.clear();
    return;
  }
  leave_out_what_is_old(found->second, response);
}

void FetchSessions::leave_out_what_is_old(Session& session, FetchResponse& response) {
  for (FetchResponse::Topic& topic : response.topics) {
    std::erase_if(topic.partitions, [&](const FetchResponse::Partition& answer) {
      const auto found = session.by_key.find(key_of(topic.topic_id, topic.topic, answer.partition_index));
      if (found == session.by_key.end()) return false;
      Cached& cached = *found->second;
      const bool moved = cached.high_watermark != answer.high_watermark || cached.log_start_offset != answer.log_start_offset;
      const bool news = moved || has_records(answer) || answer.error_code != ErrorCode::none || answer.diverging_epoch ||
                        answer.preferred_read_replica != -1;
      cached.high_watermark = told_high_watermark(answer);
      cached.log_start_offset = answer.log_start_offset;
      // Who has got something waits until all others have had their turn, or one busy partition could take every answer for itself.
      if (has_records(answer)) session.order.splice(session.order.end(), session.order, found->second);
      return !news;
    });
  }
  std::erase_if(response.topics, [](const FetchResponse::Topic& topic) { return topic.partitions.empty(); });
}

void FetchSessions::open(const Context& context, FetchResponse& response, Time now) {
  const std::size_t wanted = context.asked.size();
  if (limits_.sessions == 0 || partitions_ + wanted > limits_.partitions) return;
  if (sessions_.size() >= limits_.sessions && !make_room(context.follower, wanted, now)) return;

  std::int32_t id = no_session;
  while (id == no_session || sessions_.contains(id)) id = static_cast<std::int32_t>(random_.between(1, INT32_MAX));
  Session& session = sessions_[id];
  session.follower = context.follower;
  session.by_id = context.by_id;
  session.created = session.used = now;
  for (const Asked& asked : context.asked) put(session, asked);
  for (const FetchResponse::Topic& topic : response.topics) {
    for (const FetchResponse::Partition& answer : topic.partitions) {
      Cached& cached = *session.by_key.at(key_of(topic.topic_id, topic.topic, answer.partition_index));
      cached.high_watermark = told_high_watermark(answer);
      cached.log_start_offset = answer.log_start_offset;
    }
  }
  response.session_id = id;
}

// A new session takes the place of one that was not used for long; or else of the least valuable one that is not new: followers are
// worth more than consumers, many partitions more than few.
bool FetchSessions::make_room(bool follower, std::size_t partitions, Time now) {
  const auto used_before = [](const auto& a, const auto& b) { return a.second.used < b.second.used; };
  const auto oldest = std::min_element(sessions_.begin(), sessions_.end(), used_before);
  if (now - oldest->second.used > limits_.unused) {
    close(oldest);
    return true;
  }
  const auto value = [](const Session& session) { return std::tuple(session.follower, session.order.size()); };
  auto least = sessions_.end();
  for (auto it = sessions_.begin(); it != sessions_.end(); ++it) {
    const bool evictable = now - it->second.created > limits_.unused || (follower && !it->second.follower);
    if (evictable && (least == sessions_.end() || value(it->second) < value(least->second))) least = it;
  }
  // Of two that are worth the same the old one stays.
  if (least == sessions_.end() || std::tuple(follower, partitions) <= value(least->second)) return false;
  close(least);
  return true;
}

std::vector<TopicPartition> FetchSessions::meant_by(const FetchRequest& request, const TopicNames& names) const {
  std::vector<TopicPartition> meant;
  for (Asked& asked : named_in(request, names)) meant.push_back(std::move(asked.name));
  const auto session = sessions_.find(request.session_id);
  if (names_everything(request) || session == sessions_.end()) return meant;
  for (const auto& [key, place] : session->second.by_key) meant.push_back(place->asked.name);
  return meant;
}

void FetchSessions::put(Session& session, Asked asked) {
  Key key = key_of(asked.topic_id, asked.name.topic, asked.name.partition);
  if (const auto known = session.by_key.find(key); known != session.by_key.end()) {
    known->second->asked.how = asked.how;
    return;
  }
  session.order.push_back({.asked = std::move(asked), .high_watermark = -1, .log_start_offset = -1});
  session.by_key.emplace(std::move(key), std::prev(session.order.end()));
  ++partitions_;
}

void FetchSessions::forget(Session& session, const Key& key) {
  const auto known = session.by_key.find(key);
  if (known == session.by_key.end()) return;
  session.order.erase(known->second);
  session.by_key.erase(known);
  --partitions_;
}

void FetchSessions::close(std::int32_t id) {
  if (const auto found = sessions_.find(id); found != sessions_.end()) close(found);
}

void FetchSessions::close(Sessions::iterator session) {
  partitions_ -= session->second.order.size();
  sessions_.erase(session);
}

}  // namespace acklab::broker

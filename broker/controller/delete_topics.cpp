#include "broker/controller/delete_topics.h"

#include <map>
#include <string>
#include <utility>

#include "broker/controller/new_records.h"
#include "broker/controller/topic_rules.h"

namespace acklab::broker {

using protocol::DeleteTopicsRequest;
using protocol::DeleteTopicsResponse;
using protocol::ErrorCode;
using protocol::failure;

namespace {

auto refusal(ErrorCode code, std::string message) { return failure(Refusal{code, std::move(message)}); }

using Wanted = DeleteTopicsRequest::Topic;

DeleteTopicsResponse::Topic answer_to(const Wanted& wanted) {
  DeleteTopicsResponse::Topic answer;
  answer.name = wanted.name;
  answer.topic_id = wanted.topic_id;
  return answer;
}

// How often the request means each topic, however it names it.
std::map<Uuid, int> times_named(const DeleteTopicsRequest& request, const MetadataImage& image) {
  std::map<Uuid, int> times;
  for (const Wanted& wanted : request.topics) {
    const TopicState* const topic = wanted.name ? image.find_topic(*wanted.name) : nullptr;
    if (topic != nullptr) ++times[topic->id];
    if (!wanted.name) ++times[wanted.topic_id];
  }
  return times;
}

struct Found {
  std::string name;
  Uuid id;
};

Result<Found, Refusal> find(const Wanted& wanted, const MetadataImage& image) {
  if (wanted.name && wanted.topic_id != Uuid{}) {
    return refusal(ErrorCode::invalid_request, "You may not specify both topic name and topic id.");
  }
  if (!wanted.name && wanted.topic_id == Uuid{}) {
    return refusal(ErrorCode::invalid_request, "Neither topic name nor id were specified.");
  }
  if (!wanted.name) {
    const std::string* const name = image.topic_name(wanted.topic_id);
    if (name == nullptr) return refusal(ErrorCode::unknown_topic_id, "This server does not host this topic ID.");
    return Found{*name, wanted.topic_id};
  }
  const TopicState* const topic = image.find_topic(*wanted.name);
  if (topic == nullptr) return refusal(ErrorCode::unknown_topic_or_partition, "This server does not host this topic-partition.");
  return Found{*wanted.name, topic->id};
}

}  // namespace

DeleteTopicsResponse delete_topics(const DeleteTopicsRequest& request, const MetadataImage& image, const BrokerConfig& config,
                                   const Decide& decide) {
  if (!config.delete_topics) return refusal_of(request, ErrorCode::topic_deletion_disabled);
  const std::map<Uuid, int> times = times_named(request, image);
  DeleteTopicsResponse answer;
  for (const Wanted& wanted : request.topics) {
    DeleteTopicsResponse::Topic& said = answer.responses.emplace_back(answer_to(wanted));
    auto topic = find(wanted, image);
    if (topic && times.at(topic->id) > 1) topic = refusal(ErrorCode::invalid_request, "The topic is named more than once.");
    if (!topic) {
      said.error_code = topic.error().code;
      said.error_message = topic.error().message;
      continue;
    }
    said.name = topic->name;
    said.topic_id = topic->id;
    decide(topic_removal_record(topic->id));
  }
  return answer;
}

DeleteTopicsResponse refusal_of(const DeleteTopicsRequest& request, ErrorCode code) {
  DeleteTopicsResponse answer;
  for (const Wanted& wanted : request.topics) answer.responses.emplace_back(answer_to(wanted)).error_code = code;
  return answer;
}

}  // namespace acklab::broker

#include "broker/topic_creation.h"

#include "protocol/messages/create_topics.h"

namespace acklab::broker {

using protocol::ChannelFault;
using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;

void TopicCreation::create(const std::string& name) {
  if (under_way_.size() == max_under_way || !under_way_.insert(name).second) return;
  CreateTopicsRequest request;
  CreateTopicsRequest::Topic& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = -1;
  topic.replication_factor = -1;
  // Whatever comes of it, the client learns by asking again.
  controller_.forward<CreateTopicsRequest, CreateTopicsResponse>(
      request, [this, name](protocol::Result<CreateTopicsResponse, ChannelFault>) { under_way_.erase(name); });
}

}  // namespace acklab::broker

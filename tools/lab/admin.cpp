#include "tools/lab/admin.h"

#include <algorithm>

namespace acklab::lab {

using protocol::ChannelFault;
using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::ErrorCode;
using protocol::MetadataResponse;
using protocol::Result;

Admin::Admin(protocol::Runtime& runtime, std::vector<protocol::Address> bootstrap, Client::Options options)
    : client_(runtime, std::move(bootstrap), std::move(options)) {}

void Admin::create(const NewTopic& topic, std::function<void(Result<void, std::string>)> done) {
  CreateTopicsRequest request;
  request.timeout_ms = 30000;
  CreateTopicsRequest::Topic wanted;
  wanted.name = topic.name;
  wanted.num_partitions = topic.partitions;
  wanted.replication_factor = static_cast<std::int16_t>(topic.replicas);
  for (const auto& [key, value] : topic.set) wanted.configs.push_back({key, value});
  request.topics.push_back(std::move(wanted));
  // Metadata first: it finds a broker that answers.
  client_.metadata(std::vector<std::string>{}, [this, request, may = topic.may_be_auto_created, done = std::move(done)](
                                                   const MetadataResponse&) { send(request, false, may, done); });
}

void Admin::send(const CreateTopicsRequest& request, bool repeated, bool may_be_auto_created,
                 std::function<void(Result<void, std::string>)> done) {
  const std::string name = request.topics.front().name;
  client_.any().send<CreateTopicsRequest, CreateTopicsResponse>(
      request, [this, request, repeated, may_be_auto_created, name,
                done = std::move(done)](Result<CreateTopicsResponse, ChannelFault> response) {
        if (!response && response.error() == ChannelFault::unsupported) {
          if (may_be_auto_created) return wait_for_leaders(name, Client::Missing::create, done);
          return done(protocol::failure("topic " + name +
                                        ": this cluster does not offer CreateTopics; it may create topics that are written to"));
        }
        const bool answered = response && !response->topics.empty();
        const ErrorCode code = answered ? response->topics.front().error_code : ErrorCode::request_timed_out;
        // A lost answer may have been a success: a repeated request that finds the topic has done its work.
        if (code == ErrorCode::none || (repeated && code == ErrorCode::topic_already_exists))
          return wait_for_leaders(name, Client::Missing::report, done);
        if (!answered || retriable(code)) {
          timer_ = client_.runtime().after(client_.options().retry_backoff, [this, request, may_be_auto_created, done] {
            client_.metadata(std::vector<std::string>{}, [this, request, may_be_auto_created, done](const MetadataResponse&) {
              send(request, true, may_be_auto_created, done);
            });
          });
          return;
        }
        const auto& message = response->topics.front().error_message;
        done(protocol::failure("topic " + name + ": " + std::string(protocol::name(code)) + (message ? ": " + *message : "")));
      });
}

void Admin::wait_for_leaders(const std::string& name, Client::Missing missing,
                             std::function<void(Result<void, std::string>)> done) {
  const auto look = [this, name, missing, done = std::move(done)](const MetadataResponse& response) {
    const bool ready = !response.topics.empty() && response.topics.front().error_code == ErrorCode::none &&
                       std::all_of(response.topics.front().partitions.begin(), response.topics.front().partitions.end(),
                                   [](const MetadataResponse::Partition& one) { return one.leader_id >= 0; });
    if (ready) return done({});
    timer_ = client_.runtime().after(client_.options().retry_backoff,
                                     [this, name, missing, done] { wait_for_leaders(name, missing, done); });
  };
  client_.metadata(std::vector{name}, look, missing);
}

void Admin::describe(std::optional<std::vector<std::string>> topics, Client::MetadataAnswer answer) {
  client_.metadata(std::move(topics), std::move(answer));
}

}  // namespace acklab::lab

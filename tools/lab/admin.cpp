#include "tools/lab/admin.h"

#include <algorithm>

#include <fmt/format.h>

#include "protocol/messages/create_partitions.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/incremental_alter_configs.h"

namespace acklab::lab {

using protocol::ChannelFault;
using protocol::CreatePartitionsRequest;
using protocol::CreatePartitionsResponse;
using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::DeleteTopicsRequest;
using protocol::DeleteTopicsResponse;
using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;
using protocol::ErrorCode;
using protocol::failure;
using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;
using protocol::MetadataResponse;
using protocol::Result;

namespace {

constexpr std::int32_t request_timeout_ms = 30000;
constexpr std::int8_t topic_resource = 2;                       // Kafka's ConfigResource.Type
constexpr std::int8_t set_operation = 0, delete_operation = 1;  // Kafka's AlterConfigOp.OpType

// What a cluster says of one topic, or of its configuration.
template <class Said>
Result<void, std::string> outcome(const std::string& topic, const std::vector<Said>& answers) {
  if (answers.empty()) return failure(fmt::format("topic {}: the cluster did not say what came of it", topic));
  const auto& [code, message] = std::pair(answers.front().error_code, answers.front().error_message);
  if (code == ErrorCode::none) return {};
  return failure(fmt::format("topic {}: {}{}", topic, protocol::name(code), message ? ": " + *message : std::string()));
}

}  // namespace

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

template <class Answer, class Request>
void Admin::ask(const std::string& topic, const Request& request, std::function<void(Result<Answer, std::string>)> done) {
  // Metadata first: it finds a broker that answers.
  client_.metadata(std::vector<std::string>{}, [this, topic, request, done = std::move(done)](const MetadataResponse&) {
    client_.any().send<Request, Answer>(request, [topic, done](Result<Answer, ChannelFault> answer) {
      if (answer) return done(*answer);
      const bool offered = answer.error() != ChannelFault::unsupported;
      done(failure(fmt::format("topic {}: {}", topic,
                               offered ? "the connection was lost before the answer; whether it was done is not known"
                                       : "this cluster is too old for that")));
    });
  });
}

void Admin::remove(const std::string& topic, Done done) {
  DeleteTopicsRequest request;  // in both of its shapes: by name until version 5
  request.topics.push_back({.name = topic, .topic_id = {}});
  request.topic_names = {topic};
  request.timeout_ms = request_timeout_ms;
  ask<DeleteTopicsResponse>(topic, request, [topic, done = std::move(done)](const auto& answer) {
    done(answer ? outcome(topic, answer->responses) : failure(answer.error()));
  });
}

void Admin::add_partitions(const std::string& topic, int count, Done done) {
  CreatePartitionsRequest request;
  request.topics.push_back({topic, count, std::nullopt});
  request.timeout_ms = request_timeout_ms;
  ask<CreatePartitionsResponse>(topic, request, [topic, done = std::move(done)](const auto& answer) {
    done(answer ? outcome(topic, answer->results) : failure(answer.error()));
  });
}

void Admin::alter(const std::string& topic, const std::map<std::string, std::string>& set, const std::vector<std::string>& unset,
                  Done done) {
  IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = topic_resource;
  resource.resource_name = topic;
  for (const auto& [key, value] : set) resource.configs.push_back({key, set_operation, value});
  for (const std::string& key : unset) resource.configs.push_back({key, delete_operation, std::nullopt});
  ask<IncrementalAlterConfigsResponse>(topic, request, [topic, done = std::move(done)](const auto& answer) {
    done(answer ? outcome(topic, answer->responses) : failure(answer.error()));
  });
}

void Admin::describe_config(const std::string& topic, std::function<void(Result<std::vector<Described>, std::string>)> done) {
  DescribeConfigsRequest request;
  request.resources.push_back({topic_resource, topic, std::nullopt});
  ask<DescribeConfigsResponse>(topic, request, [topic, done = std::move(done)](const auto& answer) {
    if (!answer) return done(failure(answer.error()));
    if (const auto said = outcome(topic, answer->results); !said) return done(failure(said.error()));
    done(answer->results.front().configs);
  });
}

void Admin::describe(std::optional<std::vector<std::string>> topics, Client::MetadataAnswer answer) {
  client_.metadata(std::move(topics), std::move(answer));
}

}  // namespace acklab::lab

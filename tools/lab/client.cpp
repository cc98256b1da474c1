#include "tools/lab/client.h"

#include <algorithm>

namespace acklab::lab {

using protocol::Address;
using protocol::ChannelFault;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using protocol::RequestChannel;
using protocol::Result;

Client::Client(protocol::Runtime& runtime, std::vector<Address> bootstrap, Options options)
    : runtime_(runtime), bootstrap_(std::move(bootstrap)), options_(std::move(options)) {
  CHECK(!bootstrap_.empty());
}

RequestChannel& Client::channel(const Address& address) {
  std::unique_ptr<RequestChannel>& slot = channels_[address];
  if (!slot || slot->failed()) {
    RequestChannel::Options options;
    options.client_id = options_.client_id;
    options.request_timeout = options_.request_timeout;
    options.connect_timeout = options_.request_timeout;
    slot = std::make_unique<RequestChannel>(runtime_, address, options, [](ChannelFault) {});
  }
  return *slot;
}

RequestChannel* Client::broker(std::int32_t node_id) {
  const auto found = brokers_.find(node_id);
  return found == brokers_.end() ? nullptr : &channel(found->second);
}

std::vector<Address> Client::candidates() const {
  std::vector<Address> all = bootstrap_;
  for (const auto& [id, address] : brokers_) {
    if (std::find(all.begin(), all.end(), address) == all.end()) all.push_back(address);
  }
  return all;
}

RequestChannel& Client::any() {
  const std::vector<Address> all = candidates();
  return channel(all[next_ % all.size()]);
}

void Client::metadata(std::optional<std::vector<std::string>> topics, MetadataAnswer answer, Missing missing) {
  auto request = std::make_shared<MetadataRequest>();
  request->allow_auto_topic_creation = missing == Missing::create;
  if (topics) {
    for (std::string& name : *topics) {
      MetadataRequest::Topic topic;
      topic.name = std::move(name);
      request->topics->push_back(std::move(topic));
    }
  } else {
    request->topics.reset();
  }
  ask(0, std::move(request), std::move(answer));
}

void Client::ask(std::size_t attempt, std::shared_ptr<MetadataRequest> request, MetadataAnswer answer) {
  const std::size_t count = candidates().size();
  if (attempt == count) {
    ++rounds_in_vain_;
    retry_ = runtime_.after(options_.retry_backoff, [this, request, answer = std::move(answer)]() mutable {
      ask(0, std::move(request), std::move(answer));
    });
    return;
  }
  any().send<MetadataRequest, MetadataResponse>(
      *request, [this, attempt, request, answer = std::move(answer)](Result<MetadataResponse, ChannelFault> response) mutable {
        if (!response) {
          ++next_;
          return ask(attempt + 1, std::move(request), std::move(answer));
        }
        for (const MetadataResponse::Broker& broker : response->brokers) {
          brokers_[broker.node_id] = {broker.host, static_cast<std::uint16_t>(broker.port)};
        }
        answer(*response);
      });
}

}  // namespace acklab::lab

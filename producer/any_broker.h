// A connection to whichever broker answers, for the questions that every broker can answer: Metadata and InitProducerId. First one of
// the bootstrap list, then one of the brokers that became known; the next one when it breaks. How long to wait before asking again
// is the asker's business.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "producer/config.h"
#include "protocol/runtime/request_channel.h"
#include "protocol/runtime/runtime.h"
#include "protocol/types.h"

namespace acklab::producer {

class AnyBroker {
 public:
  // `runtime` and `config` outlive it; `bootstrap` is not empty.
  AnyBroker(protocol::Runtime& runtime, const ProducerConfig& config, std::vector<protocol::Address> bootstrap);

  // From the next connection on these come first, and the bootstrap list after them.
  void know(const std::map<protocol::BrokerId, protocol::Address>& brokers);
  // Goes to another broker, unless somebody waits for an answer of this one.
  void try_another();
  // Closes the connection if it carried nothing for connections.max.idle.ms. Says when it is to be asked again.
  protocol::Time close_if_idle();

  // Whoever learns of a fault asks again on a later turn: the connection is still telling its other askers then.
  template <class Request, class Response>
  void ask(const Request& request, std::function<void(protocol::Result<Response, protocol::ChannelFault>)> answered) {
    ++unanswered_;
    channel().send<Request, Response>(request, [this, answered = std::move(answered)](auto answer) {
      --unanswered_;
      last_used_ = runtime_.now();
      answered(std::move(answer));
    });
  }

 private:
  protocol::RequestChannel& channel();

  protocol::Runtime& runtime_;
  const ProducerConfig& config_;
  std::vector<protocol::Address> bootstrap_;
  std::vector<protocol::Address> candidates_;
  std::size_t next_ = 0;  // candidate for the next connection
  protocol::Random setup_random_;
  int failed_connections_ = 0;  // in a row
  std::unique_ptr<protocol::RequestChannel> channel_;
  int unanswered_ = 0;
  protocol::Time last_used_{};  // an answer came
};

}  // namespace acklab::producer

// One client-side connection to a broker or controller: frames requests, matches answers by correlation id, knows time-outs. The
// producer, the consumer, the follower's fetcher and the broker's link to the controller all stand on it.
//
// Answers come in the order of the requests (Kafka's rule), so a queue is all the bookkeeping there is. A channel that fails once
// stays failed: every outstanding request is completed with the reason, and the owner makes a new channel.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "protocol/messages/api_versions.h"
#include "protocol/result.h"
#include "protocol/runtime/runtime.h"
#include "protocol/wire/codec.h"
#include "protocol/wire/framer.h"

namespace acklab::protocol {

enum class ChannelFault {
  refused,       // nobody listens
  disconnected,  // the connection ended; whether the request was seen is unknown
  timed_out,     // no answer within the request time-out; the channel is closed
  not_written,   // the channel had failed before the request was written: certainly not seen
  malformed,     // the answer could not be read
  unsupported,   // the peer does not offer the API, or no version in common
};
std::string_view name(ChannelFault fault);

class RequestChannel {
 public:
  struct Options {
    std::string client_id;
    Duration request_timeout = std::chrono::seconds(30);
    Duration connect_timeout = std::chrono::seconds(10);
    // Ask for ApiVersions first and hold requests until the answer is here; off between nodes of one cluster.
    bool negotiate = true;
    std::size_t max_response_bytes = 128u << 20;
  };

  // What came back: the raw body and the version that it is in.
  struct Response {
    Slice body;
    std::int16_t version = 0;
  };
  using Completion = std::function<void(Result<Response, ChannelFault>)>;

  // Connects at once. `failed` is called at most once, after all outstanding completions, and not when the owner destroys it. The
  // channel may be destroyed inside any of its callbacks.
  RequestChannel(Runtime& runtime, const Address& address, Options options, std::function<void(ChannelFault)> failed);
  ~RequestChannel();
  RequestChannel(const RequestChannel&) = delete;
  RequestChannel& operator=(const RequestChannel&) = delete;

  // Sends in the highest version that both sides know, at most `M::info.last_version`; the body is encoded for it. The response is
  // decoded and handed over. Requests leave in the order of these calls.
  template <class Request, class Answer>
  void send(const Request& request, std::function<void(Result<Answer, ChannelFault>)> completion);

  // For Produce with acks=0: there is no answer. `written` is called when the bytes were handed to the connection.
  template <class Request>
  void send_without_answer(const Request& request, std::function<void(Result<void, ChannelFault>)> written);

  bool ready() const;      // connected and, if asked to, negotiated
  // `ready` is called once, on the turn in which ready() becomes true, after the requests that were held have left. For an owner that
  // decides only then what to send, as the producer does: a batch must not wait inside a channel. Set it right after construction.
  void on_ready(std::function<void()> ready);
  bool failed() const;
  std::size_t outstanding() const;
  std::uint64_t connection_id() const;
  // The correlation id that the next request will have: for the journal.
  std::int32_t next_correlation() const;
  // The version in which a request of this key would be sent, or nothing before negotiation or when it is not offered.
  std::optional<std::int16_t> version_for(std::int16_t api_key, std::int16_t first, std::int16_t last) const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with callbacks in flight, which find it closed
};

}  // namespace acklab::protocol

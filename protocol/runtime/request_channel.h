// One client-side connection to a broker or controller: frames requests, matches answers by correlation id, knows time-outs. The
// producer, the consumer, the follower's fetcher and the broker's link to the controller all stand on it.
//
// Answers come in the order of the requests (Kafka's rule), so a queue is all the bookkeeping there is. A channel that fails once
// stays failed: every request that was written is completed with the reason, every other one with `not_written`, and the owner makes
// a new channel.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/result.h"
#include "protocol/runtime/runtime.h"
#include "protocol/wire/codec.h"
#include "protocol/wire/header.h"

namespace acklab::protocol {

enum class ChannelFault {
  refused,       // nobody listens
  disconnected,  // the connection ended; whether the request was seen is unknown
  timed_out,     // no answer within the request time-out; the channel is closed
  not_written,   // the channel failed before the request was written: certainly not seen
  malformed,     // the answer could not be read
  unsupported,   // the peer does not offer the API, or no version in common; the request was not written
};
std::string_view name(ChannelFault fault);

class RequestChannel {
 public:
  struct Options {
    std::string client_id{};
    Duration request_timeout = std::chrono::seconds(30);  // from the moment a request is written
    Duration connect_timeout = std::chrono::seconds(10);
    // Ask for ApiVersions first and hold requests until the answer is here; off between nodes of one cluster.
    bool negotiate = true;
    std::size_t max_response_bytes = 128u << 20;
  };

  // Owners limit what they have outstanding by rules of their own, far below this; more is a leak of ours.
  static constexpr std::size_t max_outstanding = 10'000;

  // Connects at once. `failed` is called at most once, after all outstanding completions, and not when the owner destroys it. The
  // channel may be destroyed inside any of its callbacks; what is still outstanding then is forgotten.
  RequestChannel(Runtime& runtime, const Address& address, Options options, std::function<void(ChannelFault)> failed);
  ~RequestChannel();
  RequestChannel(const RequestChannel&) = delete;
  RequestChannel& operator=(const RequestChannel&) = delete;

  // `ready` is called once, on the turn in which ready() becomes true, after the requests that were held have left. For an owner that
  // decides only then what to send, as the producer does: a batch must not wait inside a channel. Set it right after construction.
  void on_ready(std::function<void()> ready);

  // Sends in the highest version that both sides know and in which the request can be said; the body is encoded for it. The response
  // is decoded and handed over. Requests leave in the order of these calls. No completion runs inside the call.
  template <class Request, class Answer>
  void send(const Request& request, std::function<void(Result<Answer, ChannelFault>)> completion);

  // For Produce with acks=0: there is no answer. `written` is called when the bytes were handed to the connection.
  template <class Request>
  void send_without_answer(const Request& request, std::function<void(Result<void, ChannelFault>)> written);

  // Fails as if the connection had ended, before it returns: the peer is not whom its owner looks for.
  void abandon();

  bool ready() const;  // connected and, if asked to, negotiated
  bool failed() const;
  std::size_t outstanding() const;  // requests that wait to be written or answered
  std::size_t unsent() const;       // bytes that the network has not taken yet: who sends without answers holds back by it
  std::uint64_t connection_id() const;
  // The correlation id that the next request will have: for the journal.
  std::int32_t next_correlation() const;
  // The version in which a request of this key would be sent, or nothing before negotiation or when it is not offered.
  std::optional<std::int16_t> version_for(std::int16_t api_key, std::int16_t first, std::int16_t last) const;

 private:
  // What a request is sent with.
  struct Envelope {
    std::int16_t version;
    std::int32_t correlation;
    std::string_view client_id;
  };
  // Makes the frame. Called inside submit() if the channel is ready, once it is ready otherwise.
  using Encode = std::function<Bytes(const Envelope&)>;
  // What came back: the raw body and the version that it is in.
  struct Response {
    Slice body;
    std::int16_t version = 0;
  };
  // False if the body could not be read, which ends the channel.
  using Completion = std::function<bool(Result<Response, ChannelFault>)>;
  enum class Answered { yes, no };

  void submit(const MessageInfo& info, Answered answered, const Encode& encode, Completion completion);
  template <class Request>
  void submit(const Request& request, Answered answered, Completion completion);

  class State;
  std::shared_ptr<State> state_;  // shared with callbacks in flight, which find it closed
};

// The versions in which this request can be said; most can in all of their message's.
template <class Request>
MessageInfo versions_of(const Request& request) {
  MessageInfo info = Request::info;
  if constexpr (requires { request.highest_version(); }) info.last_version = request.highest_version();
  return info;
}

// A request that has to wait is copied; one that leaves at once is not.
template <class Request>
void RequestChannel::submit(const Request& request, Answered answered, Completion completion) {
  if (ready()) {
    const auto encode = [&request](const Envelope& e) { return request_frame(request, e.version, e.correlation, e.client_id); };
    submit(versions_of(request), answered, encode, std::move(completion));
  } else {
    const auto encode = [request](const Envelope& e) { return request_frame(request, e.version, e.correlation, e.client_id); };
    submit(versions_of(request), answered, encode, std::move(completion));
  }
}

template <class Request, class Answer>
void RequestChannel::send(const Request& request, std::function<void(Result<Answer, ChannelFault>)> completion) {
  submit(request, Answered::yes, [completion = std::move(completion)](Result<Response, ChannelFault> response) {
    if (!response) {
      completion(failure(response.error()));
      return true;
    }
    Result<Answer, DecodeError> answer = decode<Answer>(response->body, response->version);
    if (!answer) {
      completion(failure(ChannelFault::malformed));
      return false;
    }
    completion(std::move(*answer));
    return true;
  });
}

template <class Request>
void RequestChannel::send_without_answer(const Request& request, std::function<void(Result<void, ChannelFault>)> written) {
  submit(request, Answered::no, [written = std::move(written)](Result<Response, ChannelFault> response) {
    response ? written({}) : written(failure(response.error()));
    return true;
  });
}

}  // namespace acklab::protocol

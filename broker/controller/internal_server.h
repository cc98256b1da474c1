// The server side of the controller's internal listener: frames come in, one request of a connection is served at a time, in order;
// while one waits for its answer the connection is not read, so a peer can make us hold no more than one read's worth of requests.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "protocol/runtime/runtime.h"
#include "protocol/wire/framer.h"
#include "protocol/wire/header.h"

namespace acklab::broker {

class InternalServer {
 public:
  // A connection; never reused, so an answer to one that has gone away reaches nobody else.
  using SessionId = std::uint64_t;
  // Called for each request. Every call is followed, at once or later, by one answer() or refuse().
  using Handler = std::function<void(SessionId, const protocol::ReceivedRequest&)>;

  InternalServer(protocol::Runtime& runtime, const protocol::Address& address, std::size_t max_request_bytes, Handler handler);
  ~InternalServer();

  void answer(SessionId id, protocol::Bytes frame);
  // Closes the connection: what came cannot be understood.
  void refuse(SessionId id);

 private:
  struct Session {
    std::unique_ptr<protocol::Connection> connection;
    protocol::Framer framer;
    bool serving = false;  // a request was handed over and is not answered yet
    std::unique_ptr<protocol::Timer> next;
  };

  void accept(std::unique_ptr<protocol::Connection> connection);
  void serve(SessionId id);

  protocol::Runtime& runtime_;
  std::size_t max_request_bytes_;
  Handler handler_;
  std::map<SessionId, Session> sessions_;
  SessionId last_id_ = 0;
  std::unique_ptr<protocol::Listener> listener_;
};

}  // namespace acklab::broker

// A small HTTP/1.1 server on the loopback address, with Boost.Beast. It knows nothing of brokers: what is answered is the handler's.
//
// It must not be harmed by who connects, nor harm the cluster beside it. Hence a thread of its own for sockets and two for the handler,
// and a limit on all that a client can make it hold: connections, header, body, and the time that a request may take to arrive and an
// answer to leave. A client beyond a limit is told by a problem document where it can be told, and its connection is closed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "broker/control/http.h"
#include "protocol/result.h"

namespace acklab::broker {

struct HttpLimits {
  std::size_t connections = 64;
  std::size_t refusals = 64;  // connections beyond those, told so; what comes beyond them as well is only closed
  std::size_t header_bytes = 8 * 1024;
  std::size_t body_bytes = 64 * 1024;
  // From the last answer, or the connection's begin, until a request is there as a whole. Idle connections end with it, too.
  std::chrono::milliseconds request_time = std::chrono::seconds(15);
  // Until the client has taken an answer.
  std::chrono::milliseconds answer_time = std::chrono::seconds(15);
  // Until a client that was refused has stopped sending.
  std::chrono::milliseconds farewell_time = std::chrono::seconds(1);
};

class HttpServer {
 public:
  // Listens at 127.0.0.1; port 0 takes any free one. The error is a line for the user. Once started it throws nothing.
  static protocol::Result<std::unique_ptr<HttpServer>, std::string> start(std::uint16_t port, HttpHandler handler,
                                                                          HttpLimits limits = {});
  // Closes every connection. Waits for a handler that is running.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;

 private:
  class Core;
  explicit HttpServer(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace acklab::broker

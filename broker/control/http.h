// A request and its answer as plain values, so that what is answered can be decided, and tested, without a socket.
#pragma once

#include <functional>
#include <map>
#include <string>

namespace acklab::broker {

struct HttpRequest {
  std::string method = "GET";  // a HEAD arrives as GET: the server leaves the body out
  std::string target = "/";    // path and query, as they were sent
  std::string content_type{};
  std::string body{};
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body{};
  std::map<std::string, std::string> headers{};  // besides those that every answer has
};

// Called on several threads at once.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

}  // namespace acklab::broker

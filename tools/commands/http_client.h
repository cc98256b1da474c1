// One request to the control plane of a serving cluster.
#pragma once

#include <string>

namespace acklab {

struct HttpAnswer {
  int status = 0;
  std::string body;
};

// `base` is what --http takes: "http://HOST:PORT". Throws the BadInput of a URL that is none, and of a server that does not answer.
HttpAnswer http_request(const std::string& base, const std::string& method, const std::string& target,
                        const std::string& body = {});

}  // namespace acklab

#include "broker/control/problem.h"

#include <nlohmann/json.hpp>

namespace acklab::broker {

std::string_view status_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return status < 400 ? "OK" : status < 500 ? "Bad Request" : "Internal Server Error";
  }
}

// "about:blank" says that the type of the problem is its status and nothing more, so the title has to be the status's own phrase.
HttpResponse problem(int status, std::string_view detail) {
  const nlohmann::ordered_json document = {
      {"type", "about:blank"}, {"title", status_phrase(status)}, {"status", status}, {"detail", detail}};
  return {.status = status,
          .content_type = "application/problem+json",
          .body = document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n"};
}

}  // namespace acklab::broker

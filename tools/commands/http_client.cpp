#include "tools/commands/http_client.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "tools/commands/command.h"

namespace acklab {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// A fault that acts at once is answered when it has acted, and a busy node lets it wait.
constexpr auto answer_limit = std::chrono::seconds(30);
constexpr std::size_t answer_bytes = 64 * 1024 * 1024;

struct Place {
  std::string host, port;
};

Place parse(const std::string& base) {
  constexpr std::string_view scheme = "http://";
  std::string_view rest = base;
  if (rest.starts_with(scheme)) rest.remove_prefix(scheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const std::size_t colon = rest.rfind(':');
  const std::string_view host = rest.substr(0, colon);
  const std::string_view port = colon == std::string_view::npos ? "" : rest.substr(colon + 1);
  const bool sound = !host.empty() && !port.empty() && port.size() <= 5 && rest.find('/') == std::string_view::npos &&
                     port.find_first_not_of("0123456789") == std::string_view::npos;
  if (!sound) throw BadInput(fmt::format("--http {}: write http://HOST:PORT, as the ready line of acklab serve has it", base));
  return {std::string(host), std::string(port)};
}

// Resolves, connects, writes and reads, each step begun by the end of the one before it.
class Exchange {
 public:
  Exchange(asio::io_context& io, Place place, http::request<http::string_body> request)
      : place_(std::move(place)), resolver_(io), stream_(io), request_(std::move(request)) {
    response_.body_limit(answer_bytes);
  }

  void begin() {
    stream_.expires_after(answer_limit);
    resolver_.async_resolve(place_.host, place_.port, [this](error_code error, const tcp::resolver::results_type& found) {
      if (ended(error)) return;
      stream_.async_connect(found, [this](error_code refused, const tcp::endpoint&) {
        if (ended(refused)) return;
        http::async_write(stream_, request_, [this](error_code broken, std::size_t) {
          if (ended(broken)) return;
          http::async_read(stream_, buffer_, response_, [this](error_code failed, std::size_t) { ended(failed); });
        });
      });
    });
  }

  const error_code& error() const { return error_; }
  const http::response<http::string_body>& response() const { return response_.get(); }

 private:
  bool ended(error_code error) {
    error_ = error;
    return error.failed();
  }

  Place place_;
  tcp::resolver resolver_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response_parser<http::string_body> response_;
  error_code error_;
};

}  // namespace

HttpAnswer http_request(const std::string& base, const std::string& method, const std::string& target, const std::string& body) {
  const Place place = parse(base);
  http::request<http::string_body> request;
  request.version(11);
  request.method_string(method);
  request.target(target);
  request.set(http::field::host, place.host + ":" + place.port);
  request.set(http::field::connection, "close");
  if (!body.empty()) {
    request.set(http::field::content_type, "application/json");
    request.body() = body;
  }
  request.prepare_payload();

  asio::io_context io;
  Exchange exchange(io, place, std::move(request));
  exchange.begin();
  io.run();
  if (exchange.error()) {
    throw BadInput(
        fmt::format("{}: no answer ({}); is a cluster there? acklab serve starts one, and its ready line has the URL for --http",
                    base, exchange.error().message()));
  }
  return {static_cast<int>(exchange.response().result_int()), exchange.response().body()};
}

}  // namespace acklab

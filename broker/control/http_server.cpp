#include "broker/control/http_server.h"

#include <fmt/format.h>

#include <array>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "broker/control/problem.h"

namespace acklab::broker {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t handler_threads = 2;
constexpr std::size_t read_bytes = 4096;
// When the machine has no descriptor left for a new connection.
constexpr auto accept_pause = std::chrono::milliseconds(100);

enum class Then { read_on, close };

// What a client is told whose bytes are no request that we take; nothing if the connection has simply ended.
std::optional<HttpResponse> complaint(const error_code& error, const HttpLimits& limits) {
  if (error == http::error::end_of_stream || error.category() != make_error_code(http::error::end_of_stream).category()) {
    return std::nullopt;
  }
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return problem(431, fmt::format("the request line and headers may have {} bytes together", limits.header_bytes));
  }
  if (error == http::error::body_limit) {
    return problem(413, fmt::format("a body may have {} bytes", limits.body_bytes));
  }
  if (error == http::error::bad_version) return problem(505, "this server speaks HTTP/1.0 and HTTP/1.1");
  return problem(400, fmt::format("this is no HTTP request: {}", error.message()));
}

}  // namespace

class HttpServer::Core {
 public:
  Core(HttpHandler handler, HttpLimits limits) : handler_(std::move(handler)), limits_(limits) {}
  ~Core();

  error_code listen(std::uint16_t port);
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  class Session;

  void accept();
  void accepted(tcp::socket socket);
  HttpResponse handle(const HttpRequest& request) const;

  // Sessions end with the last task that knows them, some with io_ itself: what they use is declared before it.
  const HttpHandler handler_;
  const HttpLimits limits_;
  std::size_t sessions_ = 0;  // touched by the socket thread only
  asio::io_context io_{1};
  tcp::acceptor acceptor_{io_};
  asio::steady_timer pause_{io_};
  asio::thread_pool workers_{handler_threads};
  std::thread thread_;
};

// One connection. It lives as long as a task of it is under way: a read or a write, or the handler.
class HttpServer::Core::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Core& core, tcp::socket socket) : core_(core), stream_(std::move(socket)) { ++core_.sessions_; }
  ~Session() { --core_.sessions_; }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Pipelined requests wait in the buffer: one is read when the one before it was answered.
  void read() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(core_.limits_.header_bytes));
    parser_->body_limit(core_.limits_.body_bytes);
    header_bytes_ = 0;
    // One deadline for the whole of the request, however slowly it drips.
    stream_.expires_after(core_.limits_.request_time);
    parse_header();
  }

  void answer(HttpResponse response, Then then) {
    answer_ = {};
    answer_.version(11);
    answer_.result(static_cast<unsigned>(response.status));
    answer_.reason(std::string(status_phrase(response.status)));
    answer_.set(http::field::content_type, response.content_type);
    answer_.set(http::field::cache_control, "no-store");
    for (const auto& [name, value] : response.headers) answer_.set(name, value);
    answer_.keep_alive(then == Then::read_on);
    answer_.content_length(response.body.size());
    if (!head_) answer_.body() = std::move(response.body);
    stream_.expires_after(core_.limits_.answer_time);
    http::async_write(stream_, answer_, [self = shared_from_this(), then](error_code error, std::size_t) {
      if (error) return;
      then == Then::read_on ? self->read() : self->part();
    });
  }

 private:
  // Beast's own limit holds for what is parsed at once, and not for a header that comes in pieces: hence a count of our own.
  void parse_header() {
    error_code error = http::error::need_more;
    if (buffer_.size() > 0) {
      const std::size_t used = parser_->put(buffer_.data(), error);
      buffer_.consume(used);
      header_bytes_ += used;
    }
    const bool unfinished = error == http::error::need_more;
    if (header_bytes_ + (unfinished ? buffer_.size() : 0) > core_.limits_.header_bytes) error = http::error::header_limit;
    if (!error) return header_read();
    if (error != http::error::need_more) return refuse(error);
    stream_.async_read_some(buffer_.prepare(read_bytes), [self = shared_from_this()](error_code failed, std::size_t count) {
      if (failed == asio::error::eof && self->parser_->got_some()) failed = http::error::partial_message;
      if (failed) return self->refuse(failed);
      self->buffer_.commit(count);
      self->parse_header();
    });
  }

  void header_read() {
    const auto expected = parser_->get()[http::field::expect];
    if (expected.empty()) return read_body();
    if (!beast::iequals(expected, "100-continue"))
      return answer(problem(417, "the only expectation met is 100-continue"), Then::close);
    continue_ = {http::status::continue_, 11};
    http::async_write(stream_, continue_, [self = shared_from_this()](error_code written, std::size_t) {
      if (!written) self->read_body();
    });
  }

  void read_body() {
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](error_code error, std::size_t) { self->body_read(error); });
  }

  void body_read(error_code error) {
    if (error) return refuse(error);
    auto& received = parser_->get();
    head_ = received.method() == http::verb::head;
    HttpRequest request{.method = head_ ? "GET" : std::string(received.method_string()),
                        .target = std::string(received.target()),
                        .content_type = std::string(received[http::field::content_type]),
                        .body = std::move(received.body())};
    const Then then = received.keep_alive() ? Then::read_on : Then::close;
    // The session goes to the handler's thread and back, and must not end there.
    asio::post(core_.workers_, [self = shared_from_this(), request = std::move(request), then]() mutable {
      HttpResponse response = self->core_.handle(request);
      asio::io_context& io = self->core_.io_;
      asio::post(io, [self = std::move(self), response = std::move(response), then]() mutable {
        self->answer(std::move(response), then);
      });
    });
  }

  void refuse(error_code error) {
    head_ = false;
    if (auto told = complaint(error, core_.limits_)) answer(*std::move(told), Then::close);
  }

  // To close while bytes of the client are unread would reset the connection, and the client might never see its answer. So the
  // client hears the end of the stream first, and what it still sends is read and forgotten.
  void part() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.expires_after(core_.limits_.farewell_time);
    forget();
  }
  void forget() {
    stream_.async_read_some(asio::buffer(forgotten_), [self = shared_from_this()](error_code error, std::size_t) {
      if (!error) self->forget();
    });
  }

  Core& core_;
  beast::tcp_stream stream_;
  // Room for one more read behind the largest request.
  beast::flat_buffer buffer_{core_.limits_.header_bytes + core_.limits_.body_bytes + read_bytes};
  std::optional<http::request_parser<http::string_body>> parser_;
  std::size_t header_bytes_ = 0;
  http::response<http::empty_body> continue_;
  http::response<http::string_body> answer_;
  std::array<char, 4096> forgotten_;
  bool head_ = false;
};

error_code HttpServer::Core::listen(std::uint16_t port) {
  error_code error;
  const tcp::endpoint here(asio::ip::address_v4::loopback(), port);
  static_cast<void>(acceptor_.open(here.protocol(), error));
  if (!error) static_cast<void>(acceptor_.set_option(tcp::acceptor::reuse_address(true), error));
  if (!error) static_cast<void>(acceptor_.bind(here, error));
  if (!error) static_cast<void>(acceptor_.listen(asio::socket_base::max_listen_connections, error));
  if (error) return error;
  accept();
  thread_ = std::thread([this] {
    // A task that throws, for want of memory, takes its own session with it and nothing else.
    while (!io_.stopped()) {
      try {
        io_.run();
      } catch (const std::exception&) {
      }
    }
  });
  return {};
}

HttpServer::Core::~Core() {
  io_.stop();
  if (thread_.joinable()) thread_.join();
  workers_.join();
}

void HttpServer::Core::accept() {
  acceptor_.async_accept([this](error_code error, tcp::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (!error) {
      accepted(std::move(socket));
      return accept();
    }
    pause_.expires_after(accept_pause);
    pause_.async_wait([this](error_code cancelled) {
      if (!cancelled) accept();
    });
  });
}

void HttpServer::Core::accepted(tcp::socket socket) {
  if (sessions_ >= limits_.connections + limits_.refusals) return;
  const bool one_too_many = sessions_ >= limits_.connections;
  const auto session = std::make_shared<Session>(*this, std::move(socket));
  if (!one_too_many) return session->read();
  session->answer(
      problem(503, fmt::format("{} connections are open, which is the limit; try again when one has ended", limits_.connections)),
      Then::close);
}

HttpResponse HttpServer::Core::handle(const HttpRequest& request) const {
  try {
    return handler_(request);
  } catch (const std::exception& error) {
    return problem(500, fmt::format("{} {}: {}", request.method, request.target, error.what()));
  }
}

protocol::Result<std::unique_ptr<HttpServer>, std::string> HttpServer::start(std::uint16_t port, HttpHandler handler,
                                                                             HttpLimits limits) {
  auto core = std::make_unique<Core>(std::move(handler), limits);
  if (const error_code error = core->listen(port)) {
    return protocol::failure(fmt::format("port {} of 127.0.0.1 cannot be listened at: {}", port, error.message()));
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(core)));
}

HttpServer::HttpServer(std::unique_ptr<Core> core) : core_(std::move(core)) {}
HttpServer::~HttpServer() = default;
std::uint16_t HttpServer::port() const { return core_->port(); }

}  // namespace acklab::broker

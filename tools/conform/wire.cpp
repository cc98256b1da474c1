#include "tools/conform/wire.h"

#include <array>
#include <cstdint>
#include <optional>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "protocol/wire/big_endian.h"

namespace acklab::conform {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using protocol::failure;
using protocol::Result;
using protocol::Slice;

namespace {

// No answer to a question has more. What a broker only claims to send is not waited for.
constexpr std::int32_t most_answer_bytes = 64 << 20;

}  // namespace

std::string_view words(Ending ending) {
  switch (ending) {
    case Ending::unresolved:
      return "the name of the host does not resolve";
    case Ending::refused:
      return "connection refused";
    case Ending::closed:
      return "connection closed";
    case Ending::silent:
      return "no answer";
    case Ending::absurd:
      return "a frame of absurd length";
  }
  return "";
}

class Wire::Socket {
 public:
  explicit Socket(protocol::Duration limit) : limit_(limit) {}

  std::optional<Ending> connect(const protocol::Address& broker) {
    tcp::resolver resolver(io_);
    error_code error;
    const auto found = resolver.resolve(broker.host, std::to_string(broker.port), error);
    if (error) return Ending::unresolved;
    const auto ending = wait([&](auto done) {
      asio::async_connect(socket_, found, [done](error_code failed, const tcp::endpoint&) { done(failed); });
    });
    if (ending) return *ending == Ending::silent ? Ending::silent : Ending::refused;
    socket_.set_option(tcp::no_delay(true), error);
    return std::nullopt;
  }

  std::optional<Ending> write(std::string_view bytes) {
    return wait([&](auto done) {
      asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()),
                        [done](error_code failed, std::size_t) { done(failed); });
    });
  }

  std::optional<Ending> read(std::span<std::byte> room) {
    return wait([&](auto done) {
      asio::async_read(socket_, asio::buffer(room.data(), room.size()), [done](error_code failed, std::size_t) { done(failed); });
    });
  }

 private:
  // Begins one operation and lets it run until it is done or the limit has passed.
  template <class Begin>
  std::optional<Ending> wait(Begin begin) {
    std::optional<error_code> outcome;
    begin([&outcome](error_code error) { outcome = error; });
    io_.restart();
    io_.run_for(limit_);
    if (outcome) return *outcome ? std::optional(Ending::closed) : std::nullopt;
    error_code ignored;
    socket_.close(ignored);
    io_.run();
    return Ending::silent;
  }

  asio::io_context io_;
  tcp::socket socket_{io_};
  protocol::Duration limit_;
};

Wire::Wire(std::unique_ptr<Socket> socket) : socket_(std::move(socket)) {}
Wire::~Wire() = default;
Wire::Wire(Wire&&) noexcept = default;
Wire& Wire::operator=(Wire&&) noexcept = default;

Result<Wire, Ending> Wire::connect(const protocol::Address& broker, protocol::Duration limit) {
  auto socket = std::make_unique<Socket>(limit);
  if (const auto ending = socket->connect(broker)) return failure(*ending);
  return Wire(std::move(socket));
}

void Wire::send(std::string_view bytes) { socket_->write(bytes); }

Result<Slice, Ending> Wire::receive() {
  std::array<std::byte, sizeof(std::int32_t)> prefix{};
  if (const auto ending = socket_->read(prefix)) return failure(*ending);
  const auto size = protocol::load_big_endian<std::int32_t>(prefix.data());
  if (size < 0 || size > most_answer_bytes) return failure(Ending::absurd);
  protocol::MutableBuffer frame(static_cast<std::size_t>(size));
  if (const auto ending = socket_->read(frame.span())) return failure(*ending);
  return std::move(frame).freeze();
}

}  // namespace acklab::conform

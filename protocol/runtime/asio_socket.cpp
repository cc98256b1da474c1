#include "protocol/runtime/asio_socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "protocol/check.h"

namespace acklab::protocol {
namespace {

// Connections that wait to be accepted; the kernel lowers it to what the machine allows.
constexpr int listen_backlog = 4096;

void set_option(int fd, int level, int option, int value) { ::setsockopt(fd, level, option, &value, sizeof(value)); }

// A socket bound with SO_REUSEADDR on: connections of a process that ended a moment ago do not occupy its port.
Result<Fd, int> bound_socket(const SocketAddress& address) {
  Fd fd = tcp_socket(address.family());
  if (!fd) return failure(int{errno});
  set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (::bind(fd.get(), address.get(), address.size()) != 0) return failure(int{errno});
  return fd;
}

std::string why_not(const std::string& host, std::uint16_t port, int error) {
  if (error == EADDRINUSE) {
    return fmt::format("port {} on {} is in use; choose another with --port, or 0 for any free one", port, host);
  }
  return fmt::format("cannot listen at {}:{}: {}", host, port, std::strerror(error));
}

}  // namespace

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

std::optional<SocketAddress> SocketAddress::of(const std::string& host, std::uint16_t port) {
  sockaddr_in v4{};
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    return of(reinterpret_cast<const sockaddr*>(&v4), sizeof(v4));
  }
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    return of(reinterpret_cast<const sockaddr*>(&v6), sizeof(v6));
  }
  return std::nullopt;
}

SocketAddress SocketAddress::of(const sockaddr* address, socklen_t size) {
  SocketAddress result;
  CHECK(size <= sizeof(result.storage_));
  std::memcpy(&result.storage_, address, size);
  result.size_ = size;
  return result;
}

SocketAddress SocketAddress::local(int fd) {
  SocketAddress result;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&result.storage_), &result.size_);
  return result;
}

SocketAddress SocketAddress::remote(int fd) {
  SocketAddress result;
  ::getpeername(fd, reinterpret_cast<sockaddr*>(&result.storage_), &result.size_);
  return result;
}

SocketAddress SocketAddress::any(int family) { return *of(family == AF_INET6 ? "::" : "0.0.0.0", 0); }

// Both kinds of address have the port in the same place.
static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));

std::uint16_t SocketAddress::port() const { return ntohs(reinterpret_cast<const sockaddr_in*>(&storage_)->sin_port); }

void SocketAddress::set_port(std::uint16_t port) { reinterpret_cast<sockaddr_in*>(&storage_)->sin_port = htons(port); }

bool SocketAddress::same_host(const SocketAddress& other) const {
  if (family() != other.family()) return false;
  if (family() == AF_INET6) {
    const auto& a = *reinterpret_cast<const sockaddr_in6*>(&storage_);
    const auto& b = *reinterpret_cast<const sockaddr_in6*>(&other.storage_);
    return std::memcmp(&a.sin6_addr, &b.sin6_addr, sizeof(a.sin6_addr)) == 0;
  }
  const auto& a = *reinterpret_cast<const sockaddr_in*>(&storage_);
  const auto& b = *reinterpret_cast<const sockaddr_in*>(&other.storage_);
  return a.sin_addr.s_addr == b.sin_addr.s_addr;
}

Fd tcp_socket(int family) { return Fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP)); }

void send_at_once(int fd) { set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1); }

void break_at_close(int fd) {
  const linger abort{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
}

int connect_result(int fd) {
  int error = 0;
  socklen_t size = sizeof(error);
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

Result<ReservedPort, std::string> ReservedPort::take(const std::string& host, std::uint16_t port) {
  std::optional<SocketAddress> address = SocketAddress::of(host, port);
  if (!address) return failure(fmt::format("cannot listen at {}: not an IP address", host));

  // A port that the kernel chose would be given back by shutdown(); so it is bound once more, by its number.
  Fd chooser;
  if (port == 0) {
    Result<Fd, int> chosen = bound_socket(*address);
    if (!chosen) return failure(why_not(host, port, chosen.error()));
    chooser = std::move(*chosen);
    address->set_port(SocketAddress::local(chooser.get()).port());
  }
  Result<Fd, int> bound = bound_socket(*address);
  if (!bound) return failure(why_not(host, address->port(), bound.error()));

  // Only listening shows whether another process has bound the port in the same tolerant way.
  if (::listen(bound->get(), listen_backlog) != 0) return failure(why_not(host, address->port(), errno));
  ReservedPort reserved(std::move(*bound), address->port());
  reserved.listening_ = true;
  reserved.refuse();
  return reserved;
}

void ReservedPort::listen() {
  set_option(fd_.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  CHECK(::listen(fd_.get(), listen_backlog) == 0);
  listening_ = true;
}

void ReservedPort::refuse() {
  if (!listening_) return;  // a second shutdown() would be inherited by every connection that is accepted later
  ::shutdown(fd_.get(), SHUT_RDWR);
  set_option(fd_.get(), SOL_SOCKET, SO_REUSEADDR, 0);
  listening_ = false;
}

}  // namespace acklab::protocol

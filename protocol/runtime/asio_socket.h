// The kernel's sockets, wrapped as thinly as is safe. Asio waits for them (asio_stream.cpp, asio_listener.cpp); what is done with
// them is plain POSIX, so that the code shows what happens to a byte.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "protocol/result.h"

namespace acklab::protocol {

// A file descriptor with an owner.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd();

  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// An IPv4 or IPv6 address with a port, as the kernel wants it.
class SocketAddress {
 public:
  // Nothing if `host` is a name and not an address.
  static std::optional<SocketAddress> of(const std::string& host, std::uint16_t port);
  static SocketAddress of(const sockaddr* address, socklen_t size);
  static SocketAddress local(int fd);
  static SocketAddress remote(int fd);
  // Any address of this family, any port.
  static SocketAddress any(int family);

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const { return size_; }
  int family() const { return storage_.ss_family; }
  std::uint16_t port() const;
  void set_port(std::uint16_t port);
  bool same_host(const SocketAddress& other) const;

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = sizeof(sockaddr_storage);
};

// A TCP socket that never blocks; an empty Fd if the machine has none left.
Fd tcp_socket(int family);
// Small requests leave at once (TCP_NODELAY); waiting for more to say is the producer's business (linger.ms), not the kernel's.
void send_at_once(int fd);
// Closing it will break the connection (RST) instead of ending the stream.
void break_at_close(int fd);
// The error that a connect() in progress came to; 0 if it is connected.
int connect_result(int fd);

// A port that belongs to a node for the life of the world, whether the node lives or not.
//
// One socket is bound for ever. While nobody listens it is shut down: connects are refused, and SO_REUSEADDR is off, so that no other
// process gets the port. While somebody listens it is on: connections of earlier lives, which inherited it, do not stand in the way.
// (Linux: shutdown() turns a listening socket into a bound one that may listen() again, if it was bound to a port by number.)
class ReservedPort {
 public:
  // Port 0 takes any free one. The error is a line for the user.
  static Result<ReservedPort, std::string> take(const std::string& host, std::uint16_t port);

  std::uint16_t port() const { return port_; }
  int fd() const { return fd_.get(); }
  bool listening() const { return listening_; }
  void listen();
  void refuse();

 private:
  ReservedPort(Fd fd, std::uint16_t port) : fd_(std::move(fd)), port_(port) {}

  Fd fd_;
  std::uint16_t port_;
  bool listening_ = false;
};

}  // namespace acklab::protocol

#include "protocol/runtime/asio_listener.h"

#include <cerrno>
#include <chrono>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "protocol/runtime/asio_stream.h"

namespace acklab::protocol {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr int accepts_per_turn = 16;
// When the machine has no file descriptor left, the kernel reports the same connection again and again.
constexpr std::chrono::milliseconds pause_when_exhausted{100};

}  // namespace

struct AsioListener::State : std::enable_shared_from_this<State> {
  State(AsioNode& n, std::shared_ptr<AsioLife> l, ReservedPort& p, Accepted a)
      : node(n), life(std::move(l)), port(p), accepted(std::move(a)), descriptor(n.context(), p.fd()), retry(n.context()) {}

  bool stopped() const { return !descriptor.is_open() || life->dead; }
  void wait();
  void accept();
  void pause();
  void stop();

  AsioNode& node;
  const std::shared_ptr<AsioLife> life;
  ReservedPort& port;
  const Accepted accepted;
  asio::posix::stream_descriptor descriptor;
  asio::steady_timer retry;
};

void AsioListener::State::wait() {
  if (stopped()) return;
  descriptor.async_wait(asio::posix::descriptor_base::wait_read, node.own([self = shared_from_this()](error_code) {
    self->node.turn(*self->life, [self] { self->accept(); });
  }));
}

void AsioListener::State::accept() {
  for (int i = 0; i < accepts_per_turn && !stopped() && !life->paused; ++i) {
    Fd fd(::accept4(port.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) return pause();
      if (errno == EAGAIN) break;
      continue;  // that connection broke before it was accepted
    }
    const std::shared_ptr<AsioStream> stream = AsioStream::accepted(node, life, std::move(fd));
    accepted(std::make_unique<AsioConnection>(stream));
    stream->begin();
  }
  wait();
}

void AsioListener::State::pause() {
  retry.expires_after(pause_when_exhausted);
  retry.async_wait(node.own([self = shared_from_this()](error_code error) {
    if (!error) self->wait();
  }));
}

void AsioListener::State::stop() {
  if (!descriptor.is_open()) return;
  descriptor.release();  // the port keeps its socket
  retry.cancel();
  port.refuse();
}

AsioListener::AsioListener(AsioNode& node, std::shared_ptr<AsioLife> life, ReservedPort& port, Accepted accepted) {
  port.listen();
  state_ = std::make_shared<State>(node, std::move(life), port, std::move(accepted));
  state_->wait();
}

AsioListener::~AsioListener() {
  if (state_) state_->stop();
}

}  // namespace acklab::protocol

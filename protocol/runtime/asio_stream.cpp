#include "protocol/runtime/asio_stream.h"

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace acklab::protocol {

namespace asio = boost::asio;
using boost::system::error_code;

// What Asio waits for on behalf of a stream.
struct AsioStream::Socket {
  Socket(asio::io_context& context, Fd fd)
      : descriptor(context, fd.release()), inbox(context), outbox(context), linger(context) {}

  int fd() { return descriptor.native_handle(); }

  asio::posix::stream_descriptor descriptor;
  asio::steady_timer inbox;   // until its first bytes are due
  asio::steady_timer outbox;  // likewise
  asio::steady_timer linger;
};

std::span<std::byte> ReadChunk::room() {
  if (chunk_bytes - used_ < least_room) {
    bytes_ = std::shared_ptr<std::byte[]>(new std::byte[chunk_bytes]);  // not set to zero: it is about to be filled
    used_ = 0;
  }
  return {bytes_.get() + used_, chunk_bytes - used_};
}

Slice ReadChunk::take(std::size_t size) {
  const std::span<const std::byte> filled{bytes_.get() + used_, size};
  used_ += size;
  return {bytes_, filled};
}

std::shared_ptr<AsioStream> AsioStream::connect(AsioNode& node, std::shared_ptr<AsioLife> life, const Address& address) {
  auto stream = std::make_shared<AsioStream>(node, std::move(life));
  stream->kept_as_ = node.keep(stream);
  stream->server_port_ = address.port;
  if (address.host == node.commons().config.host) stream->peer_ = node.commons().directory.listener_at(address.port);
  if (!stream->peer_.known()) stream->peer_ = node.commons().new_stranger();
  if (const auto remote = SocketAddress::of(address.host, address.port)) {
    stream->open_socket(*remote);
    stream->hold_connect();
  } else {
    stream->resolve(address);
  }
  return stream;
}

std::shared_ptr<AsioStream> AsioStream::accepted(AsioNode& node, std::shared_ptr<AsioLife> life, Fd fd) {
  auto stream = std::make_shared<AsioStream>(node, std::move(life));
  stream->kept_as_ = node.keep(stream);
  send_at_once(fd.get());
  const SocketAddress here = SocketAddress::local(fd.get());
  const SocketAddress remote = SocketAddress::remote(fd.get());
  stream->here_ = From::server;
  stream->server_port_ = here.port();
  stream->id_ = remote.port();
  // Nodes of one world talk from and to the same host; a stranger elsewhere may have the same port.
  if (remote.same_host(here)) {
    stream->peer_ = node.commons().directory.connector_at(remote.port());
  }
  if (!stream->peer_.known()) stream->peer_ = node.commons().new_stranger();
  stream->socket_ = std::make_unique<Socket>(node.context(), std::move(fd));
  stream->show(Traffic::Kind::opened, From::client);
  return stream;
}

AsioStream::AsioStream(AsioNode& node, std::shared_ptr<AsioLife> life) : node_(node), life_(std::move(life)) {}

AsioStream::~AsioStream() = default;

template <class Turn>
void AsioStream::later(Turn turn) {
  asio::post(node_.context(), node_.own([self = shared_from_this(), turn] { turn(*self); }));
}

// --- coming about

// The port is known, and entered under this node's name, before anybody can see the connection.
void AsioStream::open_socket(const SocketAddress& remote) {
  remote_ = remote;
  fd_ = tcp_socket(remote.family());
  if (!fd_) return;
  send_at_once(fd_.get());
  SocketAddress here = SocketAddress::any(remote.family());
  if (!peer_.is_stranger()) here = SocketAddress::of(node_.commons().config.host, 0).value_or(here);
  if (::bind(fd_.get(), here.get(), here.size()) != 0) {
    fd_ = Fd();
    return;
  }
  id_ = SocketAddress::local(fd_.get()).port();
  if (!peer_.is_stranger()) {
    connecting_port_ = static_cast<std::uint16_t>(id_);
    node_.commons().directory.connects(connecting_port_, node_.id());
  }
}

void AsioStream::resolve(const Address& address) {
  phase_ = Phase::resolving;
  open_socket(SocketAddress::any(AF_INET));  // for the id; so a name must have an IPv4 address
  auto resolver = std::make_shared<asio::ip::tcp::resolver>(node_.context());
  resolver->async_resolve(asio::ip::tcp::v4(), address.host, std::to_string(address.port),
                          asio::ip::tcp::resolver::numeric_service,
                          node_.own([self = shared_from_this(), resolver](error_code error, const auto& found) {
                            if (self->phase_ != Phase::resolving) return;
                            if (error || found.empty()) return self->refused();
                            const auto remote = found.begin()->endpoint();
                            self->remote_ = SocketAddress::of(remote.data(), static_cast<socklen_t>(remote.size()));
                            self->hold_connect();
                          }));
}

void AsioStream::hold_connect() {
  phase_ = Phase::held;
  knocks_at_ = life_->paused ? AsioOutbox::when_resumed : node_.commons().now() + node_.links().connect_delay(peer_);
  knock();
}

void AsioStream::knock() {
  if (knocks_at_ == AsioOutbox::when_resumed) return;
  if (!node_.links().may_connect(peer_) || !node_.commons().directory.has_power(peer_)) return;
  const Duration left = knocks_at_ - node_.commons().now();
  if (left <= Duration::zero()) return start_connect();
  auto timer = std::make_shared<asio::steady_timer>(node_.context(), left);
  timer->async_wait(node_.own([self = shared_from_this(), timer](error_code) {
    if (self->phase_ == Phase::held) self->knock();
  }));
}

void AsioStream::go_on() {
  if (phase_ == Phase::held) knock();
  if (phase_ == Phase::open) {
    flush_soon();
    wait_readable();
  }
}

void AsioStream::healed(LinkEnd end) {
  if (end == LinkEnd::sender) outbox_.hurry();
  if (end == LinkEnd::receiver) {
    for (Late& late : inbox_) late.arrives = Time{};
  }
  if (knocks_at_ != AsioOutbox::when_resumed) knocks_at_ = Time{};
  go_on();
}

void AsioStream::resumed() {
  outbox_.resumed([this](std::size_t bytes) { return leaves(bytes); });
  if (knocks_at_ == AsioOutbox::when_resumed) hold_connect();
}

// What it would have sent after the pause was never sent; if it would have closed, it dies instead.
void AsioStream::bury() {
  if (outbox_.withdraw()) outbox_.push_end(leaves(0));
  flush_soon();
  release();
}

void AsioStream::start_connect() {
  phase_ = Phase::connecting;
  if (!fd_ || (::connect(fd_.get(), remote_.get(), remote_.size()) != 0 && errno != EINPROGRESS)) {
    return later([](AsioStream& self) { self.refused(); });
  }
  socket_ = std::make_unique<Socket>(node_.context(), std::move(fd_));
  socket_->descriptor.async_wait(asio::posix::descriptor_base::wait_write, node_.own([self = shared_from_this()](error_code) {
    if (self->phase_ != Phase::connecting) return;
    connect_result(self->socket_->fd()) == 0 ? self->connected() : self->refused();
  }));
}

void AsioStream::connected() {
  phase_ = Phase::open;
  if (!peer_shows()) show(Traffic::Kind::opened, From::client);
  node_.turn(*life_, [self = shared_from_this()] { self->tell(self->events_.opened); });
  flush_soon();
  wait_readable();
}

void AsioStream::refused() {
  show(Traffic::Kind::refused, From::server);
  end();
  tell_closed(CloseReason::refused);
}

void AsioStream::begin() { wait_readable(); }

// --- reading

bool AsioStream::may_hand_over() const {
  if (phase_ != Phase::open || !node_.links().may_receive(peer_)) return false;
  // Without an owner the bytes are thrown away. They have to be read all the same: closing a socket with unread bytes breaks the
  // connection, and a peer that is stuck in sending would never read what lingers here.
  return released_ || (!paused_ && life_->takes_turns());
}

bool AsioStream::may_read() const { return may_hand_over() && !input_over_ && inbox_bytes_ < max_inbox_bytes; }

void AsioStream::wait_readable() {
  wait_due_inbox();
  if (waits_readable_ || !may_read()) return;
  waits_readable_ = true;
  socket_->descriptor.async_wait(asio::posix::descriptor_base::wait_read, node_.own([self = shared_from_this()](error_code) {
    self->waits_readable_ = false;
    if (self->may_read()) self->readable();
  }));
}

void AsioStream::readable() {
  const AsioNode::SendsAtEnd sends(node_);
  for (int i = 0; i < reads_per_turn && may_read(); ++i) {
    const std::span<std::byte> room = chunk_.room();
    const ssize_t got = ::recv(socket_->fd(), room.data(), room.size(), 0);
    if (got == 0) {
      if (reset_by_peer_) return broken();
      input_over_ = true;
      return arrived({});
    }
    if (got < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) break;
      return broken();
    }
    const auto size = static_cast<std::size_t>(got);
    arrived(chunk_.take(size));
    if (size < room.size()) break;  // nothing more for the moment, most likely
  }
  wait_readable();
}

// What a slow stranger sent is in this process already, but has not arrived.
void AsioStream::arrived(Slice bytes) {
  const Time arrives = node_.links().arrives(peer_, bytes.size(), node_.commons().now());
  if (inbox_.empty() && arrives == Time{}) return hand_over(std::move(bytes));
  inbox_bytes_ += bytes.size();
  inbox_.push_back({std::move(bytes), arrives});
  wait_due_inbox();
}

void AsioStream::wait_due_inbox() {
  if (inbox_.empty() || !may_hand_over()) return;
  const Duration left = inbox_.front().arrives - node_.commons().now();
  socket_->inbox.expires_after(std::max(left, Duration::zero()));
  socket_->inbox.async_wait(node_.own([self = shared_from_this()](error_code error) {
    if (!error) self->hand_over_due();
  }));
}

void AsioStream::hand_over_due() {
  const Time now = node_.commons().now();
  while (!inbox_.empty() && inbox_.front().arrives <= now && may_hand_over()) {
    Slice bytes = std::move(inbox_.front().bytes);
    inbox_.pop_front();
    inbox_bytes_ -= bytes.size();
    hand_over(std::move(bytes));
  }
  wait_readable();
}

void AsioStream::hand_over(Slice bytes) {
  if (bytes.empty()) return end_of_input();
  show(Traffic::Kind::bytes, there(), bytes.view());
  if (!released_) tell(events_.received, std::move(bytes));
}

// The peer may have closed only its sending half and still wait for what is queued here, so the socket stays until the owner lets go.
void AsioStream::end_of_input() {
  show(Traffic::Kind::end, there());
  tell_closed(CloseReason::end_of_stream);
  if (goodbye_said_) end();
}

void AsioStream::broken() {
  show(Traffic::Kind::reset, there());
  end();
  tell_closed(CloseReason::reset);
}

void AsioStream::resume_reading() {
  paused_ = false;
  wait_readable();
}

// --- writing

void AsioStream::send(const Bytes& bytes) {
  if (released_ || life_->dead || phase_ == Phase::ended || bytes.empty()) return;
  outbox_.push(bytes, leaves(bytes.size()));
  flush_soon();
}

Time AsioStream::leaves(std::size_t bytes) {
  return life_->paused ? AsioOutbox::when_resumed : node_.links().leaves(peer_, bytes, node_.commons().now());
}

// All that is sent in one turn leaves in one system call after it.
void AsioStream::flush_soon() {
  if (flush_comes_ || waits_writable_ || phase_ != Phase::open || outbox_.empty()) return;
  flush_comes_ = true;
  if (!node_.flush_at_end(shared_from_this())) later([](AsioStream& self) { self.flush_now(); });
}

void AsioStream::flush_now() {
  flush_comes_ = false;
  flush();
}

void AsioStream::flush() {
  if (phase_ != Phase::open || waits_writable_ || !node_.links().may_send(peer_)) return;
  std::size_t budget = bytes_written_per_turn;
  const Time now = node_.commons().now();
  while (!outbox_.empty()) {
    if (!outbox_.due(now)) return wait_due_outbox(now);
    if (outbox_.at_end()) return say_goodbye();
    if (budget == 0) return flush_soon();
    if (!write_some(budget, now)) return;
  }
}

// One gather write. False if the kernel takes no more for now, or never again.
bool AsioStream::write_some(std::size_t& budget, Time now) {
  std::array<std::span<const std::byte>, pieces_per_write> views;
  const std::size_t count = outbox_.gather(views, now);
  std::array<iovec, pieces_per_write> pieces;
  std::size_t offered = 0;
  for (std::size_t i = 0; i < count; ++i) {
    pieces[i] = {const_cast<std::byte*>(views[i].data()), views[i].size()};  // sendmsg() only reads
    offered += views[i].size();
  }

  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = count;
  const ssize_t taken = ::sendmsg(socket_->fd(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (taken < 0) {
    if (errno == EINTR) return true;
    if (errno == EAGAIN) {
      wait_writable();
    } else {
      // What the peer said last may still be in the kernel: its answer, then its reason to close.
      reset_by_peer_ = errno == ECONNRESET;  // said once: whoever reads now finds the bytes and then a plain end
      outbox_.clear();
      if (may_read()) readable();
      if (phase_ == Phase::open && !input_over_ && !life_->paused) broken();  // a paused life reads it when it is resumed
      if (released_) end();
    }
    return false;
  }
  const auto size = static_cast<std::size_t>(taken);
  if (!peer_shows()) show_written({views.data(), count}, size);
  outbox_.written(size);
  budget -= std::min(budget, size);
  if (size == offered) return true;
  wait_writable();
  return false;
}

void AsioStream::wait_writable() {
  waits_writable_ = true;
  socket_->descriptor.async_wait(asio::posix::descriptor_base::wait_write, node_.own([self = shared_from_this()](error_code) {
    self->waits_writable_ = false;
    self->flush();
  }));
}

void AsioStream::wait_due_outbox(Time now) {
  if (outbox_.leaves() == AsioOutbox::when_resumed) return;
  socket_->outbox.expires_after(outbox_.leaves() - now);
  socket_->outbox.async_wait(node_.own([self = shared_from_this()](error_code error) {
    if (!error) self->flush();
  }));
}

// --- ending

void AsioStream::release() {
  if (released_) return;
  released_ = true;
  // Inside one of its callbacks the callbacks must stay until it returns: see tell().
  if (!in_callback_) const ConnectionEvents gone = std::exchange(events_, {});
  if (phase_ == Phase::resolving || phase_ == Phase::held) return end();
  if (phase_ == Phase::connecting && outbox_.empty()) return end();
  outbox_.push_end(leaves(0));
  flush_soon();
  wait_readable();
}

// Half a close: the peer gets all that is on its way, then the end of the stream. The socket goes when the peer has closed, too.
void AsioStream::say_goodbye() {
  if (goodbye_said_) return;
  goodbye_said_ = true;
  if (!peer_shows()) show(Traffic::Kind::end, here());
  if (input_over_) return end();
  ::shutdown(socket_->fd(), SHUT_WR);
  socket_->linger.expires_after(linger_limit);
  socket_->linger.async_wait(node_.own([self = shared_from_this()](error_code error) {
    if (!error) self->end();
  }));
  wait_readable();
}

void AsioStream::reset() {
  if (phase_ != Phase::connecting && phase_ != Phase::open && phase_ != Phase::silent) return;
  end_with_reset();
  later([](AsioStream& self) { self.tell_closed(CloseReason::reset); });
}

void AsioStream::silence() {
  if (phase_ != Phase::open) return end();
  phase_ = Phase::silent;
  outbox_.clear();
  socket_->descriptor.cancel();
  socket_->linger.cancel();
}

void AsioStream::power_back() {
  if (phase_ != Phase::silent) return;
  socket_->descriptor.async_wait(asio::posix::descriptor_base::wait_read, node_.own([self = shared_from_this()](error_code) {
    if (self->phase_ == Phase::silent) self->end_with_reset();
  }));
}

void AsioStream::end_with_reset() {
  show(Traffic::Kind::reset, here());
  if (socket_) break_at_close(socket_->fd());
  end();
}

void AsioStream::end() {
  if (phase_ == Phase::ended) return;
  phase_ = Phase::ended;
  outbox_.clear();
  // In this order: once the socket is closed, another one may be given its port.
  if (connecting_port_ != 0) node_.commons().directory.hung_up(connecting_port_);
  socket_.reset();
  fd_ = Fd();
  node_.forget(kept_as_, peer_);
}

// --- telling the tap

void AsioStream::show(Traffic::Kind kind, From from, std::span<const std::byte> bytes) {
  const Tap& tap = node_.commons().config.tap;
  if (!tap) return;
  const bool client = here_ == From::client;
  tap({.kind = kind,
       .from = from,
       .client = client ? node_.id() : peer_,
       .server = client ? peer_ : node_.id(),
       .port = server_port_,
       .connection = id_,
       .at = node_.commons().wall_began + node_.commons().now().time_since_epoch(),
       .bytes = bytes});
}

void AsioStream::show_written(std::span<const std::span<const std::byte>> pieces, std::size_t size) {
  for (const std::span<const std::byte> piece : pieces) {
    const std::size_t written = std::min(size, piece.size());
    if (written > 0) show(Traffic::Kind::bytes, here(), piece.first(written));
    size -= written;
  }
}

// --- telling the owner

template <class... Arguments>
void AsioStream::tell(const std::function<void(Arguments...)>& callback, std::type_identity_t<Arguments>... arguments) {
  if (released_ || life_->dead || !callback) return;
  in_callback_ = true;
  callback(std::move(arguments)...);
  in_callback_ = false;
  if (released_) const ConnectionEvents gone = std::exchange(events_, {});
}

void AsioStream::tell_closed(CloseReason reason) {
  node_.turn(*life_, [self = shared_from_this(), reason] {
    if (self->released_) return;
    const ConnectionEvents events = std::exchange(self->events_, {});
    if (events.closed) events.closed(reason);
  });
}

// --- the owner's side

void AsioStream::on(ConnectionEvents events) {
  if (!released_ && phase_ != Phase::ended) events_ = std::move(events);
}

void AsioConnection::on(ConnectionEvents events) {
  if (stream_) stream_->on(std::move(events));
}

void AsioConnection::send(Bytes bytes) {
  if (stream_) stream_->send(std::move(bytes));
}

void AsioConnection::pause_reading() {
  if (stream_) stream_->pause_reading();
}

void AsioConnection::resume_reading() {
  if (stream_) stream_->resume_reading();
}

void AsioConnection::close() {
  if (stream_) stream_->release();
}

}  // namespace acklab::protocol

// One end of a TCP connection. Its owner holds an AsioConnection, which may go away at any time; the stream stays until the bytes
// that were handed to it have left and the peer has closed, too.
//
//                 .-> held --.  (the link is cut, or the peer has no power)
//   connect() ----+          +-> connecting --> open --> ended
//                 `----------'                   |
//   accept() ------------------------------------+  a power loss: silent, until the machine is back and the peer says something
//
// Received bytes are handed out as slices of one chunk, piece after piece, until it is used up: no byte is copied after the kernel's
// copy, and a small message that is kept for long holds on to no more than the chunk that it shares with its neighbours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include "protocol/runtime/asio_node.h"
#include "protocol/runtime/asio_outbox.h"
#include "protocol/runtime/asio_socket.h"
#include "protocol/runtime/runtime.h"
#include "protocol/runtime/traffic.h"

namespace acklab::protocol {

// Where received bytes land.
class ReadChunk {
 public:
  static constexpr std::size_t chunk_bytes = std::size_t{64} << 10;
  static constexpr std::size_t least_room = std::size_t{4} << 10;

  std::span<std::byte> room();
  // The first `size` bytes of the room, which were filled.
  Slice take(std::size_t size);

 private:
  std::shared_ptr<std::byte[]> bytes_;
  std::size_t used_ = chunk_bytes;
};

class AsioStream : public std::enable_shared_from_this<AsioStream> {
 public:
  static std::shared_ptr<AsioStream> connect(AsioNode& node, std::shared_ptr<AsioLife> life, const Address& address);
  static std::shared_ptr<AsioStream> accepted(AsioNode& node, std::shared_ptr<AsioLife> life, Fd fd);
  AsioStream(AsioNode& node, std::shared_ptr<AsioLife> life);
  ~AsioStream();

  // For the owner.
  void on(ConnectionEvents events);
  void send(const Bytes& bytes);
  std::size_t unsent() const { return outbox_.unsent(); }
  void pause_reading() { paused_ = true; }
  void resume_reading();
  void release();  // the owner wants no more of it
  std::uint64_t id() const { return id_; }

  // An accepted stream begins to read when its owner has had the time to say what it wants to hear.
  void begin();

  // For the node.
  NodeId peer() const { return peer_; }
  bool belongs_to(const AsioLife& life) const { return life_.get() == &life; }
  void flush_now();          // what was sent in the turn that ends
  void go_on();              // something may flow that was held
  void healed(LinkEnd end);  // of the link, at this node's end
  void resumed();            // its life was
  void bury();               // its life is over
  void reset();              // breaks the connection and tells its owner
  void silence();            // the machine lost its power
  void power_back();         // and has it again: who speaks to this connection of the past learns that it is gone
  void end();                // closes at once; what the kernel has taken still leaves

 private:
  using From = Traffic::From;
  enum class Phase { resolving, held, connecting, open, silent, ended };
  struct Socket;

  // Small and few enough for a turn of a few hundred microseconds; others want their turn, too.
  static constexpr int reads_per_turn = 8;
  static constexpr std::size_t bytes_written_per_turn = std::size_t{1} << 20;
  static constexpr std::size_t pieces_per_write = 64;
  // So much may wait here of what a slow stranger sent; the rest waits in the kernel.
  static constexpr std::size_t max_inbox_bytes = std::size_t{1} << 20;
  // So long a peer may take to close its side after ours was closed.
  static constexpr Duration linger_limit = std::chrono::seconds(5);

  void open_socket(const SocketAddress& remote);
  void resolve(const Address& address);
  void hold_connect();
  void knock();
  void start_connect();
  void connected();
  void refused();

  bool may_hand_over() const;
  bool may_read() const;
  void wait_readable();
  void readable();
  void arrived(Slice bytes);
  void wait_due_inbox();
  void hand_over_due();
  void hand_over(Slice bytes);
  void end_of_input();
  void broken();

  void flush_soon();
  void flush();
  Time leaves(std::size_t bytes);
  bool write_some(std::size_t& budget, Time now);
  void wait_writable();
  void wait_due_outbox(Time now);
  void say_goodbye();

  // To the tap of the world.
  void show(Traffic::Kind kind, From from, std::span<const std::byte> bytes = {});
  void show_written(std::span<const std::span<const std::byte>> pieces, std::size_t size);
  bool peer_shows() const { return !peer_.is_stranger(); }  // what leaves here, when it arrives there
  From here() const { return here_; }
  From there() const { return here_ == From::client ? From::server : From::client; }

  void tell_closed(CloseReason reason);
  template <class... Arguments>
  void tell(const std::function<void(Arguments...)>& callback, std::type_identity_t<Arguments>... arguments);
  template <class Turn>
  void later(Turn turn);
  void end_with_reset();

  AsioNode& node_;
  const std::shared_ptr<AsioLife> life_;
  Phase phase_ = Phase::open;
  Fd fd_;                           // until Asio has it
  std::unique_ptr<Socket> socket_;  // from `connecting` on
  SocketAddress remote_;
  NodeId peer_;
  From here_ = From::client;
  std::uint16_t server_port_ = 0;
  std::uint16_t connecting_port_ = 0;  // entered in the directory
  Time knocks_at_{};                   // when the attempt to connect leaves
  std::uint64_t id_ = 0;
  std::uint64_t kept_as_ = 0;

  ConnectionEvents events_;
  bool in_callback_ = false;
  bool released_ = false;

  ReadChunk chunk_;
  bool paused_ = false;
  bool waits_readable_ = false;
  bool input_over_ = false;
  bool reset_by_peer_ = false;

  struct Late {
    Slice bytes;  // none: the end of the stream
    Time arrives;
  };
  std::deque<Late> inbox_;  // of what a slow stranger sent
  std::size_t inbox_bytes_ = 0;

  AsioOutbox outbox_;
  bool waits_writable_ = false;
  bool flush_comes_ = false;
  bool goodbye_said_ = false;
};

// What the owner holds. Without a stream, in the hands of a dead node, it does nothing.
class AsioConnection final : public Connection {
 public:
  explicit AsioConnection(std::shared_ptr<AsioStream> stream = nullptr) : stream_(std::move(stream)) {}
  ~AsioConnection() override { close(); }

  void on(ConnectionEvents events) override;
  void send(Bytes bytes) override;
  std::size_t unsent() const override { return stream_ ? stream_->unsent() : 0; }
  void pause_reading() override;
  void resume_reading() override;
  void close() override;
  std::uint64_t id() const override { return stream_ ? stream_->id() : 0; }
  NodeId peer() const override { return stream_ ? stream_->peer() : NodeId{}; }

 private:
  std::shared_ptr<AsioStream> stream_;
};

}  // namespace acklab::protocol

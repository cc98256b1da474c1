// One direction of a simulated connection: the bytes that wait at the sender, and those that the network has taken. A pure machine:
// the time is an argument, and it knows nothing of nodes or events.
//
//   queue() --> waiting --pump()--> in flight --arrive()--> the receiver --consumed()--> gone
//                                   `------- at most `window` bytes -------'
//
// The window stands for both ends' buffers: a receiver that does not read fills it, and the sender's unsent() begins to grow.
#pragma once

#include <cstddef>
#include <cstdint>

#include "protocol/runtime/fifo.h"
#include "protocol/runtime/random.h"
#include "protocol/runtime/slowness.h"
#include "protocol/runtime/time.h"
#include "protocol/wire/slice.h"

namespace acklab::protocol {

// How long bytes take from one node to another.
struct LinkShape {
  Duration latency = std::chrono::microseconds(300);
  Duration jitter = std::chrono::microseconds(600);  // at most this much more, drawn for every piece of bytes
  std::int64_t bytes_per_second = 0;                 // 0: no limit. Connections of a link share it.
};

// All that one node sends to another passes through one link, whatever the connection.
struct SimLink {
  LinkShape shape;
  Random random;
  Slowness slowness{};
  Time free_at{};  // when the last byte that was given to it has left, if it has a limited bandwidth
  bool cut = false;
  bool stalled = false;

  Duration draw_latency();
  // The lower of the two limits; 0: none.
  std::int64_t bytes_per_second() const;
};

enum class SegmentKind : std::uint8_t {
  opened,   // the listener accepted: the first that ever comes from that side
  refused,  // nobody listens
  data,
  end,    // end of stream
  reset,  // the machine knows no such connection (any more)
};

// What travels: some bytes or a signal.
struct Segment {
  SegmentKind kind{};
  Slice bytes;     // of data
  Time sent_at{};  // when the sender was free to send it; Time::max() while it is paused
  Time arrives{};  // set when the network takes it
};

class SimStream {
 public:
  SimStream(SimLink& link, std::size_t window) : link_(&link), window_(window) {}

  const SimLink& link() const { return *link_; }

  // Nothing flows before this; the side that connects may queue bytes earlier.
  void open() { open_ = true; }
  bool is_open() const { return open_; }
  void queue(Segment segment);
  // Lets the network take what the window allows. Call it after each of the other calls that make room or add bytes.
  void pump(Time now);
  std::size_t unsent() const { return waiting_bytes_; }
  bool empty() const { return waiting_.empty() && in_flight_.empty(); }

  bool any_in_flight() const { return !in_flight_.empty(); }
  Time next_arrival() const { return in_flight_.front().arrives; }
  // The link holds what would arrive next. A stalled link still lets connections come about.
  bool held() const;
  // The first segment in flight; its bytes fill the window until they are consumed.
  Segment arrive();
  void consumed(std::size_t bytes) { in_window_ -= bytes; }

  // The sender is not paused any more: what it sent meanwhile leaves now.
  void sender_resumed(Time now);
  // After the link was healed: all that is in flight travels again from `now` on, in its order.
  void resend(Time now);
  // The sender died: what it would have sent after `now` was never sent. True if the end of the stream was among it.
  bool withdraw_after(Time now);
  // Nothing of it will ever arrive.
  void clear();

 private:
  void route(Segment& segment, Time now);

  SimLink* link_;
  std::size_t window_;
  bool open_ = false;
  Fifo<Segment> waiting_;
  std::size_t waiting_bytes_ = 0;
  Fifo<Segment> in_flight_;
  std::size_t in_window_ = 0;  // bytes in flight or not yet consumed
  Time last_arrival_{};        // later bytes never arrive earlier
};

}  // namespace acklab::protocol

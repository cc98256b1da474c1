// What one end of a connection has to say and the kernel has not taken: pieces of bytes in their order, each with the time before
// which it does not leave, and at last the end of the stream. A pure queue; what is due is asked with the time as an argument.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <span>

#include "protocol/runtime/time.h"
#include "protocol/wire/slice.h"

namespace acklab::protocol {

class AsioOutbox {
 public:
  static constexpr Time at_once{};
  // Of what a paused node sends: nobody knows when it leaves.
  static constexpr Time when_resumed = Time::max();

  void push(Bytes bytes, Time leaves);
  void push_end(Time leaves) { items_.push_back({{}, leaves}); }

  std::size_t unsent() const { return unsent_; }  // bytes
  bool empty() const { return items_.empty(); }
  // Of the first item, which must exist.
  bool due(Time now) const { return items_.front().leaves <= now; }
  Time leaves() const { return items_.front().leaves; }
  bool at_end() const { return items_.front().is_end(); }

  // Fills `views` with the first bytes that are due, as many as fit; returns how many views it filled.
  std::size_t gather(std::span<std::span<const std::byte>> views, Time now) const;
  // So many of these bytes have left.
  void written(std::size_t size);

  // A slow link was healed: all leaves at once but what waits for the node to be resumed.
  void hurry();
  // The node was resumed: what waited for that leaves when `leaves` says for so many bytes.
  void resumed(const std::function<Time(std::size_t)>& leaves);
  // The node died before it was resumed: what waited for that was never said. True if the end of the stream was among it.
  bool withdraw();
  void clear();

 private:
  struct Item {
    Bytes bytes;
    Time leaves;
    bool is_end() const { return bytes.empty(); }
  };

  std::deque<Item> items_;
  std::size_t first_piece_ = 0;  // of the first item that has not left
  std::size_t first_byte_ = 0;   // of that piece
  std::size_t unsent_ = 0;
};

}  // namespace acklab::protocol

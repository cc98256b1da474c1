// One client connection. Requests are served one at a time, in the order of their arrival, so answers leave in that order: as Kafka
// does by muting the channel until the answer left. A parked request (acks=all, a long-polling Fetch) therefore holds all behind it;
// those stay buffered up to a limit, and beyond it the connection is not read, so that the peer feels it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "broker/metrics.h"
#include "protocol/runtime/runtime.h"
#include "protocol/wire/framer.h"
#include "protocol/wire/slice.h"

namespace acklab::broker {

class Session {
 public:
  // Begins to serve one request. It is over when answer(), answer_nothing() or close() was called, now or later.
  using Serve = std::function<void(std::uint64_t connection, protocol::Slice frame)>;
  // The session's last words: why, if there is more to say than that the peer has gone. It may be destroyed inside.
  using Ended = std::function<void(std::uint64_t connection, std::optional<std::string> why)>;

  Session(std::unique_ptr<protocol::Connection> connection, std::size_t max_request_bytes, Serve serve, Ended ended);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  std::uint64_t id() const { return id_; }
  protocol::NodeId peer() const { return peer_; }

  // Each ends the request being served. True if the answer was handed to the connection: a peer that has gone is answered nothing.
  bool answer(protocol::Bytes frame);
  void answer_nothing();
  void close(std::string reason);
  // Keeps the answer back, and with it all that is behind it, until it is released or the peer has gone.
  void hold(protocol::Bytes frame);
  void release();

 private:
  void received(protocol::Slice bytes);
  void peer_closed(protocol::CloseReason reason);
  void take_frames();
  void go_on();
  void end(std::optional<std::string> why);

  std::unique_ptr<protocol::Connection> connection_;
  std::uint64_t id_;
  protocol::NodeId peer_;
  Serve serve_;
  Ended ended_;
  protocol::Framer framer_;
  std::deque<protocol::Slice> frames_;     // whole requests, waiting their turn
  std::size_t frame_bytes_ = 0;            // in frames_
  std::optional<std::string> unreadable_;  // what comes behind frames_ is no frame, and why
  std::optional<std::string> closing_;     // why, once it is decided
  bool broken_ = false;                    // by the peer, or the network
  std::optional<protocol::Bytes> held_;    // the answer of the request being served
  bool serving_ = false;                   // a request is being served
  bool going_on_ = false;                  // go_on() is on the stack
  bool reading_paused_ = false;
  bool peer_is_gone_ = false;
};

// All client connections of a broker. An answer finds its session here by the connection's number, or finds that it has gone.
class Sessions {
 public:
  using Log = std::function<void(std::string)>;

  // `runtime` and `metrics` outlive it.
  Sessions(protocol::Runtime& runtime, BrokerMetrics& metrics, std::size_t max_request_bytes, Session::Serve serve, Log log);

  void add(std::unique_ptr<protocol::Connection> connection);
  Session* find(std::uint64_t connection);

  // For planned faults. Keeps a session's answer back for that long, or until its peer goes away.
  void hold(std::uint64_t connection, protocol::Bytes frame, std::optional<protocol::Duration> by);
  void later(protocol::Duration delay, std::function<void()> task);

  protocol::Time now() const { return runtime_.now(); }
  // Of an API that is served.
  RequestMetrics& metrics(std::int16_t api_key) { return metrics_.requests.at(api_key); }

 private:
  protocol::Runtime& runtime_;
  BrokerMetrics& metrics_;
  std::size_t max_request_bytes_;
  Session::Serve serve_;
  Log log_;
  std::map<std::uint64_t, Session> sessions_;
  std::map<std::uint64_t, std::unique_ptr<protocol::Timer>> timers_;  // of later()
  std::uint64_t next_timer_ = 0;
};

}  // namespace acklab::broker

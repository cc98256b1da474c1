#include "broker/controller/internal_server.h"

#include <utility>

#include "broker/config.h"

namespace acklab::broker {

using protocol::Slice;

InternalServer::InternalServer(protocol::Runtime& runtime, const protocol::Address& address, std::size_t max_request_bytes,
                               Handler handler)
    : runtime_(runtime), max_request_bytes_(max_request_bytes), handler_(std::move(handler)) {
  listener_ = runtime_.listen(address, [this](auto connection) { accept(std::move(connection)); });
}

InternalServer::~InternalServer() = default;

void InternalServer::accept(std::unique_ptr<protocol::Connection> connection) {
  if (sessions_.size() >= max_controller_connections) return;  // closes it
  const SessionId id = ++last_id_;
  const auto received = [this, id](Slice bytes) {
    const auto session = sessions_.find(id);
    if (session == sessions_.end()) return;
    session->second.framer.feed(std::move(bytes));
    serve(id);
  };
  const auto closed = [this, id](protocol::CloseReason) { sessions_.erase(id); };
  connection->on({.opened = nullptr, .received = received, .closed = closed});
  sessions_.emplace(id, Session{std::move(connection), protocol::Framer(max_request_bytes_), false, nullptr});
}

// Looks the session up again after every call of the handler, which may have ended it.
void InternalServer::serve(SessionId id) {
  for (;;) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end() || found->second.serving) return;
    const auto frame = found->second.framer.next();
    if (!frame) return refuse(id);
    if (!*frame) return;
    const auto request = protocol::parse_request(**frame);
    if (!request) return refuse(id);
    found->second.serving = true;
    handler_(id, *request);
    const auto after = sessions_.find(id);
    if (after != sessions_.end() && after->second.serving) return after->second.connection->pause_reading();
  }
}

void InternalServer::answer(SessionId id, protocol::Bytes frame) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  Session& session = found->second;
  session.connection->send(std::move(frame));
  session.serving = false;
  session.connection->resume_reading();
  // Requests that came in one read with the one that had to wait. Not from here: the caller may be in the middle of anything.
  if (session.framer.buffered() > 0) {
    session.next = runtime_.after(protocol::Duration::zero(), [this, id] { serve(id); });
  }
}

void InternalServer::refuse(SessionId id) { sessions_.erase(id); }

}  // namespace acklab::broker

// One TCP connection of a question: blocking, with a limit on every wait, and with no trust in what comes back.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "protocol/result.h"
#include "protocol/runtime/node.h"
#include "protocol/runtime/time.h"
#include "protocol/wire/slice.h"

namespace acklab::conform {

// How an exchange ends in which no frame came.
enum class Ending { unresolved, refused, closed, silent, absurd };
std::string_view words(Ending ending);

class Wire {
 public:
  // `limit` is that of this wait and of each one below.
  static protocol::Result<Wire, Ending> connect(const protocol::Address& broker, protocol::Duration limit);
  ~Wire();
  Wire(Wire&&) noexcept;
  Wire& operator=(Wire&&) noexcept;

  // As they are. Whether the peer still listens shows when its answer is waited for.
  void send(std::string_view bytes);
  // The next frame, without its size.
  protocol::Result<protocol::Slice, Ending> receive();

 private:
  class Socket;
  explicit Wire(std::unique_ptr<Socket> socket);
  std::unique_ptr<Socket> socket_;
};

}  // namespace acklab::conform

#include "tools/lab/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <initializer_list>

#include "protocol/check.h"

namespace acklab::lab {

LoopbackPair::LoopbackPair() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  CHECK(bind(listener, reinterpret_cast<sockaddr*>(&address), length) == 0 && listen(listener, 1) == 0);
  CHECK(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) == 0);
  client_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK(connect(client_, reinterpret_cast<sockaddr*>(&address), length) == 0);
  server_ = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  close(listener);
  const int on = 1;
  for (const int end : {client_, server_}) setsockopt(end, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

LoopbackPair::~LoopbackPair() {
  for (const int end : {client_, server_}) close(end);
}

}  // namespace acklab::lab

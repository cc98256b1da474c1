// Two ends of a TCP connection over loopback: what benchmarks measure the floor of.
#pragma once

namespace acklab::lab {

class LoopbackPair {
 public:
  LoopbackPair();
  ~LoopbackPair();
  LoopbackPair(const LoopbackPair&) = delete;
  LoopbackPair& operator=(const LoopbackPair&) = delete;

  // Descriptors of blocking sockets, without Nagle's delay.
  int client() const { return client_; }
  int server() const { return server_; }

 private:
  int client_ = -1;
  int server_ = -1;
};

}  // namespace acklab::lab

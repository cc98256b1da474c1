// A thread that nodes take their turns on: each node has one for itself, or several share one. Nothing that is run here may throw.
#pragma once

#include <memory>
#include <string>
#include <thread>

namespace boost::asio {
class io_context;
}

namespace acklab::protocol {

class AsioThread {
 public:
  explicit AsioThread(std::string name);  // as debuggers show it
  ~AsioThread();                          // was stopped; what was still queued is dropped
  AsioThread(const AsioThread&) = delete;
  AsioThread& operator=(const AsioThread&) = delete;

  boost::asio::io_context& context();
  void stop();  // returns when the turn that runs has ended

 private:
  struct Loop;

  void run();

  const std::string name_;
  std::unique_ptr<Loop> loop_;
  std::thread thread_;  // last: it uses the others
};

}  // namespace acklab::protocol

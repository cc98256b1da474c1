// The smallest world there is: one node, time that moves when the test says so, and connections whose other end is the test.
#pragma once

#include <memory>
#include <vector>

#include "protocol/runtime/runtime.h"
#include "protocol/wire/framer.h"

namespace acklab::protocol {

class FakeRuntime final : public Runtime {
 public:
  // The far end of a connection that the node made.
  class Peer {
   public:
    void open() { call(&ConnectionEvents::opened); }
    void close(CloseReason reason) { call(&ConnectionEvents::closed, reason); }
    void send(const Bytes& bytes) { call(&ConnectionEvents::received, bytes.copy()); }
    // The next whole frame that the node sent.
    std::optional<Slice> take_frame() { return framer_.next().value(); }
    // The node still holds its end.
    bool connected() const { return connected_; }

   private:
    friend class FakeRuntime;
    template <class... Parameters, class... Arguments>
    void call(std::function<void(Parameters...)> ConnectionEvents::*event, Arguments... arguments) {
      const auto callback = events_.*event;  // the node may destroy its end inside the callback
      if (connected_ && callback) callback(std::move(arguments)...);
    }

    ConnectionEvents events_;
    bool connected_ = true;
    Framer framer_{1u << 20};
  };

  Peer& peer() { return *peers_.back(); }
  // Lets the time pass and runs what is due, in order.
  void advance(Duration duration);
  // How often a task of after() has run.
  int tasks_run() const { return tasks_run_; }

  NodeId node() const override { return NodeId::client(0); }
  Time now() const override { return now_; }
  WallTime wall_now() const override { return {0}; }
  Random random(std::string_view) override { return Random(0); }
  std::unique_ptr<Timer> after(Duration delay, std::function<void()> task) override;
  std::unique_ptr<Connection> connect(const Address& address) override;
  std::unique_ptr<Listener> listen(const Address&, std::function<void(std::unique_ptr<Connection>)>) override { return nullptr; }
  void note(const Entry&) override {}
  TopicNumber topic_number(std::string_view) override { return 0; }

 private:
  struct Task {
    Time due;
    std::function<void()> run;
    bool cancelled = false;
  };
  class FakeTimer;
  class FakeConnection;

  Time now_{};
  int tasks_run_ = 0;
  std::vector<std::shared_ptr<Task>> tasks_;
  std::vector<std::shared_ptr<Peer>> peers_;
};

}  // namespace acklab::protocol

#include "tests/protocol/fake_runtime.h"

#include <algorithm>

namespace acklab::protocol {

class FakeRuntime::FakeTimer final : public Timer {
 public:
  explicit FakeTimer(std::shared_ptr<Task> task) : task_(std::move(task)) {}
  ~FakeTimer() override { task_->cancelled = true; }

 private:
  std::shared_ptr<Task> task_;
};

class FakeRuntime::FakeConnection final : public Connection {
 public:
  explicit FakeConnection(std::shared_ptr<Peer> peer) : peer_(std::move(peer)) {}
  ~FakeConnection() override { peer_->connected_ = false; }

  void on(ConnectionEvents events) override { peer_->events_ = std::move(events); }
  void send(Bytes bytes) override { peer_->framer_.feed(bytes.copy()); }
  std::size_t unsent() const override { return 0; }
  void pause_reading() override {}
  void resume_reading() override {}
  void close() override { peer_->connected_ = false; }
  std::uint64_t id() const override { return 77; }
  NodeId peer() const override { return NodeId{0}; }

 private:
  std::shared_ptr<Peer> peer_;
};

std::unique_ptr<Timer> FakeRuntime::after(Duration delay, std::function<void()> task) {
  tasks_.push_back(std::make_shared<Task>(Task{now_ + delay, std::move(task)}));
  return std::make_unique<FakeTimer>(tasks_.back());
}

std::unique_ptr<Connection> FakeRuntime::connect(const Address&) {
  peers_.push_back(std::make_shared<Peer>());
  return std::make_unique<FakeConnection>(peers_.back());
}

void FakeRuntime::advance(Duration duration) {
  const Time end = now_ + duration;
  for (;;) {
    std::erase_if(tasks_, [](const auto& task) { return task->cancelled; });
    const auto next = std::ranges::min_element(tasks_, {}, [](const auto& task) { return task->due; });
    if (next == tasks_.end() || (*next)->due > end) break;
    const std::shared_ptr<Task> task = *next;
    tasks_.erase(next);
    now_ = std::max(now_, task->due);
    ++tasks_run_;
    task->run();
  }
  now_ = end;
}

}  // namespace acklab::protocol

// What a life sees of the world; see AsioRuntime in asio_node.h. A dead one gets handles that do nothing.
#include <algorithm>
#include <list>
#include <memory>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "protocol/runtime/asio_listener.h"
#include "protocol/runtime/asio_node.h"
#include "protocol/runtime/asio_stream.h"

namespace acklab::protocol {

namespace asio = boost::asio;

namespace {

// Whoever waits for longer waits for ever; the clock's range is near.
constexpr Duration longest_delay = std::chrono::hours(24 * 365 * 10);

class AsioTimer final : public Timer {
 public:
  AsioTimer() = default;
  AsioTimer(AsioNode& node, std::shared_ptr<AsioLife> life, Duration delay, std::function<void()> task)
      : state_(std::make_shared<State>(node, std::move(life), std::move(task))) {
    if (delay <= Duration::zero()) {
      asio::post(node.context(), node.own([state = state_] { state->fire(); }));
      return;
    }
    state_->timer.expires_after(std::min(delay, longest_delay));
    state_->timer.async_wait(node.own([state = state_](boost::system::error_code) { state->fire(); }));
  }
  ~AsioTimer() override {
    if (state_) state_->cancel();
  }

 private:
  struct State : std::enable_shared_from_this<State> {
    State(AsioNode& the_node, std::shared_ptr<AsioLife> the_life, std::function<void()> the_task)
        : node(the_node), timer(node.context()), life(std::move(the_life)), task(std::move(the_task)) {
      place = life->tasks.insert(life->tasks.end(), &task);
    }

    std::function<void()> take() {
      if (task) life->tasks.erase(place);
      return std::exchange(task, {});
    }
    void fire() {
      if (!task) return;
      const AsioNode::SendsAtEnd sends(node);
      node.turn(*life, [state = shared_from_this()] { state->run(); });
    }
    void run() {
      if (!task) return;
      const std::function<void()> due = take();
      due();
    }
    void cancel() {
      timer.cancel();
      const std::function<void()> gone = take();
    }

    AsioNode& node;
    asio::steady_timer timer;
    const std::shared_ptr<AsioLife> life;
    std::function<void()> task;  // none when it has run, or was cancelled, or its life is over
    std::list<std::function<void()>*>::iterator place;
  };
  std::shared_ptr<State> state_;
};

}  // namespace

WallTime AsioRuntime::wall_now() const {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch() + node_.clock_ahead();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count()};
}

Random AsioRuntime::random(std::string_view purpose) {
  // A restarted node must not draw the same numbers again: it would make the same ids.
  const auto earlier_lives = static_cast<std::int64_t>(life_.number - 1);
  return Random::stream(node_.commons().config.seed, purpose, (earlier_lives << 32) | node_.id().value);
}

std::unique_ptr<Timer> AsioRuntime::after(Duration delay, std::function<void()> task) {
  if (life_.dead) return std::make_unique<AsioTimer>();
  return std::make_unique<AsioTimer>(node_, life_.shared_from_this(), delay, std::move(task));
}

std::unique_ptr<Connection> AsioRuntime::connect(const Address& address) {
  if (life_.dead) return std::make_unique<AsioConnection>();
  return std::make_unique<AsioConnection>(AsioStream::connect(node_, life_.shared_from_this(), address));
}

std::unique_ptr<Listener> AsioRuntime::listen(const Address& address, std::function<void(std::unique_ptr<Connection>)> accepted) {
  if (life_.dead) return std::make_unique<AsioListener>();
  ReservedPort* port = node_.reserved(address.port);
  CHECK(port != nullptr);
  CHECK(!port->listening());
  return std::make_unique<AsioListener>(node_, life_.shared_from_this(), *port, std::move(accepted));
}

void AsioRuntime::note(const Entry& entry) {
  if (!life_.dead) node_.note(entry);
}

}  // namespace acklab::protocol

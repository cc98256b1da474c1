#include "protocol/runtime/asio_node.h"

#include <cstdio>
#include <cstdlib>
#include <future>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "protocol/check.h"
#include "protocol/runtime/asio_stream.h"

namespace acklab::protocol {

namespace asio = boost::asio;

namespace {

// Whoever asks a node waits until this is destroyed: the task has run, or is forgotten.
struct Answer {
  ~Answer() { promise.set_value(given); }
  std::promise<bool> promise;
  bool given = false;
};

}  // namespace

void AsioNode::uncaught(const char* what) const {
  std::fprintf(stderr, "acklab: uncaught exception on %s: %s\n", to_string(id_).c_str(), what);
  std::abort();
}

void AsioNode::shut_down() {
  act([this] {
    CHECK(!life_);
    for (const auto& stream : streams()) stream->end();
    ports_.clear();
  });
}

bool AsioNode::on_a_node() { return node_at_work != nullptr; }

void AsioNode::later(std::function<void()> turn) { asio::post(context(), own(std::move(turn))); }

void AsioNode::act(std::function<void()> action) {
  if (at_work()) return action();
  if (on_a_node()) return later(std::move(action));
  std::promise<void> done;
  later([&] {
    action();
    done.set_value();
  });
  done.get_future().wait();
}

// --- lives

bool AsioNode::alive() const {
  const std::lock_guard lock(mutex_);
  return alive_;
}

void AsioNode::start(World::Boot boot) {
  {
    const std::lock_guard lock(mutex_);
    CHECK(!alive_);
    alive_ = true;
    ++lives_;
    boot_ = std::move(boot);
  }
  // Never inside the turn of the life before.
  at_work() ? later([this] { begin_life(); }) : act([this] { begin_life(); });
}

void AsioNode::begin_life() {
  bury();  // the life before, if it ended a moment ago; a death that comes later is the new one's
  World::Boot boot;
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!boot_) return;
    boot = std::exchange(boot_, {});
    number = lives_;
  }
  CHECK(!life_);
  life_ = std::make_shared<AsioLife>(number);
  life_->runtime = std::make_unique<AsioRuntime>(*this, *life_);
  for (const auto& stream : streams()) stream->power_back();
  note({.event = Event::started});
  turn(*life_, [this, boot = std::move(boot)] { life_->process = boot(*life_->runtime); });
  if (!commons_.directory.has_power(id_)) {
    commons_.directory.power_back(id_);
    commons_.power_back(id_);
  }
}

void AsioNode::die(Death death) {
  World::Boot never;
  {
    const std::lock_guard lock(mutex_);
    never = std::exchange(boot_, {});
    if (alive_ && !never) death_ = death;
    alive_ = false;
  }
  if (at_work()) {
    mark_dead();
    later([this] { bury(); });
  } else {
    act([this] { bury(); });
  }
}

// From here on nothing that the life does has an effect, though its turn may go on.
void AsioNode::mark_dead() {
  std::optional<Death> death;
  {
    const std::lock_guard lock(mutex_);
    death = std::exchange(death_, {});
  }
  if (!death) return;
  life_->dead = true;
  life_->paused = false;
  for (auto& [number, port] : ports_) port.refuse();
  if (death == Death::power_loss) {
    commons_.directory.power_lost(id_);
    for (const auto& stream : streams()) stream->silence();
  }
  note({.event = death == Death::kill ? Event::killed : Event::power_lost});
}

// Not inside a turn of the life.
void AsioNode::bury() {
  mark_dead();
  if (!life_ || !life_->dead) return;
  life_->process.reset();
  // A callback may own what owns its timer or its connection; such a ring ends here.
  while (!life_->tasks.empty()) {
    std::function<void()>& task = *life_->tasks.front();
    life_->tasks.pop_front();
    const std::function<void()> last = std::exchange(task, {});
  }
  const auto never_taken = std::exchange(life_->set_aside, {});
  for (const auto& stream : streams()) {
    if (stream->belongs_to(*life_)) stream->bury();
  }
  life_->runtime.reset();
  life_.reset();
}

bool AsioNode::ask(std::function<void()> task) {
  if (at_work()) {
    if (!life_ || life_->dead) return false;
    task();
    return true;
  }
  CHECK(!on_a_node());
  auto answer = std::make_shared<Answer>();
  std::future<bool> done = answer->promise.get_future();
  later([this, asked = std::move(answer), &task] {
    begin_life();
    if (!life_) return;
    turn(*life_, [asked, &task] {
      task();
      asked->given = true;
    });
  });
  return done.get();
}

void AsioNode::post(std::function<void()> task) {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!alive_) return;
    number = lives_;
  }
  later([this, number, task = std::move(task)] {
    begin_life();
    if (life_ && life_->number == number) turn(*life_, task);
  });
}

// --- what belongs to the node

void AsioNode::note_as(NodeId node, const Entry& entry) {
  Entry stamped = entry;
  stamped.node = node;
  stamped = journal_.note(stamped, [this] { return commons_.now(); });
  commons_.listeners.tell(stamped, journal_.topic_name(stamped.topic));
}

ReservedPort* AsioNode::reserved(std::uint16_t port) {
  const auto found = ports_.find(port);
  return found == ports_.end() ? nullptr : &found->second;
}

void AsioNode::reserve(ReservedPort port) {
  act([this, reserved = std::make_shared<ReservedPort>(std::move(port))] {
    ports_.emplace(reserved->port(), std::move(*reserved));
  });
}

std::uint64_t AsioNode::keep(std::shared_ptr<AsioStream> stream) {
  streams_.emplace(++next_stream_, std::move(stream));
  return next_stream_;
}

void AsioNode::forget(std::uint64_t stream, NodeId peer) {
  streams_.erase(stream);
  if (peer.is_stranger()) links_.forget(peer);  // it had no other connection
}

bool AsioNode::flush_at_end(const std::shared_ptr<AsioStream>& stream) {
  if (sends_wait_ == 0) return false;
  senders_.push_back(stream);
  return true;
}

// An owner that is told that a connection broke may send on another one: those come into a list of their own.
void AsioNode::flush_senders() {
  const auto senders = std::exchange(senders_, {});
  for (const auto& stream : senders) stream->flush_now();
}

std::vector<std::shared_ptr<AsioStream>> AsioNode::streams() const {
  std::vector<std::shared_ptr<AsioStream>> all;
  for (const auto& [number, stream] : streams_) all.push_back(stream);
  return all;
}

std::vector<std::shared_ptr<AsioStream>> AsioNode::streams_with(NodeId peer) const {
  std::vector<std::shared_ptr<AsioStream>> those;
  for (const auto& [number, stream] : streams_) {
    if (stream->peer() == peer) those.push_back(stream);
  }
  return those;
}

void AsioNode::pause() {
  if (!life_ || life_->dead || life_->paused) return;
  life_->paused = true;
  note({.event = Event::paused});
}

void AsioNode::jump_clock(Duration by) {
  clock_ahead_ += by;
  note({.event = Event::clock_jumped, .pause = by});
}

void AsioNode::resume() {
  if (!life_ || life_->dead || !life_->paused) return;
  life_->paused = false;
  for (const auto& stream : streams()) {
    if (stream->belongs_to(*life_)) stream->resumed();
  }
  note({.event = Event::resumed});
  later([this] { take_up(); });
}

// What was set aside, in its order. Any of these turns may end the life, or pause it again.
void AsioNode::take_up() {
  while (life_ && !life_->dead && !life_->paused && !life_->set_aside.empty()) {
    const std::function<void()> next = std::move(life_->set_aside.front());
    life_->set_aside.pop_front();
    next();
  }
  if (!life_ || !life_->takes_turns()) return;
  for (const auto& stream : streams()) stream->go_on();
}

void AsioNode::link_event(Event event, LinkEnd end, NodeId peer, Slowness slowness) {
  if (!links_.happen(event, end, peer, slowness)) return;
  if (event == Event::healed) {
    for (const auto& stream : streams_with(peer)) stream->healed(end);
  }
  note_of_link(event, end, peer);
}

// The sender notes it; for a stranger, which cannot, its peer does.
void AsioNode::note_of_link(Event event, LinkEnd end, NodeId peer) {
  if (end == LinkEnd::sender) {
    note({.event = event, .peer = peer});
  } else if (peer.is_stranger()) {
    note_as(peer, {.event = event, .peer = id_});
  }
}

void AsioNode::reset_streams(NodeId peer, LinkEnd end) {
  for (const auto& stream : streams_with(peer)) stream->reset();
  note_of_link(Event::reset, end, peer);
}

void AsioNode::peer_is_back(NodeId peer) {
  for (const auto& stream : streams_with(peer)) stream->go_on();
}

}  // namespace acklab::protocol

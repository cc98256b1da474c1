// One node over sockets: its turns, on a thread that it may share, and the life that is lived there now. The node outlives the lives, so
// that a restart costs nothing, and so does what the kernel still has to do for a dead one: bytes that linger, connections that are silent.
//
//   start() ... turn, turn, turn ... kill      start() ... turn ... power loss      start() ...
//   `------------- life 1 ---------'           `---------- life 2 ------------'
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/runtime/asio_directory.h"
#include "protocol/runtime/asio_journal.h"
#include "protocol/runtime/asio_links.h"
#include "protocol/runtime/asio_socket.h"
#include "protocol/runtime/asio_thread.h"
#include "protocol/runtime/asio_world.h"
#include "protocol/runtime/runtime.h"
#include "protocol/runtime/traffic.h"

namespace acklab::protocol {

class AsioStream;

// What the nodes of one world share; safe on any thread.
struct AsioCommons {
  explicit AsioCommons(AsioConfig c) : config(std::move(c)) {}

  AsioConfig config;
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
  Duration wall_began = std::chrono::system_clock::now().time_since_epoch();
  AsioDirectory directory;
  AsioListeners listeners;
  std::atomic<std::int32_t> strangers{0};  // so many were met
  std::function<void(NodeId)> power_back;  // tells every node that this one can be reached again

  Time now() const { return Time(std::chrono::steady_clock::now() - began); }
  NodeId new_stranger() { return NodeId::stranger(strangers++); }
};

enum class Death { kill, power_loss };

// From start() to death. Whatever belongs to a life looks at `dead` before it does anything, because a life can end in the middle of
// its own turn.
struct AsioLife : std::enable_shared_from_this<AsioLife> {
  explicit AsioLife(std::uint64_t n) : number(n) {}

  const std::uint64_t number;  // 1 for the first of its node
  bool dead = false;
  bool paused = false;
  std::deque<std::function<void()>> set_aside;  // turns that came due during a pause
  std::unique_ptr<Runtime> runtime;             // outlives the process, which holds a reference
  std::unique_ptr<Process> process;
  std::list<std::function<void()>*> tasks;  // of timers that have not fired

  // After a pause, what was set aside comes first.
  bool takes_turns() const { return !dead && !paused && set_aside.empty(); }
};

class AsioNode {
 public:
  // `commons` outlives the node. The node outlives the thread, whose queue may still hold what belongs to it.
  AsioNode(AsioCommons& commons, AsioThread& thread, NodeId id)
      : commons_(commons), thread_(thread), id_(id), journal_(commons.config.unread_entries) {}
  AsioNode(const AsioNode&) = delete;
  AsioNode& operator=(const AsioNode&) = delete;

  // On any thread.
  NodeId id() const { return id_; }
  bool alive() const;
  void start(World::Boot boot);
  void die(Death death);
  // Ends all connections that still linger or are silent, and lets go of the ports. The node is dead by then.
  void shut_down();
  void reserve(ReservedPort port);
  bool ask(std::function<void()> task);
  void post(std::function<void()> task);
  // Does something to the node, whether it lives or not: at once inside its own turn, else posted; an outsider waits until it is done.
  void act(std::function<void()> action);
  static bool on_a_node();  // is the caller a node?
  AsioJournalPart& journal() { return journal_; }

  // The rest in turns of the node.
  AsioCommons& commons() { return commons_; }
  boost::asio::io_context& context() { return thread_.context(); }
  AsioLinks& links() { return links_; }
  ReservedPort* reserved(std::uint16_t port);
  void note(const Entry& entry) { note_as(id_, entry); }

  // Whatever Asio calls is called as this node: other nodes may have had the thread before.
  template <class Handler>
  auto own(Handler handler) {
    return [this, handler = std::move(handler)](auto&&... arguments) mutable {
      node_at_work = this;
      try {
        handler(std::forward<decltype(arguments)>(arguments)...);
      } catch (const std::exception& error) {
        uncaught(error.what());
      } catch (...) {
        uncaught("not a std::exception");
      }
    };
  }

  // Runs `body` as a turn of this life: now, or when it was resumed, or never if it dies first.
  template <class Body>
  void turn(AsioLife& life, Body body) {
    if (life.dead) return;
    if (life.takes_turns()) return body();
    life.set_aside.push_back(std::move(body));
  }

  // While one exists, what is sent waits for its end and leaves then. Without one it leaves in a turn of its own, for which the kernel is
  // asked once more what else there is to do.
  class SendsAtEnd {
   public:
    explicit SendsAtEnd(AsioNode& node) : node_(node) { ++node_.sends_wait_; }
    ~SendsAtEnd() {
      if (--node_.sends_wait_ == 0) node_.flush_senders();
    }
    SendsAtEnd(const SendsAtEnd&) = delete;
    SendsAtEnd& operator=(const SendsAtEnd&) = delete;

   private:
    AsioNode& node_;
  };
  // False if there is no such end.
  bool flush_at_end(const std::shared_ptr<AsioStream>& stream);

  // A stream is kept here until it has ended, for its owner may be gone long before. The number is to forget it by.
  std::uint64_t keep(std::shared_ptr<AsioStream> stream);
  void forget(std::uint64_t stream, NodeId peer);

  // What the world does to the node.
  void pause();
  void resume();
  void jump_clock(Duration by);
  Duration clock_ahead() const { return clock_ahead_; }
  void link_event(Event event, LinkEnd end, NodeId peer, Slowness slowness);
  void reset_streams(NodeId peer, LinkEnd end);
  void peer_is_back(NodeId peer);

 private:
  bool at_work() const { return node_at_work == this; }
  [[noreturn]] void uncaught(const char* what) const;
  void note_as(NodeId node, const Entry& entry);
  void note_of_link(Event event, LinkEnd end, NodeId peer);
  void later(std::function<void()> turn);
  void begin_life();
  void take_up();
  void mark_dead();
  void bury();
  void flush_senders();
  std::vector<std::shared_ptr<AsioStream>> streams() const;
  std::vector<std::shared_ptr<AsioStream>> streams_with(NodeId peer) const;

  inline static thread_local const AsioNode* node_at_work = nullptr;  // whose turn this thread took last

  AsioCommons& commons_;
  AsioThread& thread_;
  const NodeId id_;
  AsioJournalPart journal_;

  mutable std::mutex mutex_;  // guards the next four
  bool alive_ = false;
  std::uint64_t lives_ = 0;     // so many were started: the number of the latest
  World::Boot boot_;            // of a life that was started and has not begun
  std::optional<Death> death_;  // of a life that was ended and does not know it yet

  std::shared_ptr<AsioLife> life_;  // none while dead
  AsioLinks links_;
  Duration clock_ahead_{0};  // of the machine's wall clock
  std::map<std::uint16_t, ReservedPort> ports_;
  std::map<std::uint64_t, std::shared_ptr<AsioStream>> streams_;  // in the order in which they came about
  std::uint64_t next_stream_ = 0;
  int sends_wait_ = 0;
  std::vector<std::shared_ptr<AsioStream>> senders_;  // have something to flush at the end
};

// What a life knows of the world.
class AsioRuntime final : public Runtime {
 public:
  AsioRuntime(AsioNode& node, AsioLife& life) : node_(node), life_(life) {}  // the life owns its runtime

  NodeId node() const override { return node_.id(); }
  Time now() const override { return node_.commons().now(); }
  WallTime wall_now() const override;
  Random random(std::string_view purpose) override;
  std::unique_ptr<Timer> after(Duration delay, std::function<void()> task) override;
  std::unique_ptr<Connection> connect(const Address& address) override;
  std::unique_ptr<Listener> listen(const Address& address, std::function<void(std::unique_ptr<Connection>)> accepted) override;
  void note(const Entry& entry) override;
  TopicNumber topic_number(std::string_view topic) override { return node_.journal().topic_number(topic); }

 private:
  AsioNode& node_;
  AsioLife& life_;
};

}  // namespace acklab::protocol

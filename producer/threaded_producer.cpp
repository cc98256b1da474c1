#include "producer/threaded_producer.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "producer/intake_records.h"
#include "protocol/check.h"

namespace acklab::producer {

using protocol::ErrorCode;
using protocol::NodeId;
using protocol::Time;
using protocol::World;

namespace {

// What lives on the node.
struct Resident final : protocol::Process {
  Resident(protocol::Runtime& the_runtime, std::vector<protocol::Address> bootstrap, ProducerConfig config)
      : runtime(the_runtime), producer(the_runtime, std::move(bootstrap), std::move(config)) {}

  protocol::Runtime& runtime;
  Producer producer;
  std::unique_ptr<protocol::Timer> dozing;
};

// Who waits for an outcome gets one, even if the producer ends before it knows.
struct Pledge {
  ~Pledge() {
    if (!kept) promise.set_value({.kind = Outcome::Kind::unknown, .code = ErrorCode::network_exception});
  }
  void keep(const Outcome& outcome) {
    kept = true;
    promise.set_value(outcome);
  }

  std::promise<Outcome> promise;
  bool kept = false;
};

}  // namespace

class ThreadedProducer::Intake : public std::enable_shared_from_this<Intake> {
 public:
  Intake(World& world, NodeId node, const ProducerConfig& config, Errors errors)
      : world_(world),
        node_(node),
        max_block_(config.max_block),
        errors_(errors == Errors::kept ? std::make_shared<ErrorChannel>() : nullptr),
        doze_(std::min<Duration>(config.ready_after() / 4, std::chrono::milliseconds(1))) {}

  void start(std::vector<protocol::Address> bootstrap, ProducerConfig config) {
    world_.start(node_, [this, bootstrap = std::move(bootstrap), config = std::move(config)](protocol::Runtime& runtime) {
      auto resident = std::make_unique<Resident>(runtime, bootstrap, config);
      resident_ = resident.get();
      resident->producer.on_room([self = weak_from_this()] {
        if (const auto intake = self.lock()) intake->hand_over();
      });
      nodes_thread_ = std::this_thread::get_id();
      return resident;
    });
    CHECK(world_.ask(node_, [] {}));  // it lives
  }

  void add_interceptor(std::unique_ptr<Interceptor> interceptor) {
    world_.ask(node_, [&] { resident_->producer.add_interceptor(std::move(interceptor)); });
  }

  ErrorChannel& errors() {
    CHECK(errors_);
    return *errors_;
  }

  Result<void, Refusal> put(const ProducerRecordView& record, Producer::Callback callback) {
    if (errors_) callback = keeping_errors(record, std::move(callback));
    std::unique_lock lock(mutex_);
    if (closed_) return protocol::failure(Refusal::closed);
    if (waiting_.memory() >= max_intake && !wait_for_room(lock))
      return protocol::failure(closed_ ? Refusal::closed : Refusal::no_room);
    waiting_.add(record, std::move(callback), stamp());
    ++accepted_;
    const bool wake = waiting_.memory() > wake_above_;
    if (wake) wake_above_ = awake;
    lock.unlock();
    if (wake) wake_node();
    return {};
  }

  std::size_t flush(Duration deadline) {
    auto flushed = std::make_shared<std::promise<void>>();
    std::future<void> done = flushed->get_future();
    std::uint64_t before = 0;
    {
      const std::lock_guard lock(mutex_);
      before = accepted_;
    }
    world_.post(node_, [self = shared_from_this(), flushed, before] {
      self->flushes_.push_back({before, flushed});
      self->hand_over();
    });
    const auto until = std::min<Duration>(deadline, std::chrono::hours(24 * 365));
    if (done.wait_for(until) == std::future_status::ready) return 0;
    return undelivered();
  }

  std::size_t undelivered() {
    std::size_t count = 0;
    world_.ask(node_, [&] {
      const std::lock_guard lock(mutex_);
      count = resident_->producer.undelivered() + static_cast<std::size_t>(accepted_ - handed_over_);
    });
    return count;
  }

  std::size_t close(Duration deadline) {
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(closed_, true)) return 0;
      room_.notify_all();
    }
    const std::size_t undelivered = flush(deadline);
    if (errors_) errors_->close();
    return undelivered;
  }

  void stop() {
    close(Duration::zero());
    world_.kill(node_);
  }

  ProducerMetrics metrics() {
    ProducerMetrics copy;
    world_.ask(node_, [&] { copy = resident_->producer.metrics(); });
    return copy;
  }

  std::vector<Metric> snapshot() {
    std::vector<Metric> list;
    world_.ask(node_, [&] { list = resident_->producer.snapshot(); });
    return list;
  }

 private:
  // --- on the application's threads

  Producer::Callback keeping_errors(const ProducerRecordView& record, Producer::Callback callback) const {
    auto kept = std::make_shared<UndeliveredRecord>();
    kept->topic = record.topic;
    kept->partition = record.partition;
    kept->key = record.key;
    kept->value = record.value;
    return [errors = errors_, kept, callback = std::move(callback)](const Outcome& outcome) {
      if (outcome.kind == Outcome::Kind::failed || outcome.kind == Outcome::Kind::unknown) {
        if (outcome.partition >= 0) kept->partition = outcome.partition;
        kept->outcome = outcome;
        errors->put(std::move(*kept));
      }
      if (callback) callback(outcome);
    };
  }

  bool wait_for_room(std::unique_lock<std::mutex>& lock) {
    if (std::this_thread::get_id() == nodes_thread_) return false;
    const auto longest = std::min<Duration>(max_block_, std::chrono::hours(24 * 365));
    ++blocked_;
    room_.wait_for(lock, longest, [&] { return closed_ || waiting_.memory() < max_intake; });
    --blocked_;
    return !closed_ && waiting_.memory() < max_intake;
  }

  // The time of a send. Reading the clock costs as much as copying a record, so a run of records that come in less than a microsecond
  // each share one reading. The intake is emptied before the run could be older than a doze.
  Time stamp() {
    if (++since_stamp_ <= may_share_ && !waiting_.entries.empty()) return stamp_;
    const Time now = world_.now();
    const bool busy = now - stamp_ < std::chrono::microseconds(since_stamp_);
    may_share_ = busy ? longest_run : 0;
    since_stamp_ = 0;
    stamp_ = now;
    return stamp_;
  }

  void wake_node() {
    world_.post(node_, [self = shared_from_this()] { self->hand_over(); });
  }

  // --- on the node's thread

  // Gives the producer what was taken before, then what came since, as long as it has room. Sleeps when there is nothing.
  void hand_over() {
    Producer& producer = resident_->producer;
    resident_->dozing.reset();
    while (!flushes_.empty() && flushes_.front().before <= handed_over_) {
      producer.flush([flushed = flushes_.front().flushed] { flushed->set_value(); });
      flushes_.pop_front();
    }
    if (!reader_ && !take()) return;
    // A record without a time gets the wall's at the moment of its sending.
    const Time now = world_.now();
    const std::int64_t wall = resident_->runtime.wall_now().milliseconds;
    while (!reader_->at_end()) {
      if (!producer.has_room()) return;  // on_room() comes back here
      IntakeRecords::Entry& entry = reader_->entry();
      ProducerRecordView view = reader_->view();
      if (view.timestamp < 0) {
        view.timestamp = wall - std::chrono::duration_cast<std::chrono::milliseconds>(now - entry.sent_at).count();
      }
      producer.send_at(entry.sent_at, view, std::move(entry.callback));
      reader_->advance();
      ++handed_over_;
    }
    reader_.reset();
    taken_.clear();
    if (flushes_.empty() && doze_off()) return;
    wake_node();  // not at once: the connections have their turn in between
  }

  bool doze_off() {
    const std::lock_guard lock(mutex_);
    if (waiting_.memory() > much) return false;
    if (doze_ > Duration::zero()) {
      wake_above_ = much;
      resident_->dozing = resident_->runtime.after(doze_, [self = weak_from_this()] {
        if (const auto intake = self.lock()) intake->hand_over();
      });
      return true;
    }
    if (!waiting_.entries.empty()) return false;
    wake_above_ = asleep;
    return true;
  }

  bool take() {
    const std::lock_guard lock(mutex_);
    if (waiting_.entries.empty()) {
      wake_above_ = asleep;
      return false;
    }
    wake_above_ = awake;
    std::swap(waiting_, taken_);
    reader_.emplace(taken_);
    if (blocked_ > 0) room_.notify_all();
    return true;
  }

  struct Flush {
    std::uint64_t before;  // concerns so many of the records that were accepted first
    std::shared_ptr<std::promise<void>> flushed;
  };

  // What `wake_above_` may be.
  static constexpr std::size_t asleep = 0;
  static constexpr std::size_t much = 64u << 10;
  static constexpr std::size_t awake = SIZE_MAX;

  static constexpr int longest_run = 16;  // records with one time

  World& world_;
  const NodeId node_;
  const Duration max_block_;
  const std::shared_ptr<ErrorChannel> errors_;  // null: nobody wants to know
  const Duration doze_;
  std::thread::id nodes_thread_;
  Resident* resident_ = nullptr;  // on the node's thread only

  std::mutex mutex_;  // guards these
  std::condition_variable room_;
  IntakeRecords waiting_;
  int blocked_ = 0;                  // threads that wait for room
  std::size_t wake_above_ = asleep;  // bytes in `waiting_` for which the node is to be woken
  bool closed_ = false;
  std::uint64_t accepted_ = 0;  // records
  Time stamp_{};                // the last reading of the clock
  int since_stamp_ = 0;         // records since then
  int may_share_ = 0;           // so many of them may have it

  IntakeRecords taken_;  // and these are the node's
  std::optional<IntakeReader> reader_;
  std::uint64_t handed_over_ = 0;  // records
  std::deque<Flush> flushes_;      // that wait for records which are not handed over
};

ThreadedProducer::ThreadedProducer(World& world, NodeId node, std::vector<protocol::Address> bootstrap, ProducerConfig config,
                                   Errors errors)
    : intake_(std::make_shared<Intake>(world, node, config, errors)) {
  intake_->start(std::move(bootstrap), std::move(config));
}

ThreadedProducer::~ThreadedProducer() { intake_->stop(); }

void ThreadedProducer::add_interceptor(std::unique_ptr<Interceptor> interceptor) {
  intake_->add_interceptor(std::move(interceptor));
}

ErrorChannel& ThreadedProducer::errors() { return intake_->errors(); }

Result<void, ThreadedProducer::Refusal> ThreadedProducer::send(const ProducerRecordView& record, Producer::Callback callback) {
  return intake_->put(record, std::move(callback));
}

std::future<Outcome> ThreadedProducer::send(const ProducerRecordView& record) {
  auto pledge = std::make_shared<Pledge>();
  std::future<Outcome> outcome = pledge->promise.get_future();
  const auto taken = intake_->put(record, [pledge](const Outcome& told) { pledge->keep(told); });
  if (!taken) pledge->keep({.kind = Outcome::Kind::failed, .code = ErrorCode::request_timed_out});
  return outcome;
}

Outcome ThreadedProducer::send_and_wait(const ProducerRecordView& record) { return send(record).get(); }

std::size_t ThreadedProducer::flush(Duration deadline) { return intake_->flush(deadline); }

std::size_t ThreadedProducer::close(Duration deadline) { return intake_->close(deadline); }

ProducerMetrics ThreadedProducer::metrics() const { return intake_->metrics(); }

std::vector<Metric> ThreadedProducer::snapshot() const { return intake_->snapshot(); }

}  // namespace acklab::producer

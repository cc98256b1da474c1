// The journal: everything that happened, as typed entries of fixed size. Checker, story, report, fault triggers and the trace
// hash all read it; nothing else is needed to explain a run. Entries are per batch, with ranges: a record's fate is derived.
//
// The list of events, what each one means, who emits it and what `count` counts is `events.md` beside this file; a test compares
// that page with `event_catalogue()`.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error_code.h"
#include "protocol/runtime/node.h"
#include "protocol/runtime/time.h"
#include "protocol/types.h"

namespace acklab::protocol {

enum class Event : std::uint8_t {
  // A producer's records, per batch.
  queued,      // records were handed to send(): they wait for metadata or room, or go into a batch at once
  sealed,      // a batch takes no more records; `cause` says why
  sent,        // a Produce request with this batch was handed to the connection
  retried,     // the batch goes back to be sent again, after `pause` at the earliest; `code` says why
  acked,       // the send's outcome: acknowledged at `offset`
  failed,      // the send's outcome: certainly not in the log
  unknown,     // the send's outcome: nobody can say
  unanswered,  // the send's outcome under acks=0
  // A leader's log.
  appended,   // the leader appended a batch from a producer
  duplicate,  // the leader recognised a batch that it has (idempotence) and answered with the first offset
  refused,    // the leader refused a batch; `code` says why; nothing was appended
  answered,   // a Produce answer was handed to the connection
  // Replication.
  replicated,      // a follower appended what it fetched
  high_watermark,  // a leader's or follower's high watermark moved to `offset`
  truncated,       // a replica dropped its log from `offset` on
  isr_proposed,    // the leader asked the controller for the in-sync replicas `brokers`
  led,             // the broker took up leadership in `epoch`; `offset` is its log end, `count` lies above its high watermark
  followed,        // the broker follows `peer` in `epoch`
  // The controller's decisions.
  registered,   // a broker joined
  fenced,       // a broker's session ended, or its controlled shutdown was granted
  unfenced,     // a broker is usable again
  elected,      // a partition has leader `peer` in `epoch`, in-sync replicas `brokers`; `code` if the election was unclean
  isr_changed,  // the in-sync replicas are `brokers` now
  // A disk.
  flushed,    // the log is durable up to `offset`
  recovered,  // a log was opened; `offset` is its log end, `count` the bytes that were cut
  // The world.
  started,      // a node began to live
  killed,       // a node lost its memory
  power_lost,   // a node lost its memory and what it had not flushed
  cut,          // a link carries nothing from this node to `peer`
  healed,       // it does again
  stalled,      // a link holds what this node sends to `peer`
  reset,        // the connections from this node to `peer` broke
  fault_fired,  // a planned fault took effect; `count` is its place in the plan
  // The last read.
  read,  // the checker read a batch
  // The world again. New events come last: trace hashes mix an event's number.
  paused,   // a node takes no turn any more
  resumed,  // it does again
  slowed,   // what this node sends to `peer` takes longer
  // An orderly end.
  shutting_down,  // a broker began its controlled shutdown: from here on it leads nothing
  // A producer's insides.
  batched,  // records were put into a batch
  drained,  // a batch was taken into a request, and has its producer id and sequence
  expired,  // a batch passed its delivery.timeout.ms; its outcome follows
  bumped,   // a partition's batches go on in a new producer epoch, from sequence 0
  split,    // a batch was too large for the broker and was cut into several; `count` is how many
  // What befalls a machine.
  disk_failed,   // a call of a node's disk failed: nothing is written there any more, and the node ends
  rotted,        // a bit of the batch at `offset` changed on the disk, and nobody noticed
  clock_jumped,  // the node's wall clock leapt by `pause`
  // What a log lets go of.
  start_moved,    // a replica's log begins at `offset` now; `cause` says why
  compacted,      // a cleaning replaced what lies below `offset`: it took `count` records out
  topic_deleted,  // a partition of a deleted topic: its records are nobody's any more
};

inline constexpr int event_count = static_cast<int>(Event::topic_deleted) + 1;

// Why a batch was sealed, or why a log begins later than it did.
enum class Cause : std::uint8_t {
  none,
  // A batch.
  full,    // batch.size is reached, or the next record has no room
  linger,  // linger.ms has passed
  flush,   // the application asked for it
  memory,  // other records wait for room in buffer.memory
  // A log's start.
  retention,       // retention.ms or retention.bytes
  delete_records,  // a client asked for it, or the leader whose start a follower takes over
};
std::string_view name(Cause cause);

// One line of the catalogue.
struct EventInfo {
  Event event;
  std::string_view name;     // as scenario files and traces spell it
  std::string_view emitter;  // "producer", "leader", "follower", "replica", "controller", "world", "checker"
  std::string_view counts;   // what `count` counts; empty if the event does not use it
};
std::span<const EventInfo> event_catalogue();
std::string_view name(Event event);
// The event of this name, if there is one.
const EventInfo* find_event(std::string_view name);

// Stands for a topic's name within one journal; 0 means "no topic".
using TopicNumber = std::uint16_t;

// A set of brokers as bits, for brokers 0 to 63: an entry has a fixed size.
struct BrokerSet {
  std::uint64_t bits = 0;

  friend constexpr auto operator<=>(const BrokerSet&, const BrokerSet&) = default;
  static BrokerSet of(std::span<const BrokerId> brokers);
  constexpr bool contains(BrokerId broker) const { return ((bits >> broker.value) & 1U) != 0; }
};
std::string to_string(BrokerSet brokers);  // "{0, 2}"

// Fields that an event does not use keep their defaults. A designated initialiser names the others:
//   runtime.note({.event = Event::appended, .topic = topic_, .partition = 0, .offset = base, .count = records});
struct Entry {
  Event event{};
  Cause cause{};
  ErrorCode code = ErrorCode::none;
  TopicNumber topic = 0;
  std::int32_t partition = -1;
  LeaderEpoch epoch{};
  Offset offset{};         // the first offset concerned
  std::int64_t count = 0;  // see the catalogue; usually records from `offset` on
  ProducerId producer{};
  ProducerEpoch producer_epoch{};
  Sequence sequence{};           // base sequence
  std::uint64_t batch = 0;       // a producer's own number for a batch: joins batched, sealed, sent, retried and the outcome
  std::uint64_t connection = 0;  // with `correlation` the request that caused this, at both ends of the wire
  std::int32_t correlation = -1;
  NodeId peer{};
  BrokerSet brokers{};
  Duration pause{};  // of a retry: how long it waits at least; of a clock: how far it leapt

  // Stamped by the journal.
  NodeId node{};
  Time at{};
  std::uint64_t number = 0;  // position in the journal
};

// Entries in the order of their happening. In the simulator one journal holds all nodes in total order; over sockets each node
// has its own.
class Journal {
 public:
  // Called for every entry with the name of its topic, in order of subscription, before note() returns. May kill the node that
  // emits; entries that it causes are noted, and heard by all listeners, before the next listener hears of the first.
  using Listener = std::function<void(const Entry&, std::string_view topic)>;

  // Keeps at most `capacity` entries; when it is full, the oldest eighth is dropped and counted.
  explicit Journal(std::size_t capacity = default_capacity);

  void note(Entry entry);  // stamps `number`
  void subscribe(Listener listener);

  // Entries that were lost before they could be noted here.
  void count_dropped(std::uint64_t entries) { dropped_ += entries; }

  TopicNumber topic_number(std::string_view topic);
  const std::string& topic_name(TopicNumber number) const;

  std::span<const Entry> entries() const { return entries_; }
  std::uint64_t dropped() const { return dropped_; }
  // A hash over the typed fields of all entries so far, kept or dropped; equal runs have equal hashes.
  std::uint64_t trace_hash() const { return hash_; }

  static constexpr std::size_t default_capacity = 1u << 20;
  static constexpr std::size_t max_topics = 65535;

 private:
  std::size_t capacity_;
  std::vector<Entry> entries_;
  std::uint64_t next_number_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t hash_ = 0xcbf29ce484222325U;
  std::vector<Listener> listeners_;

  struct Topic {
    std::string name;
    std::uint64_t hash = 0;  // of the name, for the trace hash
  };
  std::map<std::string, TopicNumber, std::less<>> topics_;
  std::deque<Topic> topics_by_number_{1};  // number 0 has no name; a deque, because listeners hold on to names
};

// "12.250 ms  broker 1  appended orders-0 offset 400 +3 epoch 1": one line of a trace.
std::string describe(const Entry& entry, const Journal& journal);

}  // namespace acklab::protocol

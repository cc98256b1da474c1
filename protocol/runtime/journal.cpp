#include "protocol/runtime/journal.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "protocol/check.h"

namespace acklab::protocol {
namespace {

// In the order of the enumerators, so that an event is its own index. The page beside this file says what each one means.
constexpr std::array<EventInfo, event_count> catalogue{{
    {Event::queued, "queued", "producer", "records"},
    {Event::sealed, "sealed", "producer", "records"},
    {Event::sent, "sent", "producer", "records"},
    {Event::retried, "retried", "producer", "records"},
    {Event::acked, "acked", "producer", "records"},
    {Event::failed, "failed", "producer", "records"},
    {Event::unknown, "unknown", "producer", "records"},
    {Event::unanswered, "unanswered", "producer", "records"},
    {Event::appended, "appended", "leader", "records"},
    {Event::duplicate, "duplicate", "leader", "records"},
    {Event::refused, "refused", "leader", "records"},
    {Event::answered, "answered", "leader", "records"},
    {Event::replicated, "replicated", "follower", "records"},
    {Event::high_watermark, "high-watermark", "replica", "records"},
    {Event::truncated, "truncated", "replica", "records"},
    {Event::isr_proposed, "isr-proposed", "leader", ""},
    {Event::led, "led", "replica", "uncommitted records"},
    {Event::followed, "followed", "replica", ""},
    {Event::registered, "registered", "controller", "broker epoch"},
    {Event::fenced, "fenced", "controller", "broker epoch"},
    {Event::unfenced, "unfenced", "controller", "broker epoch"},
    {Event::elected, "elected", "controller", ""},
    {Event::isr_changed, "isr-changed", "controller", ""},
    {Event::flushed, "flushed", "replica", ""},
    {Event::recovered, "recovered", "replica", "bytes cut"},
    {Event::started, "started", "world", ""},
    {Event::killed, "killed", "world", ""},
    {Event::power_lost, "power-lost", "world", ""},
    {Event::cut, "cut", "world", ""},
    {Event::healed, "healed", "world", ""},
    {Event::stalled, "stalled", "world", ""},
    {Event::reset, "reset", "world", ""},
    {Event::fault_fired, "fault-fired", "world", "place in the plan"},
    {Event::read, "read", "checker", "records"},
    {Event::paused, "paused", "world", ""},
    {Event::resumed, "resumed", "world", ""},
    {Event::slowed, "slowed", "world", ""},
    {Event::shutting_down, "shutting-down", "controller", "broker epoch"},
    {Event::batched, "batched", "producer", "records"},
    {Event::drained, "drained", "producer", "records"},
    {Event::expired, "expired", "producer", "records"},
    {Event::bumped, "bumped", "producer", ""},
    {Event::split, "split", "producer", "batches"},
    {Event::disk_failed, "disk-failed", "world", ""},
    {Event::rotted, "rotted", "replica", "records"},
    {Event::clock_jumped, "clock-jumped", "world", ""},
    {Event::start_moved, "start-moved", "replica", "offsets gone"},
    {Event::compacted, "compacted", "replica", "records taken out"},
    {Event::topic_deleted, "topic-deleted", "controller", ""},
}};

constexpr bool in_enumerator_order() {
  for (std::size_t i = 0; i < catalogue.size(); ++i) {
    if (static_cast<std::size_t>(catalogue[i].event) != i) return false;
  }
  return true;
}
static_assert(in_enumerator_order());

const EventInfo& info(Event event) { return catalogue[static_cast<std::size_t>(event)]; }

constexpr std::uint64_t fnv_prime = 0x100000001b3U;

// FNV-1a takes a byte at a time; a word at a time is eight times cheaper, but then the high bits of a word would never reach the
// low bits of the hash: the shift brings them there.
constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * fnv_prime;
  return hash ^ (hash >> 32);
}

constexpr std::uint64_t two_words(std::int32_t high, std::int32_t low) {
  return (std::uint64_t{static_cast<std::uint32_t>(high)} << 32) | static_cast<std::uint32_t>(low);
}

std::uint64_t hash_of_name(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : name) hash = (hash ^ static_cast<std::uint8_t>(c)) * fnv_prime;
  return hash;
}

// Every field but `number`, which only counts, and with the topic's name in place of its number, which depends on who asked first.
std::uint64_t mix_entry(std::uint64_t hash, const Entry& entry, std::uint64_t topic_hash) {
  hash = mix(hash, static_cast<std::uint64_t>(entry.at.time_since_epoch().count()));
  hash = mix(hash, two_words(entry.node.value, entry.peer.value));
  hash = mix(hash, two_words(static_cast<std::int32_t>(entry.event), static_cast<std::int32_t>(entry.code)));
  hash = mix(hash, topic_hash);
  hash = mix(hash, two_words(entry.partition, entry.epoch.value));
  hash = mix(hash, static_cast<std::uint64_t>(entry.offset.value));
  hash = mix(hash, static_cast<std::uint64_t>(entry.count));
  hash = mix(hash, static_cast<std::uint64_t>(entry.producer.value));
  hash = mix(hash, two_words(entry.producer_epoch.value, entry.sequence.value));
  hash = mix(hash, entry.batch);
  hash = mix(hash, entry.connection);
  hash = mix(hash, two_words(entry.correlation, static_cast<std::int32_t>(entry.cause)));
  hash = mix(hash, static_cast<std::uint64_t>(entry.pause.count()));
  return mix(hash, entry.brokers.bits);
}

}  // namespace

std::span<const EventInfo> event_catalogue() { return catalogue; }

std::string_view name(Event event) { return info(event).name; }

std::string_view name(Cause cause) {
  constexpr std::array<std::string_view, 7> names{"none", "full", "linger", "flush", "memory", "retention", "delete-records"};
  return names[static_cast<std::size_t>(cause)];
}

const EventInfo* find_event(std::string_view name) {
  for (const EventInfo& candidate : catalogue) {
    if (candidate.name == name) return &candidate;
  }
  return nullptr;
}

BrokerSet BrokerSet::of(std::span<const BrokerId> brokers) {
  BrokerSet set;
  for (const BrokerId broker : brokers) {
    CHECK(broker.value >= 0 && broker.value < 64);
    set.bits |= std::uint64_t{1} << broker.value;
  }
  return set;
}

std::string to_string(BrokerSet brokers) {
  std::string text = "{";
  for (std::int32_t id = 0; id < 64; ++id) {
    if (!brokers.contains(BrokerId{id})) continue;
    if (text.size() > 1) text += ", ";
    text += std::to_string(id);
  }
  return text + "}";
}

Journal::Journal(std::size_t capacity) : capacity_(capacity) { CHECK(capacity > 0); }

void Journal::note(Entry entry) {
  entry.number = next_number_++;
  CHECK(entry.topic < topics_by_number_.size());
  const Topic& topic = topics_by_number_[entry.topic];
  hash_ = mix_entry(hash_, entry, topic.hash);

  // Dropping an eighth at a time keeps entries() one contiguous run at a small constant cost for each entry.
  if (entries_.size() == capacity_) {
    const std::size_t drop = capacity_ / 8 + 1;
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(drop));
    dropped_ += drop;
  }
  entries_.push_back(entry);

  // A listener may cause further entries, so it is given this copy and not a reference into entries_.
  for (std::size_t i = 0; i < listeners_.size(); ++i) listeners_[i](entry, topic.name);
}

void Journal::subscribe(Listener listener) { listeners_.push_back(std::move(listener)); }

TopicNumber Journal::topic_number(std::string_view topic) {
  if (topic.empty()) return 0;
  if (const auto found = topics_.find(topic); found != topics_.end()) return found->second;
  CHECK(topics_by_number_.size() <= max_topics);
  const auto number = static_cast<TopicNumber>(topics_by_number_.size());
  topics_by_number_.push_back({std::string(topic), hash_of_name(topic)});
  topics_.emplace(topic, number);
  return number;
}

const std::string& Journal::topic_name(TopicNumber number) const {
  CHECK(number < topics_by_number_.size());
  return topics_by_number_[number].name;
}

std::string describe(const Entry& entry, const Journal& journal) {
  const EventInfo& event = info(entry.event);
  const std::int64_t microseconds = std::chrono::duration_cast<std::chrono::microseconds>(entry.at.time_since_epoch()).count();

  std::string line =
      fmt::format("{}.{:03} ms  {}  {}", microseconds / 1000, microseconds % 1000, to_string(entry.node), event.name);
  auto out = std::back_inserter(line);
  if (entry.topic != 0) fmt::format_to(out, " {}-{}", journal.topic_name(entry.topic), entry.partition);
  if (entry.offset.known()) fmt::format_to(out, " offset {}", entry.offset.value);
  if (event.counts == "records" && entry.offset.known()) {
    fmt::format_to(out, " +{}", entry.count);
  } else if (!event.counts.empty()) {
    fmt::format_to(out, " {} {}", event.counts, entry.count);
  }
  if (entry.epoch.known()) fmt::format_to(out, " epoch {}", entry.epoch.value);
  if (entry.peer.known()) fmt::format_to(out, " peer {}", to_string(entry.peer));
  if (entry.brokers.bits != 0) fmt::format_to(out, " isr {}", to_string(entry.brokers));
  if (entry.cause != Cause::none) fmt::format_to(out, " by {}", name(entry.cause));
  if (entry.code != ErrorCode::none) fmt::format_to(out, " {}", name(entry.code));
  if (entry.pause > Duration::zero()) {
    fmt::format_to(out, " after {} ms", std::chrono::duration_cast<std::chrono::milliseconds>(entry.pause).count());
  }
  if (entry.producer.known()) {
    fmt::format_to(out, " producer {}/{} sequence {}", entry.producer.value, entry.producer_epoch.value, entry.sequence.value);
  }
  if (entry.batch != 0) fmt::format_to(out, " batch {}", entry.batch);
  if (entry.connection != 0) fmt::format_to(out, " connection {} correlation {}", entry.connection, entry.correlation);
  return line;
}

}  // namespace acklab::protocol

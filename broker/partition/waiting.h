// A room for requests that cannot be answered yet (Kafka calls it purgatory): a Produce with acks=all until its batches are
// replicated, a Fetch until there is something to read. Each waiter watches some partitions and has a deadline. Pure: the owner says
// what happened and what time it is; the room says whom to look at, always in the order of their arrival.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "protocol/check.h"
#include "protocol/runtime/journal.h"
#include "protocol/runtime/time.h"

namespace acklab::broker {

// A partition by the number that this node's journal gave its topic: cheaper to compare than the name.
struct PartitionKey {
  protocol::TopicNumber topic = 0;
  std::int32_t partition = -1;

  friend auto operator<=>(const PartitionKey&, const PartitionKey&) = default;
  friend bool operator==(const PartitionKey&, const PartitionKey&) = default;
};

template <class Waiter>
class WaitingRoom {
 public:
  using Ticket = std::uint64_t;

  Ticket enter(Waiter waiter, protocol::Time deadline, std::vector<PartitionKey> watched) {
    std::sort(watched.begin(), watched.end());
    watched.erase(std::unique(watched.begin(), watched.end()), watched.end());
    const Ticket ticket = next_++;
    for (const PartitionKey& key : watched) watchers_[key].insert(ticket);
    deadlines_.insert({deadline, ticket});
    places_.emplace(ticket, Place{std::move(waiter), deadline, std::move(watched)});
    return ticket;
  }

  // Who watches a partition, first come first.
  std::vector<Ticket> watching(const PartitionKey& key) const {
    const auto found = watchers_.find(key);
    if (found == watchers_.end()) return {};
    return {found->second.begin(), found->second.end()};
  }
  // Whose deadline has come, the earliest deadline first.
  std::vector<Ticket> due(protocol::Time now) const {
    std::vector<Ticket> tickets;
    for (const auto& [deadline, ticket] : deadlines_) {
      if (deadline > now) break;
      tickets.push_back(ticket);
    }
    return tickets;
  }
  std::optional<protocol::Time> next_deadline() const {
    if (deadlines_.empty()) return std::nullopt;
    return deadlines_.begin()->first;
  }

  // Null if it has left already.
  Waiter* find(Ticket ticket) {
    const auto found = places_.find(ticket);
    return found == places_.end() ? nullptr : &found->second.waiter;
  }
  // Lets it leave; it must be here.
  Waiter leave(Ticket ticket) {
    const auto found = places_.find(ticket);
    CHECK(found != places_.end());
    Place place = std::move(found->second);
    places_.erase(found);
    deadlines_.erase({place.deadline, ticket});
    for (const PartitionKey& key : place.watched) {
      const auto watchers = watchers_.find(key);
      watchers->second.erase(ticket);
      if (watchers->second.empty()) watchers_.erase(watchers);
    }
    return std::move(place.waiter);
  }

  std::size_t size() const { return places_.size(); }

 private:
  struct Place {
    Waiter waiter;
    protocol::Time deadline;
    std::vector<PartitionKey> watched;  // without repetition
  };

  Ticket next_ = 1;
  std::map<Ticket, Place> places_;
  std::map<PartitionKey, std::set<Ticket>> watchers_;
  std::set<std::pair<protocol::Time, Ticket>> deadlines_;
};

}  // namespace acklab::broker

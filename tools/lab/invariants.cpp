#include "tools/lab/invariants.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

namespace acklab::lab {

using protocol::Entry;
using protocol::Event;
using protocol::NodeId;

// --- What is known of a replica and of a partition ---

void Invariants::Replica::append(const Entry& entry) {
  const std::int64_t end = entry.offset.value + entry.count;
  log.append(entry.offset.value, end, entry.epoch.value);
  end_at(end);
}

void Invariants::Replica::end_at(std::int64_t end) {
  // After a truncation ends may come again, or lie below one that was cut off, whose bytes a power loss may bring back.
  const auto place =
      borders.empty() || borders.back() < end ? borders.end() : std::lower_bound(borders.begin(), borders.end(), end);
  if (place == borders.end() || *place != end) borders.insert(place, end);
}

bool Invariants::Replica::ended_at(std::int64_t offset) const {
  return offset == 0 || std::binary_search(borders.begin(), borders.end(), offset);
}

bool Invariants::Partition::excused() const {
  if (unclean || isr_lacked) return true;
  int lossy = 0;
  for (const auto& [node, replica] : replicas) lossy += replica.lost_data ? 1 : 0;
  return lossy >= min_insync;
}

Invariants::Partition& Invariants::partition_of(const Entry& entry, std::string_view topic) {
  const auto [place, fresh] = partitions_.try_emplace({entry.topic, entry.partition});
  Partition& partition = place->second;
  if (fresh) {
    partition.name = {std::string(topic), entry.partition};
    if (const auto named = min_insync_.find(topic); named != min_insync_.end()) partition.min_insync = named->second;
  }
  return partition;
}

void Invariants::lose(Partition& partition, NodeId node) {
  Replica& replica = partition.replicas[node];
  replica.lost_data = true;
  replica.lacks = true;
  look_at_isr(partition);
}

void Invariants::look_at_isr(Partition& partition) {
  int lacking = 0;
  for (const auto& [node, replica] : partition.replicas) lacking += replica.lacks && partition.isr.contains({node.value}) ? 1 : 0;
  if (lacking > 0 && lacking == std::popcount(partition.isr.bits)) partition.isr_lacked = true;
}

// What of an unflushed tail is left shows when its node comes back. Another replica may be elected before that, lawfully.
void Invariants::lose_power(NodeId node) {
  for (auto& [key, partition] : partitions_) {
    const auto replica = partition.replicas.find(node);
    if (replica == partition.replicas.end()) continue;
    replica->second.may_be_short = true;
    if (replica->second.flushed < replica->second.log.end()) lose(partition, node);
  }
}

// What a failed flush should have written is lost when the node ends, and it does so at once.
void Invariants::fail_disk(NodeId node) {
  for (auto& [key, partition] : partitions_) {
    const auto replica = partition.replicas.find(node);
    if (replica != partition.replicas.end()) replica->second.may_be_short = true;
  }
}

// --- The rules ---

void Invariants::violated(const Partition& partition, const Entry& entry, std::string what) {
  if (violations_.size() < max_violations) violations_.push_back({partition.name, entry.offset, entry.at, std::move(what)});
}

void Invariants::decided(Partition& partition, const Entry& entry) {
  if (entry.epoch.value < partition.epoch) return;
  if (entry.event == Event::isr_changed) check_joining(partition, entry);
  if (entry.code == protocol::ErrorCode::eligible_leaders_not_available) partition.unclean = true;
  partition.epoch = entry.epoch.value;
  partition.leader = entry.peer;
  for (auto& [node, replica] : partition.replicas) {
    const bool joined = entry.brokers.contains({node.value}) && !partition.isr.contains({node.value});
    if (joined) replica.lacks = false;
  }
  partition.isr = entry.brokers;
  look_at_isr(partition);
}

// Both when the leader proposes it, which shows what the leader knew, and when the controller decides. A leader that was deposed may
// propose what it likes.
void Invariants::check_joining(Partition& partition, const Entry& entry) {
  if (entry.epoch.value < partition.epoch || partition.excused()) return;
  for (auto& [node, replica] : partition.replicas) {
    if (!entry.brokers.contains({node.value}) || partition.isr.contains({node.value})) continue;
    ++checked_;
    if (partition.complete(replica)) continue;
    violated(
        partition, entry,
        fmt::format("{} is to join the in-sync replicas without all that was committed: its log ends at {}, committed up to {}",
                    to_string(node), replica.log.end(), partition.committed.end()));
  }
}

void Invariants::led(Partition& partition, const Entry& entry) {
  ++checked_;
  partition.replicas[entry.node].source = entry.node;
  partition.replicas[entry.node].source_epoch = entry.epoch.value;
  const auto [first, fresh] = partition.leader_of_epoch.try_emplace(entry.epoch.value, entry.node);
  if (!fresh && first->second != entry.node) {
    violated(partition, entry,
             fmt::format("{} and {} both lead in epoch {}", to_string(first->second), to_string(entry.node), entry.epoch.value));
  }
  if (partition.excused()) return;
  const Replica& replica = partition.replicas[entry.node];
  if (!partition.complete(replica)) {
    violated(partition, entry,
             fmt::format("{} leads in epoch {} without all that was committed: its log ends at {}, committed up to {}",
                         to_string(entry.node), entry.epoch.value, replica.log.end(), partition.committed.end()));
  }
}

void Invariants::appended(Partition& partition, const Entry& entry) {
  Replica& replica = partition.replicas[entry.node];
  if (entry.producer.value >= 0 && !producers_are_forgotten_) {
    ++checked_;
    std::vector<Place>& places = partition.batches[{entry.producer.value, entry.producer_epoch.value, entry.sequence.value}];
    // Copies that were cut off again do not count.
    for (const Place& place : places) {
      if (replica.log.epoch_at(place.offset) != place.epoch) continue;
      violated(partition, entry,
               fmt::format("{} appended at offset {} the batch of producer {} with sequence {} that it has at offset {}",
                           to_string(entry.node), entry.offset.value, entry.producer.value, entry.sequence.value, place.offset));
    }
    places.push_back({entry.offset.value, entry.epoch.value});
  }
  replica.append(entry);
}

void Invariants::truncated(Partition& partition, const Entry& entry) {
  Replica& replica = partition.replicas[entry.node];
  const std::int64_t cut = entry.offset.value;
  ++checked_;
  const bool committed = cut < partition.committed.end() && replica.log.epoch_at(cut) == partition.committed.epoch_at(cut);
  if (committed && !partition.excused()) {
    violated(partition, entry,
             fmt::format("{} cut its log at offset {}, and with it what was committed up to {}", to_string(entry.node), cut,
                         partition.committed.end()));
  }
  replica.log.cut(cut);
  replica.flushed = std::min(replica.flushed, cut);
  if (replica.rotten && cut <= *replica.rotten) replica.rotten.reset();
}

// A batch may be in the file and not in the journal: its node died in the middle of the append or right behind it.
void Invariants::learn_of_the_untold(Partition& partition, Replica& replica, std::int64_t end) {
  const std::int64_t from = replica.log.end();
  const auto source = partition.replicas.find(replica.source);
  if (source != partition.replicas.end() && source->second.log.end() >= end) {
    replica.log.append_from(source->second.log, from, end);
  } else {
    replica.log.append(from, end, replica.source_epoch);
  }
  replica.end_at(end);
}

void Invariants::recovered(Partition& partition, const Entry& entry) {
  Replica& replica = partition.replicas[entry.node];
  const std::int64_t end = entry.offset.value;
  ++checked_;
  if (end > replica.log.end()) learn_of_the_untold(partition, replica, end);
  if (end < replica.log.end()) {
    const bool cut_at_rot = replica.rotten && end <= *replica.rotten;
    if (!replica.may_be_short && !cut_at_rot) {
      violated(
          partition, entry,
          fmt::format("the log of {} ends at offset {}: it was not truncated, and a kill leaves all that was written, up to {}",
                      to_string(entry.node), end, replica.log.end()));
    } else if (!replica.ended_at(end)) {
      violated(partition, entry,
               fmt::format("the log of {} ends at offset {}, where no batch ended", to_string(entry.node), end));
    }
    lose(partition, entry.node);
    replica.log.cut(end);
  }
  replica.may_be_short = false;
  if (replica.rotten && end <= *replica.rotten) replica.rotten.reset();
  replica.hw_epoch = -1;
}

void Invariants::high_watermark(Partition& partition, const Entry& entry) {
  Replica& replica = partition.replicas[entry.node];
  ++checked_;
  if (replica.hw_epoch == entry.epoch.value && entry.offset.value < replica.hw) {
    violated(partition, entry,
             fmt::format("the high watermark of {} went back from {} to {} in epoch {}", to_string(entry.node), replica.hw,
                         entry.offset.value, entry.epoch.value));
  }
  replica.hw_epoch = entry.epoch.value;
  replica.hw = entry.offset.value;
  const auto leader = partition.leader_of_epoch.find(entry.epoch.value);
  if (leader != partition.leader_of_epoch.end() && leader->second == entry.node) return commit(partition, entry);

  if (partition.excused()) return;
  if (replica.hw > partition.committed.end() || !partition.holds(replica, 0, replica.hw)) {
    violated(
        partition, entry,
        fmt::format("{} calls committed what was not: its high watermark is {}, committed is what other replicas have up to {}",
                    to_string(entry.node), replica.hw, partition.committed.end()));
  }
}

// A leader's high watermark moved: what lies below it now is committed, and everyone who could be elected must have it.
void Invariants::commit(Partition& partition, const Entry& entry) {
  const std::int64_t from = partition.committed.end();
  const std::int64_t to = entry.offset.value;
  if (to <= from) return;
  partition.committed.append_from(partition.replicas[entry.node].log, from, to);
  if (partition.excused()) return;
  // A leader that was deposed and does not know it may commit only what its successor has.
  const bool deposed = entry.epoch.value < partition.epoch;
  for (auto& [node, replica] : partition.replicas) {
    const bool electable = deposed ? node == partition.leader : partition.isr.contains({node.value});
    if (!electable || node == entry.node) continue;
    ++checked_;
    if (!partition.holds(replica, from, to)) {
      violated(partition, entry,
               fmt::format("{} committed up to offset {}, but {}, which could be elected, ends at {}", to_string(entry.node), to,
                           to_string(node), replica.log.end()));
    }
  }
}

// A follower that lacks what its leader still has begins anew where the leader's log does, and no cut tells of that.
void Invariants::start_moved(Partition& partition, const Entry& entry) {
  Replica& replica = partition.replicas[entry.node];
  replica.start = entry.offset.value;
  if (replica.start > replica.log.end()) {
    replica.log.start_again_at(replica.start);
    replica.end_at(replica.start);
  }
  ++checked_;
  if (partition.excused() || replica.start <= partition.committed.end()) return;
  violated(partition, entry,
           fmt::format("the log of {} begins at offset {}, and only what lies below {} was committed", to_string(entry.node),
                       replica.start, partition.committed.end()));
}

void Invariants::topic_deleted(const Entry& entry) {
  const auto partition = partitions_.extract(PartitionKey{entry.topic, entry.partition});
  if (partition.empty()) return;
  std::set<NodeId>& ghosts = ghosts_[partition.key()];
  for (const auto& [node, replica] : partition.mapped().replicas) ghosts.insert(node);
}

// Replicas of a deleted topic close their logs in their own time. One of a new topic with the same name begins by opening its log.
bool Invariants::is_ghost(const Entry& entry) {
  const auto ghosts = ghosts_.find({entry.topic, entry.partition});
  if (ghosts == ghosts_.end()) return false;
  if (entry.event == Event::recovered) ghosts->second.erase(entry.node);
  return ghosts->second.contains(entry.node);
}

void Invariants::check_answer(const Entry& entry, std::string_view topic) {
  if (!unanswered_connections_.contains(entry.connection)) return;
  violated(partition_of(entry, topic), entry,
           fmt::format("{} answered a Produce with acks=0, request {} of connection {}", to_string(entry.node), entry.correlation,
                       entry.connection));
}

void Invariants::observe(const Entry& entry, std::string_view topic) {
  if (entry.event == Event::power_lost) lose_power(entry.node);
  if (entry.event == Event::disk_failed) fail_disk(entry.node);
  if (entry.topic == 0) return;
  if (is_ghost(entry)) return;
  switch (entry.event) {
    case Event::sent:
      if (unanswered_clients_.contains(entry.node)) unanswered_connections_.insert(entry.connection);
      return;
    case Event::answered:
      return check_answer(entry, topic);
    case Event::elected:
    case Event::isr_changed:
      return decided(partition_of(entry, topic), entry);
    case Event::isr_proposed:
      return check_joining(partition_of(entry, topic), entry);
    case Event::led:
      return led(partition_of(entry, topic), entry);
    case Event::followed: {
      Replica& replica = partition_of(entry, topic).replicas[entry.node];
      replica.source = entry.peer;
      replica.source_epoch = entry.epoch.value;
      return;
    }
    case Event::appended:
      return appended(partition_of(entry, topic), entry);
    case Event::replicated:
      return partition_of(entry, topic).replicas[entry.node].append(entry);
    case Event::truncated:
      return truncated(partition_of(entry, topic), entry);
    case Event::flushed:
      partition_of(entry, topic).replicas[entry.node].flushed = entry.offset.value;
      return;
    case Event::rotted: {
      std::optional<std::int64_t>& rotten = partition_of(entry, topic).replicas[entry.node].rotten;
      rotten = std::min(rotten.value_or(entry.offset.value), entry.offset.value);
      return;
    }
    case Event::recovered:
      return recovered(partition_of(entry, topic), entry);
    case Event::start_moved:
      return start_moved(partition_of(entry, topic), entry);
    case Event::compacted: {
      std::int64_t& cleaned_to = partition_of(entry, topic).cleaned_to;
      cleaned_to = std::max(cleaned_to, entry.offset.value);
      return;
    }
    case Event::topic_deleted:
      return topic_deleted(entry);
    case Event::high_watermark:
      return high_watermark(partition_of(entry, topic), entry);
    default:
      return;
  }
}

}  // namespace acklab::lab

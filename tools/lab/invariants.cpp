#include "tools/lab/invariants.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

namespace acklab::lab {

using protocol::Entry;
using protocol::Event;
using protocol::TopicPartition;

void Invariants::append(std::vector<Run>& log, Run run) {
  if (!log.empty() && log.back().epoch == run.epoch && log.back().end == run.begin) {
    log.back().end = run.end;
  } else {
    log.push_back(run);
  }
}

void Invariants::cut(std::vector<Run>& log, std::int64_t end) {
  while (!log.empty() && log.back().begin >= end) log.pop_back();
  if (!log.empty()) log.back().end = std::min(log.back().end, end);
}

bool Invariants::holds(const std::vector<Run>& log, const std::vector<Run>& committed, std::int64_t from, std::int64_t to) {
  const auto covering = [](const std::vector<Run>& runs, std::int64_t offset) {
    return std::upper_bound(runs.begin(), runs.end(), offset, [](std::int64_t at, const Run& run) { return at < run.end; });
  };
  auto mine = covering(log, from);
  auto truth = covering(committed, from);
  while (from < to) {
    if (truth == committed.end()) return true;
    if (mine == log.end() || mine->begin > from || mine->epoch != truth->epoch) return false;
    from = std::min(mine->end, truth->end);
    if (mine->end == from) ++mine;
    if (truth->end == from) ++truth;
  }
  return true;
}

bool Invariants::excused(const std::string& topic, const Partition& partition) const {
  if (partition.isr_lacked) return true;
  const auto found = min_insync_.find(topic);
  const int promised = found == min_insync_.end() ? 1 : found->second;
  int lossy = 0;
  for (const auto& [node, replica] : partition.replicas) lossy += replica.lost_data ? 1 : 0;
  return lossy >= promised;
}

void Invariants::violated(const TopicPartition& partition, const Entry& entry, std::string what) {
  violations_.push_back({partition, entry.offset, entry.at, std::move(what)});
}

// A leader's high watermark moved: what lies below it now is committed, and everyone who could be elected must have it.
void Invariants::commit(const TopicPartition& name, Partition& partition, const Entry& entry) {
  const std::int64_t from = partition.committed_end();
  const std::int64_t to = entry.offset.value;
  if (to <= from) return;
  for (const Run& run : partition.replicas[entry.node].log) {
    if (run.end <= from || run.begin >= to) continue;
    append(partition.committed, {std::max(run.begin, from), std::min(run.end, to), run.epoch});
  }
  if (excused(name.topic, partition)) return;
  // A leader that was deposed and does not know it may commit only what its successor has.
  const bool deposed = entry.epoch.value < partition.epoch;
  for (auto& [node, replica] : partition.replicas) {
    const bool electable = deposed ? node == partition.leader : partition.isr.contains({node.value});
    if (!electable || node == entry.node) continue;
    ++checked_;
    if (!holds(replica.log, partition.committed, from, to)) {
      violated(name, entry,
               fmt::format("{} committed up to offset {}, but {}, which could be elected, ends at {}", to_string(entry.node), to,
                           to_string(node), replica.end()));
    }
  }
}

void Invariants::lose(Partition& partition, protocol::NodeId node) {
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
void Invariants::lose_power(protocol::NodeId node) {
  for (auto& [name, partition] : partitions_) {
    const auto replica = partition.replicas.find(node);
    if (replica != partition.replicas.end() && replica->second.flushed < replica->second.end()) lose(partition, node);
  }
}

void Invariants::observe(const Entry& entry, std::string_view topic) {
  if (entry.event == Event::power_lost) lose_power(entry.node);
  if (entry.topic == 0) return;
  const TopicPartition name{std::string(topic), entry.partition};
  const auto partition_of = [&]() -> Partition& { return partitions_[name]; };
  switch (entry.event) {
    case Event::elected:
    case Event::isr_changed: {
      Partition& partition = partition_of();
      if (entry.epoch.value < partition.epoch) return;
      partition.epoch = entry.epoch.value;
      partition.leader = entry.peer;
      for (auto& [node, replica] : partition.replicas) {
        const bool joined = entry.brokers.contains({node.value}) && !partition.isr.contains({node.value});
        if (joined) replica.lacks = false;
      }
      partition.isr = entry.brokers;
      look_at_isr(partition);
      return;
    }
    case Event::led: {
      Partition& partition = partition_of();
      ++checked_;
      const auto [first, fresh] = partition.leader_of_epoch.try_emplace(entry.epoch.value, entry.node);
      if (!fresh && first->second != entry.node) {
        violated(
            name, entry,
            fmt::format("{} and {} both lead in epoch {}", to_string(first->second), to_string(entry.node), entry.epoch.value));
      }
      if (excused(name.topic, partition)) return;
      const Replica& replica = partition.replicas[entry.node];
      if (!holds(replica.log, partition.committed, 0, partition.committed_end())) {
        violated(name, entry,
                 fmt::format("{} leads in epoch {} without all that was committed: its log ends at {}, committed up to {}",
                             to_string(entry.node), entry.epoch.value, replica.end(), partition.committed_end()));
      }
      return;
    }
    case Event::appended:
    case Event::replicated:
      append(partition_of().replicas[entry.node].log, {entry.offset.value, entry.offset.value + entry.count, entry.epoch.value});
      return;
    case Event::truncated: {
      Replica& replica = partition_of().replicas[entry.node];
      cut(replica.log, entry.offset.value);
      replica.flushed = std::min(replica.flushed, entry.offset.value);
      return;
    }
    case Event::flushed:
      partition_of().replicas[entry.node].flushed = entry.offset.value;
      return;
    case Event::recovered: {
      Partition& partition = partition_of();
      Replica& replica = partition.replicas[entry.node];
      if (entry.offset.value < replica.end()) {
        lose(partition, entry.node);
        cut(replica.log, entry.offset.value);
      }
      replica.hw_epoch = -1;
      return;
    }
    case Event::high_watermark: {
      Partition& partition = partition_of();
      Replica& replica = partition.replicas[entry.node];
      ++checked_;
      if (replica.hw_epoch == entry.epoch.value && entry.offset.value < replica.hw) {
        violated(name, entry,
                 fmt::format("the high watermark of {} went back from {} to {} in epoch {}", to_string(entry.node), replica.hw,
                             entry.offset.value, entry.epoch.value));
      }
      replica.hw_epoch = entry.epoch.value;
      replica.hw = entry.offset.value;
      const auto leader = partition.leader_of_epoch.find(entry.epoch.value);
      if (leader != partition.leader_of_epoch.end() && leader->second == entry.node) commit(name, partition, entry);
      return;
    }
    default:
      return;
  }
}

}  // namespace acklab::lab

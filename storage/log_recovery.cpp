// Opening a log: what is believed, what is walked, and what is made again.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "protocol/mutant.h"
#include "storage/batch_walk.h"
#include "storage/checkpoint.h"
#include "storage/log_state.h"
#include "storage/producer_snapshot.h"

namespace acklab::storage {

using protocol::BatchHeader;
using protocol::EndTransactionMarker;
using protocol::failure;
using protocol::Mutant;

namespace {

// The file tells nothing that can be used; any other error is the disk's.
bool no_use(const DiskError& error) { return error.fault == DiskFault::malformed || error.fault == DiskFault::not_found; }

// A file of ours without its last suffix, if it has that one.
std::optional<std::string_view> without(std::string_view name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return std::nullopt;
  return name.substr(0, name.size() - suffix.size());
}

bool names_a_file_of_a_segment(std::string_view name) {
  return std::any_of(segment_suffixes.begin(), segment_suffixes.end(),
                     [&](std::string_view suffix) { return offset_in_name(name, suffix).has_value(); });
}

// What a crash left of a file that was being written or removed. (Kafka swaps indexes too; here they are made again.)
bool left_behind(std::string_view name) {
  for (const std::string_view suffix : {draft_suffix, deleted_suffix, cleaned_suffix, swap_suffix}) {
    const auto rest = without(name, suffix);
    if (rest && (names_a_file_of_a_segment(*rest) || *rest == leader_epoch_checkpoint)) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string to_string(const LogRecovery& recovery) {
  std::string line;
  const auto add = [&](std::string_view text) { line += (line.empty() ? "" : "; ") + std::string(text); };
  if (recovery.segments_walked > 0) {
    add(fmt::format("walked {} segments, cut {} bytes", recovery.segments_walked, recovery.bytes_cut));
  }
  if (recovery.segments_dropped > 0) add(fmt::format("dropped {} segments", recovery.segments_dropped));
  if (recovery.indexes_rebuilt > 0) add(fmt::format("made {} indexes again", recovery.indexes_rebuilt));
  for (const std::string& remark : recovery.remarks) add(remark);
  return line;
}

Result<void, DiskError> Log::State::recover(const LogCheckpoints& checkpoints) {
  const auto bases = take_stock();
  if (!bases) return failure(bases.error());
  const auto walked_from = recover_segments(*bases, checkpoints);
  if (!walked_from) return failure(walked_from.error());
  log_start = std::max(checkpoints.start, segments.front().base());
  if (const auto recovered = recover_epochs(*walked_from); !recovered) return recovered;
  if (const auto loaded = load_producers(); !loaded) return loaded;
  walked = {};
  // What an earlier process flushed of the last segment is not known. The ones before it were flushed when they were full.
  flushed_end = checkpoints.shutdown == Shutdown::clean && recovery.segments_walked == 0 ? end() : active().base();
  return {};
}

// --- Files ---

// Of the segments that a swap replaces those that it reaches into are gone already, or go now. Of one that compaction emptied nothing is
// in the swap; it stays, and is cleaned again.
Result<void, DiskError> Log::State::complete_swaps() {
  const std::vector<std::string> names = disk.list(directory);
  for (const std::string& name : names) {
    const auto rest = without(name, swap_suffix);
    const auto base = rest ? base_of_segment_name(*rest) : std::nullopt;
    if (!base) continue;
    const auto file = disk.open(directory + "/" + name);
    if (!file) return failure(file.error());
    BatchWalk walk(**file, *base);
    Offset end = *base;
    for (;;) {
      const auto header = walk.next();
      if (!header) return failure(header.error());
      if (!*header) break;
      end = (*header)->next_offset();
    }
    for (const std::string& other : names) {
      const auto covered = base_of_segment_name(other);
      if (!covered || *covered <= *base || *covered >= end) continue;
      if (const auto removed = remove_segment_files(*covered); !removed) return removed;
    }
    if (const auto swapped = complete_swap(*base); !swapped) return swapped;
    recovery.remarks.push_back(name + ": a compaction was completed");
  }
  return {};
}

Result<std::vector<Offset>, DiskError> Log::State::take_stock() {
  if (const auto completed = complete_swaps(); !completed) return failure(completed.error());
  const std::vector<std::string> names = disk.list(directory);
  std::vector<Offset> bases;
  for (const std::string& name : names) {
    if (const auto base = base_of_segment_name(name)) bases.push_back(*base);
    if (const auto offset = offset_in_name(name, snapshot_suffix)) snapshots.insert(*offset);
  }
  for (const std::string& name : names) {
    bool orphan = left_behind(name);
    for (const std::string_view suffix : index_suffixes) {
      const auto base = offset_in_name(name, suffix);
      if (base && !std::binary_search(bases.begin(), bases.end(), *base)) orphan = true;
    }
    if (!orphan) continue;
    if (const auto removed = disk.remove(directory + "/" + name); !removed) return failure(removed.error());
  }
  return bases;
}

Result<Offset, DiskError> Log::State::recover_segments(const std::vector<Offset>& bases, const LogCheckpoints& checkpoints) {
  std::optional<Offset> walked_from;
  for (std::size_t i = 0; i < bases.size(); ++i) {
    const std::optional<Offset> next = i + 1 < bases.size() ? std::optional(bases[i + 1]) : std::nullopt;
    // What was cut off left a hole in front of whatever is behind it. (A gap that compaction left is none.)
    if (recovery.bytes_cut > 0 || (!segments.empty() && bases[i] < end())) {
      if (const auto dropped = drop_segment(bases[i]); !dropped) return failure(dropped.error());
      continue;
    }
    const bool whole = checkpoints.shutdown == Shutdown::clean || (next && *next <= checkpoints.recovery_point);
    const int walked_before = recovery.segments_walked;
    const auto recovered = recover_segment(bases[i], next, whole ? Trust::known_whole : Trust::in_doubt);
    if (!recovered) return failure(recovered.error());
    if (recovery.segments_walked > walked_before && !walked_from) walked_from = bases[i];
    // Somebody was about to start the log again at the next one: see Log::reset_to().
    if (next && active().size() == 0 && recovery.bytes_cut == 0) {
      if (const auto removed = remove_segment(); !removed) return failure(removed.error());
    }
  }
  if (segments.empty()) {
    if (const auto added = add_segment(checkpoints.start); !added) return failure(added.error());
  }
  return walked_from.value_or(end());
}

Result<void, DiskError> Log::State::recover_segment(Offset base, std::optional<Offset> next, Trust trust) {
  if (trust == Trust::known_whole) {
    auto segment = Segment::open(disk, directory, base, config.index_interval_bytes, next);
    if (segment) {
      segments.push_back(*std::move(segment));
      return {};
    }
    if (!no_use(segment.error())) return failure(segment.error());
    recovery.remarks.push_back(segment.error().what);
    ++recovery.indexes_rebuilt;
  }
  auto segment = walk_segment(base);
  if (!segment) return failure(segment.error());
  segments.push_back(*std::move(segment));
  ++recovery.segments_walked;
  recovery.bytes_cut += active().cut_at_open();
  // The last one goes on in memory.
  return next && active().size() > 0 ? active().seal() : Result<void, DiskError>{};
}

Result<Segment, DiskError> Log::State::walk_segment(Offset base) {
  if (const auto learned = learn_producers_before(base); !learned) return failure(learned.error());
  std::vector<EpochStart>& epochs_told = walked.epochs[base];
  std::vector<AbortedTransaction> aborted;
  auto segment = Segment::recover(disk, directory, base, config.index_interval_bytes,
                                  [&](const BatchHeader& header, const std::optional<EndTransactionMarker>& marker) {
                                    if (epochs_told.empty() || epochs_told.back().epoch != header.leader_epoch) {
                                      epochs_told.push_back({header.leader_epoch, header.base_offset});
                                    }
                                    if (const auto one = walked.producers.update(header, marker)) aborted.push_back(*one);
                                  });
  if (!segment) return segment;
  for (const AbortedTransaction& one : aborted) segment->note_aborted(one);
  walked.producers_end = segment->end();
  return segment;
}

Result<void, DiskError> Log::State::learn_producers_before(Offset base) {
  const bool known = walked.producers_from && !segments.empty() && walked.producers_end == segments.back().end();
  if (known && !snapshots.contains(base)) return {};
  auto snapshot = newest_snapshot(base);
  if (!snapshot) return failure(snapshot.error());
  walked.producers_from = snapshot->offset;
  walked.producers = std::move(snapshot->producers);
  return replay(snapshot->offset, walked.producers);
}

Result<void, DiskError> Log::State::drop_segment(Offset base) {
  const auto file = disk.open(path_of(base, log_suffix));
  if (!file) return failure(file.error());
  recovery.bytes_cut += (*file)->size();
  ++recovery.segments_dropped;
  return remove_segment_files(base);
}

// --- What is derived ---

Result<void, DiskError> Log::State::hear_epochs(LeaderEpochs& told, Offset from) const {
  for (const Segment& segment : segments) {
    if (const auto heard = walked.epochs.find(segment.base()); heard != walked.epochs.end() && from <= segment.base()) {
      for (const EpochStart& one : heard->second) told.assign(one.epoch, one.start);
      continue;
    }
    const auto visited = segment.for_each_header(
        from, [&](const BatchHeader& header, const auto&) { told.assign(header.leader_epoch, header.base_offset); });
    if (!visited) return visited;
  }
  return {};
}

// Epochs that began before `walked_from` are what the checkpoint says, those from there on what the batches say. The checkpoint holds
// one thing that no batch tells: an epoch that began at the log end and has no batch yet. It is believed if the rest of the checkpoint
// is what the batches tell; else it does not belong to these batches. One way to get there:
//   1. The log holds epoch 3 from offset 50 to 70, flushed, and is truncated to 50, not flushed.
//   2. It takes epoch 2 from 50 to 70 from the new leader; then epoch 4 begins at 70 and the checkpoint, always flushed, says so.
//   3. The power fails, and the bytes of before 1 come back.
// Trusting "4 begins at 70" would vouch for batches that the leader of epoch 4 never had.
Result<void, DiskError> Log::State::recover_epochs(Offset walked_from) {
  auto saved = read_leader_epochs(disk, directory + "/" + leader_epoch_checkpoint);
  if (!saved && !no_use(saved.error())) return failure(saved.error());
  if (!saved) {
    recovery.remarks.push_back(saved.error().what);
    saved = std::vector<EpochStart>{};
  }
  LeaderEpochs remembered;
  for (const EpochStart& entry : *saved) {
    if (entry.start < end()) remembered.assign(entry.epoch, entry.start);
    if (entry.start < walked_from) epochs.assign(entry.epoch, entry.start);
  }
  // Without a checkpoint all batches have to tell.
  if (const auto heard = hear_epochs(epochs, saved->empty() ? Offset{0} : walked_from); !heard) return heard;

  if (!saved->empty() && saved->back().start == end()) {
    // Each of the two may know of a log start that the other does not.
    LeaderEpochs told = epochs;
    told.trim_to(saved->front().start);
    remembered.trim_to(log_start);
    told.trim_to(log_start);
    if (told == remembered) epochs.assign(saved->back().epoch, end());
  }
  epochs.trim_to(log_start);
  const auto known = epochs.entries();
  return std::equal(saved->begin(), saved->end(), known.begin(), known.end()) ? Result<void, DiskError>{} : write_epochs();
}

Result<std::optional<ProducerStates>, DiskError> Log::State::read_snapshot(Offset offset) {
  const std::string path = path_of(offset, snapshot_suffix);
  const auto bytes = read_file(disk, path);
  if (!bytes && !no_use(bytes.error())) return failure(bytes.error());
  auto states = bytes ? decode_snapshot(bytes->view()) : failure(bytes.error().what);
  if (states) return std::optional(*std::move(states));
  recovery.remarks.push_back(path + ": " + states.error());
  if (const auto removed = remove_snapshot(offset); !removed) return failure(removed.error());
  return std::optional<ProducerStates>{};
}

Result<Log::State::Snapshot, DiskError> Log::State::newest_snapshot(Offset offset) {
  const Offset first = segments.empty() ? offset : segments.front().base();
  for (;;) {
    const auto behind = snapshots.upper_bound(offset);
    if (behind == snapshots.begin() || *std::prev(behind) < first) return Snapshot{first, {}};
    const Offset newest = *std::prev(behind);
    auto states = read_snapshot(newest);
    if (!states) return failure(states.error());
    if (*states) return Snapshot{newest, **std::move(states)};
  }
}

Result<void, DiskError> Log::State::replay(Offset from, ProducerStates& states) const {
  for (const Segment& segment : segments) {
    const auto visited = segment.for_each_header(
        from, [&](const BatchHeader& header, const auto& marker) { static_cast<void>(states.update(header, marker)); });
    if (!visited) return visited;
  }
  return {};
}

Result<void, DiskError> Log::State::load_producers() {
  const ProducerStates before = std::exchange(producers, {});
  if (const auto removed = remove_snapshots_behind(end()); !removed) return removed;
  auto snapshot = newest_snapshot(end());
  if (!snapshot) return failure(snapshot.error());
  if (walked.producers_from == snapshot->offset && walked.producers_end == end()) {
    producers = walked.producers;
  } else {
    producers = std::move(snapshot->producers);
    if (const auto replayed = replay(snapshot->offset, producers); !replayed) return replayed;
  }
  if (protocol::active(Mutant::keep_states_of_the_cut) && !before.producers().empty()) producers = before;
  return {};
}

// --- Log ---

Result<Log, DiskError> Log::open(Disk& disk, std::string directory, const LogConfig& config, const LogCheckpoints& checkpoints) {
  Log log(std::make_unique<State>(disk, std::move(directory), config));
  if (const auto recovered = log.state_->recover(checkpoints); !recovered) return failure(recovered.error());
  // Its batches were lost, and what is left was deleted before.
  if (log.end() < log.start()) {
    if (const auto reset = log.reset_to(log.start()); !reset) return failure(reset.error());
  }
  return log;
}

}  // namespace acklab::storage

#include "broker/partition/partition.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "broker/partition/log_config.h"
#include "broker/partition/segment_offsets.h"
#include "broker/partition/truncation.h"
#include "protocol/mutant.h"
#include "protocol/records/batch_layout.h"

namespace acklab::broker {

using protocol::Acks;
using protocol::BrokerSet;
using protocol::ErrorCode;
using protocol::Event;
using protocol::failure;
using protocol::Mutant;
using protocol::NodeId;
using protocol::RecordBatch;
using protocol::Slice;

namespace {

// For a planted bug: the batches with checksums that match whatever they hold.
Slice sealed_anew(const Slice& records) {
  std::string bytes(records.text());
  for (std::size_t at = 0; at + protocol::batch_header_size <= bytes.size();) {
    const auto all = std::as_writable_bytes(std::span(bytes)).subspan(at);
    const auto size = protocol::load_batch_header(all.first<protocol::batch_header_size>()).size();
    if (size < protocol::batch_header_size || size > all.size()) break;
    protocol::store_crc(all.first(size));
    at += size;
  }
  return Slice::copy_of(bytes);
}

}  // namespace

Partition::Partition(protocol::Runtime& runtime, const MetadataImage& image, const Options& options, Replica replica)
    : runtime_(runtime), image_(image), options_(options), replica_(std::move(replica)), config_(options.config.topics) {}

// --- The controller's decisions ---

void Partition::apply(const PartitionState& state) {
  if (state.partition_epoch <= partition_epoch_) return;
  const bool new_epoch = state.leader_epoch > leader_epoch_;
  partition_epoch_ = state.partition_epoch;
  replicas_ = state.replicas;
  leader_ = state.leader;
  isr_.commit(state.isr);
  proposal_.reset();
  if (new_epoch) {
    leader_epoch_ = state.leader_epoch;
    state.leader == options_.self ? become_leader(state) : become_follower(state);
  }
  if (leads()) advance_high_watermark();
  progress_ = true;
}

void Partition::configure(const TopicConfig& config) {
  if (config == config_) return;
  config_ = config;
  replica_.configure(log_config(config, runtime_));
  advance_high_watermark();
  progress_ = true;  // whoever waits for replication may have to be told that too few are in sync now
}

void Partition::become_leader(const PartitionState& state) {
  role_ = Role::leader;
  epoch_start_ = replica_.end();
  // Noted even if nothing is ever appended in it: a follower may hold batches of an older epoch that this leader never had, and is
  // told by this entry where that epoch ended here. A disk that refuses is noticed at the next append.
  static_cast<void>(replica_.begin_epoch(leader_epoch_));
  followers_.clear();
  for (const BrokerId replica : state.replicas) {
    if (replica != options_.self) followers_[replica] = at_epoch_start(isr_.in_committed(replica), runtime_.now());
  }
  runtime_.note({.event = Event::led,
                 .topic = key().topic,
                 .partition = key().partition,
                 .epoch = leader_epoch_,
                 .offset = replica_.end(),
                 .count = replica_.end() - replica_.high_watermark(),
                 .brokers = BrokerSet::of(isr_.committed())});
}

void Partition::become_follower(const PartitionState& state) {
  role_ = Role::follower;
  followers_.clear();
  if (!state.leader.known()) return;
  runtime_.note({.event = Event::followed,
                 .topic = key().topic,
                 .partition = key().partition,
                 .epoch = leader_epoch_,
                 .peer = NodeId::broker(state.leader)});
}

// --- Producers ---

ErrorCode Partition::admits(Acks acks) const {
  if (!leads()) return ErrorCode::not_leader_or_follower;
  if (acks == Acks::all && static_cast<int>(isr_.committed().size()) < min_isr()) return ErrorCode::not_enough_replicas;
  return ErrorCode::none;
}

protocol::Result<Partition::Appended> Partition::append(const ValidBatch& valid, Acks acks, const BatchOrigin& origin) {
  if (const ErrorCode code = admits(acks); code != ErrorCode::none) return failure(code);
  const RecordBatch& batch = valid.batch;

  using Strangers = storage::ProducerStates::Strangers;
  const auto known = replica_.log().producer_states().check(
      batch.header(), options_.era.unknown_producer_may_start_anywhere ? Strangers::start_anywhere : Strangers::start_at_zero);
  if (!known) return failure(known.error());
  if (known->verdict == storage::ProducerStates::Verdict::duplicate) {
    const Offset base = known->first_offset;
    protocol::Entry entry = entry_of(Event::duplicate, key(), batch.header(), origin);
    entry.epoch = leader_epoch_;
    entry.offset = base;
    runtime_.note(entry);
    return Appended{base, base + batch.header().last_offset_delta + 1, leader_epoch_, known->timestamp};
  }

  const auto base = replica_.append(batch, leader_epoch_, origin);
  if (!base) return failure(ErrorCode::kafka_storage_error);
  progress_ = true;
  advance_high_watermark();
  return Appended{*base, replica_.end(), leader_epoch_, valid.log_append_time};
}

ReplicationStatus Partition::replication_status() const {
  return {
      .leads = leads(), .high_watermark = replica_.high_watermark(), .maximal_isr = isr_.maximal_size(), .min_isr = min_isr()};
}

void Partition::advance_high_watermark() {
  if (!leads()) return;
  // Below min.insync.replicas nothing more is committed, so that an unlucky election cannot lose what acks=all promised (KIP-966).
  if (options_.era.strict_min_isr && static_cast<int>(isr_.committed().size()) < min_isr()) return;

  views_.clear();
  for (const auto& [broker, follower] : followers_) {
    const bool in_isr = isr_.in_maximal(broker);
    const bool joining = !in_isr && image_.usable(broker) &&
                         caught_up(follower, replica_.end(), runtime_.now(), options_.config.replica_lag_time_max);
    views_.push_back({follower.log_end, in_isr, joining});
  }
  const Offset committed = high_watermark(replica_.high_watermark(), replica_.end(), views_);
  if (replica_.move_high_watermark(committed, leader_epoch_)) progress_ = true;
}

// --- Reading ---

ErrorCode Partition::check_access(LeaderEpoch current, bool follower_may_answer) const {
  if (current.known() && current < leader_epoch_) return ErrorCode::fenced_leader_epoch;
  if (current.known() && current > leader_epoch_) return ErrorCode::unknown_leader_epoch;
  if (leads() || (follower_may_answer && role_ == Role::follower)) return ErrorCode::none;
  return ErrorCode::not_leader_or_follower;
}

Offset Partition::readable_end(const Reader& reader) const {
  if (reader.is_replica()) return replica_.end();
  return reader.isolation == Isolation::read_committed ? replica_.last_stable_offset() : replica_.high_watermark();
}

ReadAnswer Partition::read(const ReadRequest& request) {
  ReadAnswer answer;
  answer.code = check_access(request.current_leader_epoch, request.reader.follower_may_answer);
  if (answer.code != ErrorCode::none) return answer;
  if (request.reader.is_replica() && !followers_.contains(request.reader.replica)) {
    // It may know of an assignment that has not reached us.
    answer.code = request.current_leader_epoch.known() ? ErrorCode::unknown_leader_epoch : ErrorCode::not_leader_or_follower;
    return answer;
  }
  if (request.reader.is_replica() && is_over(request.reader)) {
    answer.code = ErrorCode::not_leader_or_follower;
    return answer;
  }

  answer.high_watermark = replica_.high_watermark();
  answer.last_stable_offset = replica_.last_stable_offset();
  answer.log_start = replica_.start();
  if (request.from < replica_.start()) {
    answer.code = ErrorCode::offset_out_of_range;
    return answer;
  }
  if (request.last_fetched_epoch.known()) {
    const storage::EpochEnd mine = replica_.log().epochs().end_of(request.last_fetched_epoch, replica_.end());
    if (!mine.epoch.known()) {
      answer.code = ErrorCode::offset_out_of_range;
      return answer;
    }
    if (mine.epoch < request.last_fetched_epoch || mine.end < request.from) {
      answer.diverging = mine;
      return answer;
    }
  }
  if (request.from > replica_.end()) {
    answer.code = ErrorCode::offset_out_of_range;
    return answer;
  }

  const Offset upper = readable_end(request.reader);
  const bool leaves_out_aborted = !request.reader.is_replica() && request.reader.isolation == Isolation::read_committed;
  if (leaves_out_aborted) answer.aborted.emplace();
  if (request.from < upper) {
    auto read = replica_.log().read(request.from, upper, request.max_bytes, request.at_least_one);
    if (!read) {
      answer.code = ErrorCode::kafka_storage_error;
      return answer;
    }
    answer.records = active(Mutant::seal_rotten_batch) ? sealed_anew(read->records) : std::move(read->records);
    answer.available = answer.records.size();
    if (leaves_out_aborted) answer.aborted = replica_.log().aborted_transactions(request.from, read->next_offset);
    if (read->next_offset < upper) answer.available = std::max(answer.available, request.max_bytes);
    answer.on_older_segment = replica_.log().segment_base(request.from) != replica_.log().segment_base(upper);
  }
  // After the read: what this very fetch commits, the follower is told with its next one.
  if (request.reader.is_replica() && request.tells_progress) follower_fetched(request.reader, request.from, request.log_start);
  return answer;
}

bool Partition::has_news_for(const ReadRequest& request) const {
  if (check_access(request.current_leader_epoch, request.reader.follower_may_answer) != ErrorCode::none) return true;
  return request.from < readable_end(request.reader) || request.from > replica_.end() || request.from < replica_.start();
}

protocol::Result<Partition::Position> Partition::latest(const Reader& reader, LeaderEpoch current) const {
  if (const ErrorCode code = check_access(current, false); code != ErrorCode::none) return failure(code);
  // A new leader may not know yet how much its predecessor had committed: it must not tell a consumer of an end that moves back.
  if (!reader.is_replica() && replica_.high_watermark() < epoch_start_) return failure(ErrorCode::offset_not_available);
  return Position{readable_end(reader), -1, leader_epoch_};
}

protocol::Result<Partition::Position> Partition::earliest(LeaderEpoch current) const {
  if (const ErrorCode code = check_access(current, false); code != ErrorCode::none) return failure(code);
  return Position{replica_.start(), -1, epoch_at(replica_.start())};
}

protocol::Result<Partition::Position> Partition::nowhere(LeaderEpoch current) const {
  if (const ErrorCode code = check_access(current, false); code != ErrorCode::none) return failure(code);
  return Position{};
}

protocol::Result<Partition::Position> Partition::at_time(std::int64_t timestamp, const Reader& reader,
                                                         LeaderEpoch current) const {
  if (const ErrorCode code = check_access(current, false); code != ErrorCode::none) return failure(code);
  const auto found = replica_.log().find_time(timestamp, readable_end(reader));
  if (!found) return failure(ErrorCode::kafka_storage_error);
  if (found->has_value()) return Position{(*found)->offset, (*found)->timestamp, epoch_at((*found)->offset)};
  if (!reader.is_replica() && replica_.high_watermark() < epoch_start_) return failure(ErrorCode::offset_not_available);
  return Position{};
}

protocol::Result<Partition::Position> Partition::at_max_timestamp(const Reader& reader, LeaderEpoch current) const {
  // Above all that there is nothing is found.
  const std::int64_t largest = replica_.log().max_timestamp();
  return at_time(largest < 0 ? INT64_MAX : largest, reader, current);
}

protocol::Result<std::vector<Offset>> Partition::segment_offsets_before(std::int64_t timestamp, std::size_t most,
                                                                        const Reader& reader) const {
  if (const ErrorCode code = check_access({}, false); code != ErrorCode::none) return failure(code);
  const auto segments = replica_.log().segment_outlines();
  if (!segments) return failure(ErrorCode::kafka_storage_error);
  auto offsets = segment_offsets(*segments, {replica_.start(), replica_.end()},
                                 {.timestamp = timestamp, .most = most, .now = runtime_.wall_now().milliseconds});
  return below(readable_end(reader), std::move(offsets));
}

protocol::Result<storage::EpochEnd> Partition::end_of_epoch(LeaderEpoch epoch, LeaderEpoch current) const {
  if (const ErrorCode code = check_access(current, false); code != ErrorCode::none) return failure(code);
  return replica_.log().epochs().end_of(epoch, replica_.end());
}

LeaderEpoch Partition::epoch_at(Offset offset) const {
  const auto entries = replica_.log().epochs().entries();
  const auto above = std::upper_bound(entries.begin(), entries.end(), offset,
                                      [](Offset wanted, const storage::EpochStart& entry) { return wanted < entry.start; });
  return above == entries.begin() ? LeaderEpoch{} : std::prev(above)->epoch;
}

// --- In-sync replicas ---

// Another incarnation has registered since. What this one had may be lost: a Fetch of its, come late, says nothing of the log that the
// follower has now, and must bring it neither into the ISR nor the high watermark forward (KIP-903).
bool Partition::is_over(const Reader& follower) const {
  const auto registered = image_.brokers.find(follower.replica);
  return follower.incarnation.known() && registered != image_.brokers.end() && registered->second.epoch > follower.incarnation;
}

BrokerEpoch Partition::incarnation_of(BrokerId follower) const {
  const auto progress = followers_.find(follower);
  return progress == followers_.end() ? BrokerEpoch{} : progress->second.incarnation;
}

void Partition::follower_fetched(const Reader& reader, Offset offset, Offset log_start) {
  const BrokerId follower = reader.replica;
  FollowerProgress& progress = followers_[follower];
  progress.incarnation = reader.incarnation;
  const Offset before = progress.log_end;
  if (log_start > progress.log_start) {
    progress.log_start = log_start;
    progress_ = true;  // whoever deletes records waits for it
  }
  progress = fetched(progress, offset, replica_.end(), runtime_.now());
  maybe_expand(follower);
  if (offset != before) advance_high_watermark();
}

void Partition::maybe_expand(BrokerId follower) {
  if (isr_.proposed() || isr_.in_committed(follower) || !image_.usable(follower)) return;
  // We have not heard of this incarnation yet, so neither do we know that it is usable.
  const BrokerEpoch incarnation = followers_[follower].incarnation;
  if (incarnation.known() && incarnation != image_.brokers.at(follower).epoch) return;
  const auto epoch_start = options_.era.isr_join_at_epoch_start ? std::optional(epoch_start_) : std::nullopt;
  if (!has_enough_to_join(followers_[follower].log_end, replica_.high_watermark(), epoch_start)) return;
  propose(with(isr_.committed(), follower));
}

void Partition::check_isr() {
  if (!leads()) return;
  if (!isr_.proposed()) {
    std::vector<BrokerId> behind;
    for (const auto& [broker, follower] : followers_) {
      if (!isr_.in_committed(broker)) continue;
      if (!caught_up(follower, replica_.end(), runtime_.now(), options_.config.replica_lag_time_max)) behind.push_back(broker);
    }
    if (!behind.empty()) propose(without(isr_.committed(), behind));
  }
  advance_high_watermark();
}

void Partition::propose(std::vector<BrokerId> isr) {
  isr_.propose(isr);
  std::vector<BrokerEpoch> incarnations;
  for (const BrokerId broker : isr) incarnations.push_back(incarnation_of(broker));
  proposal_ = IsrProposal{std::move(isr), std::move(incarnations), leader_epoch_, partition_epoch_};
  runtime_.note({.event = Event::isr_proposed,
                 .topic = key().topic,
                 .partition = key().partition,
                 .epoch = leader_epoch_,
                 .brokers = BrokerSet::of(*isr_.proposed())});
}

bool Partition::still_wanted(const IsrProposal& proposal) const {
  return leads() && proposal.leader_epoch == leader_epoch_ && proposal.partition_epoch == partition_epoch_ &&
         isr_.proposed() == proposal.isr;
}

bool Partition::proposal_answered(const IsrProposal& proposal, ErrorCode code, const PartitionState& state) {
  if (!still_wanted(proposal)) return true;
  switch (code) {
    case ErrorCode::none:
      if (state.leader_epoch != leader_epoch_ || state.partition_epoch < partition_epoch_) return true;
      partition_epoch_ = state.partition_epoch;
      isr_.commit(state.isr);
      progress_ = true;
      advance_high_watermark();
      return true;
    // The controller says that its view and ours agree and that it refused: the proposal is certainly not applied.
    case ErrorCode::ineligible_replica:
    case ErrorCode::operation_not_attempted:
      isr_.withdraw();
      return true;
    // Our view is out of date. What is true now comes with the metadata; until then we assume the worse.
    case ErrorCode::unknown_topic_or_partition:
    case ErrorCode::unknown_topic_id:
    case ErrorCode::fenced_leader_epoch:
    case ErrorCode::invalid_update_version:
    case ErrorCode::invalid_request:
    case ErrorCode::new_leader_elected:
      return true;
    default:
      return false;
  }
}

// --- Following ---

void Partition::flush_if_due() {
  const bool dirty = replica_.log().flushed_end() < replica_.end();
  if (dirty && runtime_.now() - replica_.last_flush() >= timer_for(config_.flush_time)) static_cast<void>(replica_.flush());
}

// A disk that refuses is noticed at the next append.
bool Partition::delete_old_segments() {
  const auto deleted = replica_.delete_old_segments();
  if (!deleted || *deleted == 0) return false;
  progress_ = true;
  return true;
}

ErrorCode Partition::delete_records_before(Offset offset) {
  if (!leads()) return ErrorCode::not_leader_or_follower;
  if (!offset.known() || offset > replica_.high_watermark()) return ErrorCode::offset_out_of_range;
  const auto moved = replica_.advance_start(offset);
  if (!moved) return ErrorCode::kafka_storage_error;
  if (*moved) progress_ = true;
  return ErrorCode::none;
}

Offset Partition::low_watermark() const {
  Offset lowest = replica_.start();
  for (const auto& [broker, follower] : followers_) {
    if (image_.alive(broker)) lowest = std::min(lowest, follower.log_start);
  }
  return lowest;
}

ErrorCode Partition::replicate(const Slice& records, const LeaderLog& leader, LeaderEpoch epoch) {
  if (!follows_in(epoch)) return ErrorCode::none;
  const auto batches = protocol::split_batches(records);
  if (!batches) return ErrorCode::corrupt_message;
  for (const RecordBatch& batch : *batches) {
    // The leader answers from the batch that contains the offset asked for; ours ends between batches, so a copy is what we have.
    if (batch.header().next_offset() <= replica_.end()) continue;
    // Compaction leaves gaps.
    if (batch.header().base_offset < replica_.end() || !batch.crc_matches()) return ErrorCode::corrupt_message;
    if (!replica_.replicate(batch, NodeId::broker(leader_))) return ErrorCode::kafka_storage_error;
    progress_ = true;
  }
  if (replica_.move_high_watermark(std::min(leader.high_watermark, replica_.end()), leader_epoch_)) progress_ = true;
  const auto moved = replica_.advance_start(leader.start);
  if (!moved) return ErrorCode::kafka_storage_error;
  if (*moved) progress_ = true;
  return ErrorCode::none;
}

ErrorCode Partition::truncate(const storage::EpochEnd& diverging, LeaderEpoch epoch) {
  if (active(Mutant::truncate_too_far)) return truncate_to(replica_.high_watermark(), epoch);
  return truncate_to(truncation_point(diverging, replica_.log().epochs(), replica_.end()), epoch);
}

ErrorCode Partition::truncate_to(Offset leader_end, LeaderEpoch epoch) {
  if (!follows_in(epoch)) return ErrorCode::none;
  progress_ = true;
  const Offset end = std::max(leader_end, replica_.start());
  return replica_.truncate_to(end, leader_epoch_) ? ErrorCode::none : ErrorCode::kafka_storage_error;
}

ErrorCode Partition::start_again_at(Offset leader_start, LeaderEpoch epoch) {
  if (!follows_in(epoch)) return ErrorCode::none;
  progress_ = true;
  return replica_.start_again_at(leader_start, leader_epoch_) ? ErrorCode::none : ErrorCode::kafka_storage_error;
}

}  // namespace acklab::broker

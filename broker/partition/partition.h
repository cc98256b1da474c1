// One partition on this broker: its replica and the role that the controller gave it. A leader judges and appends what producers send,
// learns from the followers' fetches how far they are, moves the high watermark, and proposes changes of the in-sync replicas. A
// follower takes what its fetcher brings. Both read for consumers.
//
// A partition does nothing by itself: it is told, decides with the pure machines beside it, and remembers what its owner has to pass
// on (take_progress, take_proposal).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "broker/controller/metadata_image.h"
#include "broker/partition/batch_validation.h"
#include "broker/partition/isr.h"
#include "broker/partition/replica.h"
#include "protocol/era.h"
#include "protocol/error_code.h"
#include "protocol/records/record_batch.h"

namespace acklab::broker {

// A change of the in-sync replicas that the controller is asked for; it holds only for this place in the partition's history.
struct IsrProposal {
  std::vector<BrokerId> isr;
  // Of each of them, the one whose progress makes it a member; -1: it does not say, or it is this broker. A proposal that is sent again
  // names the same ones (KIP-903): a follower that came back without its disk since is not the one that was meant.
  std::vector<BrokerEpoch> incarnations;
  LeaderEpoch leader_epoch{};
  PartitionEpoch partition_epoch{};

  friend bool operator==(const IsrProposal&, const IsrProposal&) = default;
};

// What a consumer wants to see (KIP-98): all that is committed, or of transactions those that have been committed.
enum class Isolation : std::int8_t { read_uncommitted = 0, read_committed = 1 };

// Who reads: a follower to replicate, or a consumer.
struct Reader {
  BrokerId replica{};                // -1: a consumer
  BrokerEpoch incarnation{};         // of the follower; -1: it does not say, being older than KIP-903
  bool follower_may_answer = false;  // consumers since Fetch v11 may read from followers (KIP-392)
  Isolation isolation{};

  bool is_replica() const { return replica.known(); }
};

struct ReadRequest {
  Reader reader;
  Offset from{};
  Offset log_start{0};                 // a follower's own
  LeaderEpoch current_leader_epoch{};  // -1: not checked
  LeaderEpoch last_fetched_epoch{};    // -1: not checked for divergence
  std::size_t max_bytes = 0;
  bool at_least_one = false;  // one whole batch, however large
  // A follower's Fetch tells how far the follower is once, when it comes. Read again after a wait it is old news: its sender may have died
  // since, or lost its log, and would be taken for one that keeps up.
  bool tells_progress = true;
};

struct ReadAnswer {
  protocol::ErrorCode code = protocol::ErrorCode::none;
  Offset high_watermark{};
  Offset last_stable_offset{};
  Offset log_start{};
  std::optional<storage::EpochEnd> diverging;
  protocol::Slice records;
  // Of whose batches some may be among the records, and are to be left out. Nothing for who reads the uncommitted too.
  std::optional<std::vector<storage::AbortedTransaction>> aborted;
  std::size_t available = 0;      // bytes that could be read, whole batches or not, up to max_bytes; as MinBytes counts them
  bool on_older_segment = false;  // so far behind that there is nothing to be waited for
};

class Partition {
 public:
  enum class Role { none, follower, leader };

  struct Options {
    BrokerId self{};
    BrokerConfig config;  // the broker's, which a topic may override
    protocol::Era era;
  };

  // `runtime`, `image` and `options` outlive it.
  Partition(protocol::Runtime& runtime, const MetadataImage& image, const Options& options, Replica replica);

  const Replica& replica() const { return replica_; }
  protocol::Result<void, storage::DiskError> flush() { return replica_.flush(); }
  // Flushes what is older than flush.ms. A disk that refuses makes itself heard.
  void flush_if_due();
  protocol::Result<void, storage::DiskError> close() { return replica_.close(); }
  // See Replica; for the owner's Cleaning.
  void begin_cleaning(const storage::CleaningPlan& plan, const storage::CompactionRules& rules, std::size_t dedupe_bytes) {
    replica_.begin_cleaning(plan, rules, dedupe_bytes);
  }
  protocol::Result<Replica::Cleaned, storage::DiskError> clean(std::size_t bytes) { return replica_.clean(bytes); }
  // Retention. True if there are files now that wait to be removed.
  bool delete_old_segments();
  protocol::Result<void, storage::DiskError> remove_deleted_files() { return replica_.remove_deleted_files(); }
  void forget_producers_before(std::int64_t timestamp) { replica_.forget_producers_before(timestamp); }
  const PartitionKey& key() const { return replica_.key(); }
  const protocol::TopicPartition& name() const { return replica_.name(); }
  Role role() const { return role_; }
  bool leads() const { return role_ == Role::leader; }
  BrokerId leader() const { return leader_; }
  LeaderEpoch leader_epoch() const { return leader_epoch_; }
  const IsrState& isr() const { return isr_; }

  // Takes up what the controller decided. A state that is not newer than what is known is ignored.
  void apply(const PartitionState& state);
  // What is in force for its topic from now on.
  void configure(const TopicConfig& config);
  const TopicConfig& config() const { return config_; }

  struct Appended {
    Offset base{};
    Offset required{};  // the high watermark that acks=all waits for
    LeaderEpoch epoch{};
    std::int64_t log_append_time = -1;  // of a duplicate: the timestamp that is remembered of its first copy, as in Kafka
  };
  // Why a batch with these acks would be refused whatever it is: NOT_LEADER_OR_FOLLOWER or NOT_ENOUGH_REPLICAS.
  protocol::ErrorCode admits(protocol::Acks acks) const;
  protocol::Result<Appended> append(const ValidBatch& valid, protocol::Acks acks, const BatchOrigin& origin);
  ReplicationStatus replication_status() const;
  // What a leader knows of the replicas in sync; false for a follower.
  bool under_replicated() const { return leads() && isr_.committed().size() < replicas_.size(); }
  bool under_min_isr() const { return leads() && static_cast<int>(isr_.committed().size()) < min_isr(); }

  // Reads, and if a follower asks, learns how far it is.
  ReadAnswer read(const ReadRequest& request);
  // Would read() have something to say that it had not when it answered nothing? Cheap; for those who wait.
  bool has_news_for(const ReadRequest& request) const;

  // -1 (none), latest: the high watermark or the last stable offset, or the log end for a follower.
  struct Position {
    Offset offset{};
    std::int64_t timestamp = -1;
    LeaderEpoch epoch{};
  };
  protocol::Result<Position> latest(const Reader& reader, LeaderEpoch current) const;
  protocol::Result<Position> earliest(LeaderEpoch current) const;
  // For a place that this log does not have.
  protocol::Result<Position> nowhere(LeaderEpoch current) const;
  protocol::Result<Position> at_time(std::int64_t timestamp, const Reader& reader, LeaderEpoch current) const;
  // Of the record with the largest timestamp, the first one if there are several (KIP-734).
  protocol::Result<Position> at_max_timestamp(const Reader& reader, LeaderEpoch current) const;
  // Where segments begin that were written until then, newest first (segment_offsets.h).
  protocol::Result<std::vector<Offset>> segment_offsets_before(std::int64_t timestamp, std::size_t most,
                                                               const Reader& reader) const;
  protocol::Result<storage::EpochEnd> end_of_epoch(LeaderEpoch epoch, LeaderEpoch current) const;

  // As leader, for DeleteRecords: nothing before `offset` is read any more. Followers hear of it with their next Fetch.
  protocol::ErrorCode delete_records_before(Offset offset);
  // Below it no living replica has a record any more.
  Offset low_watermark() const;

  // What a Fetch answer says of the leader's log.
  struct LeaderLog {
    Offset start{};
    Offset high_watermark{};
  };
  // As follower in `epoch`; ignored if that is not the epoch any more. NONE, or why the fetcher should wait before it tries again.
  protocol::ErrorCode replicate(const protocol::Slice& records, const LeaderLog& leader, LeaderEpoch epoch);
  protocol::ErrorCode truncate(const storage::EpochEnd& diverging, LeaderEpoch epoch);
  protocol::ErrorCode truncate_to(Offset leader_end, LeaderEpoch epoch);
  protocol::ErrorCode start_again_at(Offset leader_start, LeaderEpoch epoch);

  // Followers that have been behind for too long are to leave the ISR.
  void check_isr();
  // What the controller answered to a proposal. False: ask again, nobody knows what became of it.
  bool proposal_answered(const IsrProposal& proposal, protocol::ErrorCode code, const PartitionState& state);
  bool still_wanted(const IsrProposal& proposal) const;
  // Some broker was fenced or unfenced, or time has passed: the high watermark may not have to wait for it any more.
  void advance_high_watermark();

  // Something that others may wait for has changed since the last call: the high watermark, the log's end, the ISR, the role.
  bool take_progress() { return std::exchange(progress_, false); }
  std::optional<IsrProposal> take_proposal() { return std::exchange(proposal_, std::nullopt); }

 private:
  protocol::ErrorCode check_access(LeaderEpoch current, bool follower_may_answer) const;
  bool follows_in(LeaderEpoch epoch) const { return role_ == Role::follower && epoch == leader_epoch_; }
  int min_isr() const { return effective_min_isr(config_.min_insync_replicas, replicas_.size()); }
  Offset readable_end(const Reader& reader) const;
  LeaderEpoch epoch_at(Offset offset) const;
  void become_leader(const PartitionState& state);
  void become_follower(const PartitionState& state);
  bool is_over(const Reader& follower) const;
  void follower_fetched(const Reader& reader, Offset offset, Offset log_start);
  void maybe_expand(BrokerId follower);
  void propose(std::vector<BrokerId> isr);
  // Which incarnation of a follower we know the progress of; -1 if none, or it did not say.
  BrokerEpoch incarnation_of(BrokerId follower) const;

  protocol::Runtime& runtime_;
  const MetadataImage& image_;
  const Options& options_;
  Replica replica_;

  // As the controller decided.
  std::vector<BrokerId> replicas_;
  BrokerId leader_{};
  LeaderEpoch leader_epoch_{};
  PartitionEpoch partition_epoch_{};
  TopicConfig config_;

  Role role_ = Role::none;

  // As leader.
  IsrState isr_;
  Offset epoch_start_{};  // the log's end when this leader took over
  std::map<BrokerId, FollowerProgress> followers_;
  std::vector<FollowerView> views_;  // scratch of advance_high_watermark()

  bool progress_ = false;
  std::optional<IsrProposal> proposal_;
};

}  // namespace acklab::broker

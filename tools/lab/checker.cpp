#include "tools/lab/checker.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace acklab::lab {

using producer::Outcome;
using protocol::Offset;
using protocol::TopicPartition;

namespace {

// Where one record was found; most are found once.
struct Places {
  std::int32_t partition = -1;
  Offset first{};
  std::vector<Offset> more;
  Offset altered{};  // where it was found with another value than was sent

  bool found() const { return first.known(); }
  bool at(Offset offset) const { return first == offset || std::find(more.begin(), more.end(), offset) != more.end(); }
};

std::string list(const Places& places) {
  std::string text = std::to_string(places.first.value);
  for (const Offset offset : places.more) text += ", " + std::to_string(offset.value);
  return text;
}

// Where the latest record of each key was read.
using LatestOfKeys = std::map<std::int64_t, Offset>;

// Why what was acknowledged at `offset`, and is not there, was let go. Empty if it was not.
std::string why_let_go(const LastRead::Partition& log, const LatestOfKeys& latest, Offset offset, std::int64_t key) {
  if (!offset.known()) return {};
  if (offset < log.begin) return fmt::format("the log begins at offset {} now", log.begin.value);
  const auto later = latest.find(key);
  if (later == latest.end() || later->second < offset) return {};
  return fmt::format("its key has a later record at offset {}", later->second.value);
}

}  // namespace

std::int64_t record_number(std::string_view name) {
  if (!name.starts_with("r-")) return -1;
  std::int64_t number = -1;
  const auto [end, error] = std::from_chars(name.data() + 2, name.data() + name.size(), number);
  return error == std::errc{} && end == name.data() + name.size() ? number : -1;
}

Verdict check(const std::deque<Ledger>& ledgers, const LastRead& read) {
  std::int64_t total = 0;
  for (const Ledger& ledger : ledgers) total = std::max(total, ledger.first_record + ledger.planned);
  std::vector<Places> places(static_cast<std::size_t>(total));
  std::vector<std::uint32_t> checksums(places.size());
  std::vector<std::int64_t> keys(places.size(), Ledger::no_key);
  for (const Ledger& ledger : ledgers) {
    for (const Send& send : ledger.sends) {
      checksums[static_cast<std::size_t>(send.record)] = send.checksum;
      keys[static_cast<std::size_t>(send.record)] = ledger.compacted_key(send.record);
    }
  }
  std::map<TopicPartition, LatestOfKeys> latest;
  for (const auto& [partition, content] : read.partitions) {
    for (const LastRead::Seen& seen : content.seen) {
      if (seen.record < 0 || seen.record >= total) continue;
      Places& place = places[static_cast<std::size_t>(seen.record)];
      const std::int64_t key = keys[static_cast<std::size_t>(seen.record)];
      if (key != Ledger::no_key) latest[partition][key] = seen.offset;
      if (seen.checksum != checksums[static_cast<std::size_t>(seen.record)]) place.altered = seen.offset;
      if (place.found()) {
        place.more.push_back(seen.offset);
      } else {
        place.partition = partition.partition;
        place.first = seen.offset;
      }
    }
  }

  Verdict verdict;
  RecordCounts& counts = verdict.records;
  for (const Ledger& ledger : ledgers) {
    // The highest offset at which an earlier record of this producer lies, by partition.
    std::map<std::int32_t, Offset> highest;
    protocol::Time last_told{};
    for (const Send& send : ledger.sends) {
      const Places& place = places[static_cast<std::size_t>(send.record)];
      const Outcome& outcome = send.outcome;
      ++counts.sent;
      last_told = std::max(last_told, send.settled ? send.told : send.sent);
      const TopicPartition partition{ledger.topic, place.found() ? place.partition : outcome.partition};
      const auto note = [&](Anomaly anomaly, Offset offset, std::string detail) {
        verdict.findings.push_back({anomaly, send.record, partition, offset, std::move(detail), {}});
      };
      // A send without an outcome (its node died) is as unknown as one whose producer gave up.
      const Outcome::Kind kind = send.settled ? outcome.kind : Outcome::Kind::unknown;
      switch (kind) {
        case Outcome::Kind::acked: {
          ++counts.acked;
          verdict.timing.latencies.push_back(outcome.latency);
          if (!place.found()) {
            const auto content = read.partitions.find(partition);
            if (content == read.partitions.end() || !content->second.complete) {
              note(Anomaly::unseen, outcome.offset, "the partition could not be read to its end");
            } else if (const std::string why =
                           why_let_go(content->second, latest[partition], outcome.offset, ledger.compacted_key(send.record));
                       !why.empty()) {
              note(Anomaly::removed, outcome.offset, fmt::format("acknowledged at offset {}: {}", outcome.offset.value, why));
            } else {
              ++counts.missing.acked;
              note(Anomaly::lost_write, outcome.offset,
                   fmt::format("acknowledged at offset {}, not in the log", outcome.offset.value));
            }
          } else if (outcome.offset.known() && !place.at(outcome.offset)) {
            note(Anomaly::inconsistent_offsets, outcome.offset,
                 fmt::format("acknowledged at offset {}, read at {}", outcome.offset.value, list(place)));
          }
          break;
        }
        case Outcome::Kind::unanswered:
          ++counts.unanswered;
          verdict.timing.latencies.push_back(outcome.latency);
          if (!place.found()) {
            ++counts.missing.unanswered;
            note(Anomaly::unanswered_loss, {}, "sent with acks=0, not in the log");
          }
          break;
        case Outcome::Kind::failed:
          ++counts.failed;
          if (place.found()) {
            ++counts.present.failed;
            note(Anomaly::g1a, place.first, fmt::format("reported failed ({}), read at {}", name(outcome.code), list(place)));
          }
          break;
        case Outcome::Kind::unknown:
          ++counts.unknown;
          ++(place.found() ? counts.present.unknown : counts.missing.unknown);
          break;
      }
      if (!place.found()) continue;
      if (place.altered.known()) {
        note(Anomaly::corrupted, place.altered,
             fmt::format("read at offset {} with other bytes than were sent", place.altered.value));
      }
      if (!place.more.empty()) {
        ++counts.duplicated;
        note(Anomaly::duplicate, place.first, "at offsets " + list(place));
      }
      Offset& before = highest[place.partition];
      if (place.first < before) {
        ++counts.reordered;
        note(Anomaly::nonmonotonic_send, place.first,
             fmt::format("at offset {}, behind a later record at {}", place.first.value, before.value));
      }
      before = std::max(before, place.first);
    }
    if (!ledger.sends.empty()) {
      verdict.timing.sending = std::max(verdict.timing.sending, last_told - ledger.sends.front().sent);
    }
  }
  counts.lost = counts.missing.acked;
  return verdict;
}

}  // namespace acklab::lab

#include "tools/lab/explain.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include <fmt/format.h>

namespace acklab::lab {

using protocol::BrokerSet;
using protocol::Entry;
using protocol::Event;
using protocol::Journal;
using protocol::NodeId;
using protocol::Time;

namespace {

// The clients that a story speaks of are its producers.
std::string speaker(NodeId node) { return node.is_client() ? "producer" : to_string(node); }

// Collects lines in the order of the journal.
class Story {
 public:
  void tell(const Entry& entry, std::string what) {
    lines_.emplace(entry.number, fmt::format("{:>10.2f} ms  {:<11} {}", protocol::in_milliseconds(entry.at.time_since_epoch()),
                                             speaker(entry.node), what));
  }
  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    for (const auto& [number, line] : lines_) all.push_back(line);
    return all;
  }

 private:
  std::map<std::uint64_t, std::string> lines_;
};

std::string offsets(std::int64_t first, std::int64_t count) {
  return count == 1 ? fmt::format("offset {}", first) : fmt::format("offsets {} to {}", first, first + count - 1);
}

bool covers(const Entry& entry, std::int64_t offset) {
  return entry.offset.value <= offset && offset < entry.offset.value + entry.count;
}

// The journal of one partition, with what stories ask of it.
class PartitionHistory {
 public:
  PartitionHistory(const Journal& journal, const protocol::TopicPartition& partition)
      : journal_(journal), partition_(partition) {}

  bool concerns(const Entry& entry) const {
    return entry.partition == partition_.partition && journal_.topic_name(entry.topic) == partition_.topic;
  }
  template <class Wanted>
  const Entry* first(Wanted wanted, std::uint64_t from = 0) const {
    for (const Entry& entry : journal_.entries()) {
      if (entry.number >= from && wanted(entry)) return &entry;
    }
    return nullptr;
  }
  template <class Wanted>
  const Entry* last(Wanted wanted, std::uint64_t before) const {
    const Entry* found = nullptr;
    for (const Entry& entry : journal_.entries()) {
      if (entry.number < before && wanted(entry)) found = &entry;
    }
    return found;
  }
  template <class Visit>
  void each(std::uint64_t from, Visit visit) const {
    for (const Entry& entry : journal_.entries()) {
      if (entry.number >= from) visit(entry);
    }
  }
  BrokerSet isr_at(std::uint64_t number) const {
    const Entry* entry =
        last([&](const Entry& one) { return concerns(one) && (one.event == Event::elected || one.event == Event::isr_changed); },
             number);
    return entry ? entry->brokers : BrokerSet{};
  }
  // Whether a replica had something at this offset at any time before an entry.
  bool had(NodeId node, std::int64_t offset, std::uint64_t number) const {
    return first([&](const Entry& entry) {
             const bool written = entry.event == Event::appended || entry.event == Event::replicated;
             return entry.number < number && written && entry.node == node && concerns(entry) && covers(entry, offset);
           }) != nullptr;
  }
  // The end of a replica's log just before an entry.
  std::int64_t end_at(NodeId node, std::uint64_t number) const {
    std::int64_t end = 0;
    for (const Entry& entry : journal_.entries()) {
      if (entry.number >= number) break;
      if (entry.node != node || !concerns(entry)) continue;
      if (entry.event == Event::appended || entry.event == Event::replicated) end = entry.offset.value + entry.count;
      if (entry.event == Event::truncated || entry.event == Event::recovered) end = entry.offset.value;
    }
    return end;
  }

 private:
  const Journal& journal_;
  protocol::TopicPartition partition_;
};

bool is_death(const Entry& entry) { return entry.event == Event::killed || entry.event == Event::power_lost; }

std::string how_it_died(const Entry& death) {
  return death.event == Event::killed ? "is killed" : "loses power, and with it what it had not flushed";
}

// A copy goes in one of two ways: by a truncation, or with a power loss, which shows in the log that is opened afterwards.
void tell_lost_copies(Story& story, const PartitionHistory& history, std::int64_t offset, std::uint64_t from) {
  history.each(from, [&](const Entry& entry) {
    const bool opened = entry.event == Event::recovered;
    if ((!opened && entry.event != Event::truncated) || !history.concerns(entry)) return;
    if (entry.offset.value > offset || history.end_at(entry.node, entry.number) <= offset) return;
    if (!opened) {
      story.tell(entry, fmt::format("truncates its log to offset {} to follow the new leader: {} records are gone",
                                    entry.offset.value, entry.count));
      return;
    }
    const auto lost_power = [&](const Entry& one) { return one.event == Event::power_lost && one.node == entry.node; };
    if (const Entry* loss = history.last(lost_power, entry.number)) story.tell(*loss, how_it_died(*loss));
    story.tell(entry, fmt::format("opens its log again, which ends at offset {}: what it had of offset {} was not flushed",
                                  entry.offset.value, offset));
  });
}

// What became of everyone's copy after `from`: the death of the one who had it, the election of one who has not, and the copies that went.
void tell_disappearance(Story& story, const PartitionHistory& history, NodeId holder, std::int64_t offset, std::uint64_t from) {
  const Entry* death = history.first([&](const Entry& entry) { return is_death(entry) && entry.node == holder; }, from);
  if (death) story.tell(*death, how_it_died(*death));
  const Entry* led = history.first(
      [&](const Entry& entry) { return entry.event == Event::led && history.concerns(entry) && entry.offset.value <= offset; },
      from);
  if (led) {
    const Entry* elected = history.last(
        [&](const Entry& entry) { return entry.event == Event::elected && history.concerns(entry) && entry.epoch == led->epoch; },
        led->number);
    if (elected) {
      story.tell(*elected, fmt::format("elects {} as leader in epoch {}; in sync {}", to_string(elected->peer),
                                       elected->epoch.value, to_string(elected->brokers)));
    }
    story.tell(*led, fmt::format("leads from offset {}: it {} offset {}", led->offset.value,
                                 history.had(led->node, offset, led->number) ? "no longer has" : "never had", offset));
  }
  const Entry* back =
      death ? history.first([&](const Entry& entry) { return entry.event == Event::started && entry.node == holder; },
                            death->number)
            : nullptr;
  if (back) story.tell(*back, "comes back");
  tell_lost_copies(story, history, offset, from);
}

void tell_lost_write(Story& story, const PartitionHistory& history, const Finding& finding) {
  const std::int64_t offset = finding.offset.value;
  const Entry* acked = history.first(
      [&](const Entry& entry) { return entry.event == Event::acked && history.concerns(entry) && covers(entry, offset); });
  if (!acked) return;
  const Entry* appended = history.last(
      [&](const Entry& entry) { return entry.event == Event::appended && history.concerns(entry) && covers(entry, offset); },
      acked->number);
  if (!appended) return;
  story.tell(*appended, fmt::format("appended {} in epoch {}; in sync {}", offsets(appended->offset.value, appended->count),
                                    appended->epoch.value, to_string(history.isr_at(appended->number))));
  const Entry* answered = history.first(
      [&](const Entry& entry) {
        return entry.event == Event::answered && history.concerns(entry) && entry.node == appended->node && covers(entry, offset);
      },
      appended->number);
  if (answered) story.tell(*answered, fmt::format("answers the producer: {}", offsets(answered->offset.value, answered->count)));
  story.tell(*acked, fmt::format("is told that {} {} acknowledged", offsets(acked->offset.value, acked->count),
                                 acked->count == 1 ? "is" : "are"));
  const Entry* death =
      history.first([&](const Entry& entry) { return is_death(entry) && entry.node == appended->node; }, appended->number);
  if (death) {
    std::string copies;
    const BrokerSet isr = history.isr_at(death->number);
    for (std::int32_t id = 0; id < 64; ++id) {
      const NodeId node{id};
      if (!isr.contains({id}) || node == appended->node) continue;
      copies += fmt::format("{}{} ends at {}", copies.empty() ? "" : ", ", to_string(node), history.end_at(node, death->number));
    }
    if (!copies.empty()) story.tell(*death, how_it_died(*death) + "; of the others in sync, " + copies);
  }
  tell_disappearance(story, history, appended->node, offset, appended->number);
}

std::string why_it_was_appended_again(const Entry& first, const Entry& again) {
  if (!again.producer.known()) return "without idempotence nothing tells it that it has them";
  const auto named = [](const Entry& entry) { return std::tuple(entry.producer, entry.producer_epoch, entry.sequence); };
  if (named(first) == named(again)) return "it has forgotten their producer, so it does not know that it has them";
  return fmt::format("they come as producer {}, epoch {}, sequence {} now, and under that name it has nothing",
                     again.producer.value, again.producer_epoch.value, again.sequence.value);
}

void tell_duplicate(Story& story, const PartitionHistory& history, const Finding& finding) {
  const Entry* appended = history.first([&](const Entry& entry) {
    return entry.event == Event::appended && history.concerns(entry) && covers(entry, finding.offset.value);
  });
  if (!appended) return;
  story.tell(*appended,
             fmt::format("appended {} in epoch {}", offsets(appended->offset.value, appended->count), appended->epoch.value));
  const Entry* retried = history.first(
      [&](const Entry& entry) { return entry.event == Event::retried && history.concerns(entry); }, appended->number);
  if (!retried) return;
  story.tell(*retried, fmt::format("has no answer ({}) and sends the {} records again", name(retried->code), retried->count));
  const Entry* again = history.first(
      [&](const Entry& entry) {
        return entry.event == Event::appended && history.concerns(entry) && entry.count == retried->count;
      },
      retried->number);
  if (again) {
    story.tell(*again, fmt::format("appended them as {}: {}", offsets(again->offset.value, again->count),
                                   why_it_was_appended_again(*appended, *again)));
  }
}

void tell_unanswered_loss(Story& story, const PartitionHistory& history, const Finding& finding, const Send& send) {
  const Entry* sent = history.first(
      [&](const Entry& entry) { return entry.event == Event::sent && history.concerns(entry) && entry.at >= send.sent; });
  if (!sent) return;
  story.tell(*sent, fmt::format("hands {} records, {} among them, to its connection to {} and, with acks=0, waits for nothing",
                                sent->count, record_name(finding.record), to_string(sent->peer)));
  const Entry* appended = history.first(
      [&](const Entry& entry) {
        return entry.event == Event::appended && history.concerns(entry) && entry.connection == sent->connection &&
               entry.correlation == sent->correlation;
      },
      sent->number);
  if (appended) {
    story.tell(*appended,
               fmt::format("appended them as {} in epoch {}; in sync {}", offsets(appended->offset.value, appended->count),
                           appended->epoch.value, to_string(history.isr_at(appended->number))));
    tell_disappearance(story, history, appended->node, appended->offset.value, appended->number);
    return;
  }
  const Entry* end = history.first(
      [&](const Entry& entry) {
        return (is_death(entry) && entry.node == sent->peer) ||
               (entry.event == Event::reset && (entry.node == sent->node || entry.peer == sent->node));
      },
      0);
  if (end)
    story.tell(*end, is_death(*end) ? "is dead: nobody reads the request" : "loses the connection: nobody reads the request");
}

void tell_order(Story& story, const PartitionHistory& history, const Finding& finding) {
  const Entry* appended = history.last(
      [&](const Entry& entry) {
        return entry.event == Event::appended && history.concerns(entry) && covers(entry, finding.offset.value);
      },
      ~std::uint64_t{0});
  if (!appended) return;
  const Entry* retried = history.last(
      [&](const Entry& entry) { return entry.event == Event::retried && history.concerns(entry); }, appended->number);
  if (retried)
    story.tell(*retried, fmt::format("puts a batch of {} records back ({}) while later ones go ahead", retried->count,
                                     name(retried->code)));
  story.tell(*appended, fmt::format("appended {} behind them", offsets(appended->offset.value, appended->count)));
}

}  // namespace

std::vector<std::string> explain(const Journal& journal, const Finding& finding, const Send& send) {
  const PartitionHistory history(journal, finding.partition);
  Story story;
  switch (finding.anomaly) {
    case Anomaly::lost_write:
      tell_lost_write(story, history, finding);
      break;
    case Anomaly::duplicate:
      tell_duplicate(story, history, finding);
      break;
    case Anomaly::unanswered_loss:
      tell_unanswered_loss(story, history, finding, send);
      break;
    case Anomaly::nonmonotonic_send:
      tell_order(story, history, finding);
      break;
    default:
      break;
  }
  return story.lines();
}

}  // namespace acklab::lab

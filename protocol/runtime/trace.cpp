#include "protocol/runtime/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace acklab::protocol {
namespace {

// As scenario files spell it, and without a space, so that a column is a column.
std::string column(NodeId node) {
  std::string text = to_string(node);
  std::replace(text.begin(), text.end(), ' ', ':');
  return text;
}

}  // namespace

std::string trace_line(const Entry& entry, std::string_view topic) {
  // Nanoseconds as milliseconds with six decimals: in integers, so nothing is rounded.
  const std::int64_t at = entry.at.time_since_epoch().count();
  std::string line = fmt::format("{}.{:06} {} {}", at / 1'000'000, at % 1'000'000, column(entry.node), name(entry.event));
  const auto add = [out = std::back_inserter(line)](std::string_view field, const auto& value) {
    fmt::format_to(out, " {}={}", field, value);
  };
  const EventInfo& event = event_catalogue()[static_cast<std::size_t>(entry.event)];
  if (!topic.empty()) line += fmt::format(" {}-{}", topic, entry.partition);
  if (entry.epoch != LeaderEpoch{}) add("epoch", entry.epoch.value);
  if (entry.offset != Offset{}) add("offset", entry.offset.value);
  if (entry.count != 0 || !event.counts.empty()) add("count", entry.count);
  if (entry.code != ErrorCode::none) add("code", name(entry.code));
  if (entry.producer != ProducerId{}) add("producer", entry.producer.value);
  if (entry.producer_epoch != ProducerEpoch{}) add("producer-epoch", entry.producer_epoch.value);
  if (entry.sequence != Sequence{}) add("sequence", entry.sequence.value);
  if (entry.batch != 0) add("batch", entry.batch);
  if (entry.connection != 0) add("connection", entry.connection);
  if (entry.correlation != -1) add("correlation", entry.correlation);
  if (entry.peer.known()) add("peer", column(entry.peer));
  if (entry.brokers.bits != 0) {
    std::string ids;
    for (std::int32_t id = 0; id < 64; ++id) {
      if (entry.brokers.contains({id})) ids += (ids.empty() ? "" : ",") + std::to_string(id);
    }
    add("brokers", ids);
  }
  return line;
}

void Trace::add(const Entry& entry, std::string_view topic) {
  if (events_.size() == capacity_) return;
  auto known = topics_.find(topic);
  if (known == topics_.end()) known = topics_.emplace(topic).first;
  events_.push_back({entry, &*known});
}

std::optional<Difference> first_difference(const Trace& first, const Trace& second) {
  const std::size_t both = std::min(first.kept(), second.kept());
  for (std::size_t i = 0; i < both; ++i) {
    std::string one = first.line(i);
    std::string other = second.line(i);
    if (one != other) return Difference{i, std::move(one), std::move(other)};
  }
  if (first.kept() == second.kept()) return std::nullopt;
  return Difference{both, both < first.kept() ? first.line(both) : "", both < second.kept() ? second.line(both) : ""};
}

}  // namespace acklab::protocol

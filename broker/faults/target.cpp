#include "broker/faults/target.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "protocol/runtime/node.h"

namespace acklab::broker {

using protocol::failure;
using protocol::TopicPartition;

namespace {

using Kind = Target::Kind;

constexpr std::string_view target_forms =
    "broker:ID, controller, leader:TOPIC-PARTITION, followers:TOPIC-PARTITION, client:ID, partition:TOPIC-PARTITION, killed, "
    "paused or "
    "all";

// Those that take nothing behind a colon, and those that name a partition.
constexpr auto bare_kinds = std::to_array<std::pair<std::string_view, Kind>>(
    {{"controller", Kind::controller}, {"killed", Kind::killed}, {"paused", Kind::paused}, {"all", Kind::all}});
constexpr auto partition_kinds = std::to_array<std::pair<std::string_view, Kind>>(
    {{"leader", Kind::leader}, {"followers", Kind::followers}, {"partition", Kind::partition}});

template <std::size_t size>
std::optional<Kind> find(const std::array<std::pair<std::string_view, Kind>, size>& kinds, std::string_view name) {
  for (const auto& [each, kind] : kinds) {
    if (each == name) return kind;
  }
  return std::nullopt;
}

std::optional<std::int32_t> number(std::string_view text) {
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

// A topic's name may hold dashes itself, so the last one divides.
std::optional<TopicPartition> topic_partition(std::string_view text) {
  const std::size_t dash = text.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return std::nullopt;
  const auto partition = number(text.substr(dash + 1));
  if (!partition) return std::nullopt;
  return TopicPartition{std::string(text.substr(0, dash)), *partition};
}

// One end of a link: a target, or a broker's number alone.
Result<Target, std::string> parse_end(std::string_view text) {
  if (number(text)) return Target::parse(fmt::format("broker:{}", text));
  return Target::parse(text);
}

}  // namespace

Result<Target, std::string> Target::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const std::string_view rest = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  const bool bare = colon == std::string_view::npos;

  Target target;
  if (const auto kind = find(bare_kinds, name)) {
    if (!bare) return failure(fmt::format("target \"{}\": \"{}\" takes nothing behind a colon", text, name));
    target.kind = *kind;
    return target;
  }
  if (const auto kind = find(partition_kinds, name)) {
    auto partition = topic_partition(rest);
    if (!partition) {
      return failure(fmt::format("target \"{}\": a partition is named as topic-number, as in {}:orders-0", text, name));
    }
    target.kind = *kind;
    target.partition = *std::move(partition);
    return target;
  }
  if (name == "broker") {
    const auto id = number(rest);
    if (!id || *id >= protocol::NodeId::controller_number) {
      return failure(fmt::format("target \"{}\": a broker is named by its id, as in broker:2", text));
    }
    target.kind = Kind::broker;
    target.broker = {*id};
    return target;
  }
  if (name == "client") {
    if (rest.empty())
      return failure(fmt::format("target \"{}\": a client is named by its client.id, as in client:producer", text));
    target.kind = Kind::client;
    target.client = std::string(rest);
    return target;
  }
  if (name == "link") {
    return failure(fmt::format("target \"{}\": a link is for cut, heal, stall, slow and reset", text));
  }
  return failure(fmt::format("unknown target \"{}\": one of {}", text, target_forms));
}

std::string to_string(const Target& target) {
  switch (target.kind) {
    case Kind::none:
      return "none";
    case Kind::broker:
      return fmt::format("broker:{}", target.broker.value);
    case Kind::controller:
      return "controller";
    case Kind::leader:
      return "leader:" + to_string(target.partition);
    case Kind::followers:
      return "followers:" + to_string(target.partition);
    case Kind::client:
      return "client:" + target.client;
    case Kind::partition:
      return "partition:" + to_string(target.partition);
    case Kind::killed:
      return "killed";
    case Kind::paused:
      return "paused";
    case Kind::all:
      return "all";
  }
  return "none";
}

Result<LinkTarget, std::string> LinkTarget::parse(std::string_view text) {
  const auto mistake = [&](std::string_view what) { return failure(fmt::format("target \"{}\": {}", text, what)); };
  if (!text.starts_with(prefix)) return mistake("a link begins with link:, as in link:1>2");
  const std::string_view ends = text.substr(prefix.size());
  LinkTarget link;
  // A client's id may hold either sign; the first one divides.
  const std::size_t arrow = ends.find('>');
  if (arrow == std::string_view::npos) return mistake("a link has two ends, as in link:1>2 (one way) or link:1<>2");
  link.one_way = arrow == 0 || ends[arrow - 1] != '<';
  const auto from = parse_end(ends.substr(0, link.one_way ? arrow : arrow - 1));
  if (!from) return mistake(from.error());
  const auto to = parse_end(ends.substr(arrow + 1));
  if (!to) return mistake(to.error());
  for (const Target* end : {&*from, &*to}) {
    if (end->kind == Kind::partition) return mistake(to_string(*end) + " is no node; name its leader or its followers");
  }
  link.from = *from;
  link.to = *to;
  return link;
}

std::string to_string(const LinkTarget& link) {
  return fmt::format("{}{}{}{}", LinkTarget::prefix, to_string(link.from), link.one_way ? ">" : "<>", to_string(link.to));
}

}  // namespace acklab::broker

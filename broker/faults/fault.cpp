#include "broker/faults/fault.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace acklab::broker {

using protocol::failure;
using protocol::TopicPartition;

namespace {

constexpr std::array<std::string_view, 11> verb_names = {
    "kill",         "power-loss",        "restart",           "cut",        "heal", "stall", "reset",
    "error-on-nth", "drop-before-apply", "drop-after-append", "drop-answer"};

constexpr std::string_view target_forms =
    "broker:ID, controller, leader:TOPIC-PARTITION, followers:TOPIC-PARTITION, client:ID, killed or all";

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

}  // namespace

Result<Target, std::string> Target::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  const std::string_view rest = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  const bool bare = colon == std::string_view::npos;

  Target target;
  if (kind == "controller" || kind == "killed" || kind == "all") {
    if (!bare) return failure(fmt::format("target \"{}\": \"{}\" takes nothing behind a colon", text, kind));
    target.kind = kind == "controller" ? Kind::controller : kind == "killed" ? Kind::killed : Kind::all;
    return target;
  }
  if (kind == "broker") {
    const auto id = number(rest);
    if (!id || *id >= protocol::NodeId::controller_number) {
      return failure(fmt::format("target \"{}\": a broker is named by its id, as in broker:2", text));
    }
    target.kind = Kind::broker;
    target.broker = {*id};
    return target;
  }
  if (kind == "leader" || kind == "followers") {
    auto partition = topic_partition(rest);
    if (!partition) {
      return failure(fmt::format("target \"{}\": a partition is named as topic-number, as in {}:orders-0", text, kind));
    }
    target.kind = kind == "leader" ? Kind::leader : Kind::followers;
    target.partition = *std::move(partition);
    return target;
  }
  if (kind == "client") {
    if (rest.empty())
      return failure(fmt::format("target \"{}\": a client is named by its client.id, as in client:producer", text));
    target.kind = Kind::client;
    target.client = std::string(rest);
    return target;
  }
  if (kind == "link") {
    return failure(fmt::format("target \"{}\": a link is given by its two ends, \"from\" and \"to\"", text));
  }
  return failure(fmt::format("unknown target \"{}\": one of {}", text, target_forms));
}

std::string to_string(const Target& target) {
  switch (target.kind) {
    case Target::Kind::none:
      return "none";
    case Target::Kind::broker:
      return fmt::format("broker:{}", target.broker.value);
    case Target::Kind::controller:
      return "controller";
    case Target::Kind::leader:
      return "leader:" + to_string(target.partition);
    case Target::Kind::followers:
      return "followers:" + to_string(target.partition);
    case Target::Kind::client:
      return "client:" + target.client;
    case Target::Kind::killed:
      return "killed";
    case Target::Kind::all:
      return "all";
  }
  return "none";
}

std::string_view name(Verb verb) { return verb_names[static_cast<std::size_t>(verb)]; }

std::optional<Verb> verb_named(std::string_view name) {
  for (std::size_t i = 0; i < verb_names.size(); ++i) {
    if (verb_names[i] == name) return static_cast<Verb>(i);
  }
  return std::nullopt;
}

bool is_link_fault(Verb verb) { return verb == Verb::cut || verb == Verb::heal || verb == Verb::stall || verb == Verb::reset; }

bool is_request_fault(Verb verb) {
  return verb == Verb::error_on_nth || verb == Verb::drop_before_apply || verb == Verb::drop_after_append ||
         verb == Verb::drop_answer;
}

}  // namespace acklab::broker

#include "broker/faults/verb.h"

#include <algorithm>
#include <array>

namespace acklab::broker {

namespace {

struct Row {
  std::string_view name;
  VerbKind kind;
};

constexpr auto rows = std::to_array<Row>({{"kill", VerbKind::node},
                                          {"power-loss", VerbKind::node},
                                          {"pause", VerbKind::node},
                                          {"resume", VerbKind::node},
                                          {"restart", VerbKind::node},
                                          {"controlled-shutdown", VerbKind::node},
                                          {"clock-jump", VerbKind::node},
                                          {"disk-full", VerbKind::disk},
                                          {"slow-disk", VerbKind::disk},
                                          {"fail-flush", VerbKind::disk},
                                          {"tear", VerbKind::disk},
                                          {"mend-disk", VerbKind::disk},
                                          {"corrupt", VerbKind::disk},
                                          {"preferred-election", VerbKind::partition},
                                          {"unclean-election", VerbKind::partition},
                                          {"cut", VerbKind::link},
                                          {"heal", VerbKind::link},
                                          {"stall", VerbKind::link},
                                          {"slow", VerbKind::link},
                                          {"reset", VerbKind::link},
                                          {"error-on-nth", VerbKind::request},
                                          {"delay", VerbKind::request},
                                          {"drop-before-apply", VerbKind::request},
                                          {"drop-after-append", VerbKind::request},
                                          {"drop-answer", VerbKind::request},
                                          {"hold-answer", VerbKind::request},
                                          {"mark", VerbKind::nothing}});
static_assert(rows.size() == static_cast<std::size_t>(Verb::mark) + 1);

constexpr auto names = [] {
  std::array<std::string_view, rows.size()> all{};
  for (std::size_t i = 0; i < rows.size(); ++i) all[i] = rows[i].name;
  return all;
}();

}  // namespace

std::span<const std::string_view> verb_names() { return names; }

std::string_view name(Verb verb) { return rows[static_cast<std::size_t>(verb)].name; }

std::optional<Verb> verb_named(std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Verb>(found - names.begin());
}

VerbKind kind(Verb verb) { return rows[static_cast<std::size_t>(verb)].kind; }

}  // namespace acklab::broker

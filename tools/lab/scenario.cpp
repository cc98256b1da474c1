#include "tools/lab/scenario.h"

#include <algorithm>
#include <array>

namespace acklab::lab {

namespace {

constexpr std::array<std::string_view, 7> expectation_names = {"safe",       "loss-ok",  "dup-ok",   "reorder-ok",
                                                               "unknown-ok", "stall-ok", "violation"};

// `version` is one at which an era begins: the reader of scenarios sees to that.
bool is_before(const protocol::Era& era, std::string_view version) {
  for (const protocol::Era& each : protocol::eras()) {
    if (each.from == version) return false;
    if (each.from == era.from) return true;
  }
  return false;
}

}  // namespace

std::string_view name(Expectation expectation) { return expectation_names[static_cast<std::size_t>(expectation)]; }

std::optional<Expectation> expectation_named(std::string_view name) {
  const auto* const found = std::find(expectation_names.begin(), expectation_names.end(), name);
  if (found == expectation_names.end()) return std::nullopt;
  return static_cast<Expectation>(found - expectation_names.begin());
}

Scenario::EraExpectation Scenario::expected(const protocol::Era& era) const {
  for (const EraExpectation& other : eras) {
    if (is_before(era, other.before)) return other;
  }
  return {.before = "", .expect = expect, .must = must};
}

std::string client_id(const Scenario& scenario, std::size_t producer) {
  const Settings& set = scenario.producers[producer].set;
  const auto given = set.find("client.id");
  return given != set.end() ? given->second : "producer-" + std::to_string(producer);
}

std::optional<broker::Fires> duty(const broker::Fault& fault, const protocol::Era& era) {
  if (!fault.fires_before.empty() && !is_before(era, fault.fires_before)) return std::nullopt;
  return fault.fires;
}

}  // namespace acklab::lab

#include "tools/lab/repeat.h"

#include <fmt/format.h>

#include "protocol/check.h"
#include "protocol/runtime/trace.h"

namespace acklab::lab {
namespace {

std::string quoted(const std::string& line) { return line.empty() ? "nothing more" : '"' + line + '"'; }

std::string difference_of(const protocol::Trace& first, const protocol::Trace& second) {
  const auto difference = protocol::first_difference(first, second);
  if (!difference) return fmt::format("after event {}", first.kept());
  return fmt::format("from event {} on: first {}, then {}", difference->event, quoted(difference->first),
                     quoted(difference->second));
}

}  // namespace

RunResult run_twice(const Scenario& scenario, const RunOptions& options) {
  CHECK(options.world == WorldKind::sim);
  const auto traced = [&](protocol::Trace& trace, const protocol::Journal::Listener& also, const protocol::Tap& tap) {
    RunOptions one = options;
    one.tap = tap;
    one.listener = [&trace, &also](const protocol::Entry& entry, std::string_view topic) {
      trace.add(entry, topic);
      if (also) also(entry, topic);
    };
    return run(scenario, one);
  };
  protocol::Trace first_trace;
  protocol::Trace second_trace;
  RunResult first = traced(first_trace, options.listener, options.tap);
  const RunResult second = traced(second_trace, {}, {});
  first.repeated = true;
  if (second.verdict.trace_hash != first.verdict.trace_hash) {
    first.judgement = Judgement::violation;
    first.reason = "not deterministic: two runs of this seed differ " + difference_of(first_trace, second_trace);
  }
  return first;
}

}  // namespace acklab::lab

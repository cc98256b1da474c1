#include "tools/lab/junit.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "tools/lab/xml.h"

namespace acklab::lab {
namespace {

std::string case_begin(const std::string& scenario, const std::string& name, double seconds) {
  return fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.6f}\"", xml_escaped(scenario), name, seconds);
}

// `kind`: the element, "failure" or "error".
std::string case_with(std::string_view kind, std::string_view type, const std::string& reason, const std::string& text) {
  return fmt::format(">\n      <{0} type=\"{1}\" message=\"{2}\">{3}</{0}>\n    </testcase>\n", kind, type, xml_escaped(reason),
                     xml_escaped(text));
}

}  // namespace

JunitReport::Suite& JunitReport::suite(const std::string& scenario) {
  const auto known = std::find_if(suites_.begin(), suites_.end(), [&](const Suite& one) { return one.scenario == scenario; });
  if (known != suites_.end()) return *known;
  suites_.push_back({});
  suites_.back().scenario = scenario;
  return suites_.back();
}

void JunitReport::add(const RunResult& result, const std::string& replay) {
  Suite& suite = this->suite(result.scenario);
  const double seconds = result.verdict.wall_ms / 1000;
  ++suite.cases;
  suite.seconds += seconds;
  suite.body += case_begin(result.scenario, fmt::format("seed {}", result.seed), seconds);
  if (result.judgement == Judgement::as_expected) {
    suite.body += "/>\n";
    return;
  }
  const bool violation = result.judgement == Judgement::violation;
  ++(violation ? suite.failures : suite.errors);
  suite.body += case_with(violation ? "failure" : "error", name(result.judgement), result.reason,
                          fmt::format("{}\nreplay: {}", result.reason, replay));
}

void JunitReport::add_sweep(const std::string& scenario, const std::string& reason) {
  Suite& suite = this->suite(scenario);
  ++suite.cases;
  ++suite.errors;
  suite.body += case_begin(scenario, "the sweep", 0) + case_with("error", name(Judgement::vacuous), reason, reason);
}

std::string JunitReport::text() const {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const Suite& suite : suites_) {
    text += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\" time=\"{:.6f}\">\n",
                        xml_escaped(suite.scenario), suite.cases, suite.failures, suite.errors, suite.seconds);
    text += suite.body + "  </testsuite>\n";
  }
  return text + "</testsuites>\n";
}

}  // namespace acklab::lab

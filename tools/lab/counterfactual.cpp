#include "tools/lab/counterfactual.h"

#include <algorithm>

#include <fmt/format.h>

namespace acklab::lab {
namespace {

std::int64_t records_with(const Verdict& verdict, Anomaly anomaly) {
  return std::count_if(verdict.findings.begin(), verdict.findings.end(),
                       [anomaly](const Finding& finding) { return finding.anomaly == anomaly; });
}

}  // namespace

std::string counterfactual(const Scenario& scenario, const RunOptions& options, Anomaly anomaly) {
  Scenario other = scenario;
  std::string change;
  switch (anomaly) {
    case Anomaly::lost_write:
    case Anomaly::unanswered_loss:
      change = "acks=all and min.insync.replicas=2";
      for (ScenarioTopic& topic : other.topics) topic.set["min.insync.replicas"] = "2";
      for (ScenarioProducer& producer : other.producers) producer.set["acks"] = "all";
      break;
    case Anomaly::duplicate:
    case Anomaly::nonmonotonic_send:
      change = "enable.idempotence=true";
      for (ScenarioProducer& producer : other.producers) {
        producer.set["acks"] = "all";
        producer.set["enable.idempotence"] = "true";
      }
      break;
    default:
      return "";
  }
  // It is another configuration, which promises more: what the scenario expects is not asked here.
  other.expect = Expectation::safe;
  other.must.clear();
  other.eras.clear();
  RunOptions again = options;
  again.tell = false;
  const Verdict verdict = run(other, again).verdict;
  // A record may be lost in another way than the one that was asked about; both count.
  const std::int64_t left = records_with(verdict, anomaly) + (anomaly == Anomaly::unanswered_loss ? verdict.records.lost : 0);
  return fmt::format("The same seed with {}: {} {}.", change, left,
                     anomaly == Anomaly::duplicate           ? "records duplicated"
                     : anomaly == Anomaly::nonmonotonic_send ? "records out of order"
                                                             : "acknowledged records lost");
}

}  // namespace acklab::lab

#include "tools/lab/counterfactual.h"

#include <algorithm>

#include <fmt/format.h>

#include "producer/unsafe_variant.h"
#include "tools/lab/promise.h"

namespace acklab::lab {
namespace {

std::int64_t records_with(const Verdict& verdict, Anomaly anomaly) {
  return std::count_if(verdict.findings.begin(), verdict.findings.end(),
                       [anomaly](const Finding& finding) { return finding.anomaly == anomaly; });
}

// One change of a scenario that should have prevented an anomaly; without words there is none.
struct Remedy {
  std::string words;
  Scenario scenario;
};

bool acks_all_from_two(const Scenario& scenario) {
  const auto all = [](const ScenarioProducer& producer) {
    const auto acks = producer.set.find("acks");
    return acks == producer.set.end() || acks->second == "all" || acks->second == "-1";
  };
  const auto two = [&](const ScenarioTopic& topic) { return min_insync_replicas(topic.set, scenario.set, topic.replicas) >= 2; };
  return std::all_of(scenario.producers.begin(), scenario.producers.end(), all) &&
         std::all_of(scenario.topics.begin(), scenario.topics.end(), two);
}

Remedy against_loss(Remedy remedy) {
  if (acks_all_from_two(remedy.scenario)) {
    remedy.words = "flush.messages=1";
    for (ScenarioTopic& topic : remedy.scenario.topics) topic.set["flush.messages"] = "1";
    return remedy;
  }
  remedy.words = "acks=all and min.insync.replicas=2";
  for (ScenarioTopic& topic : remedy.scenario.topics) topic.set["min.insync.replicas"] = "2";
  for (ScenarioProducer& producer : remedy.scenario.producers) producer.set["acks"] = "all";
  return remedy;
}

Remedy against_repetition(Remedy remedy) {
  const auto sends_again = [](const ScenarioProducer& producer) { return producer.resend || producer.copies > 1; };
  if (std::any_of(remedy.scenario.producers.begin(), remedy.scenario.producers.end(), sends_again)) {
    remedy.words = "an application that does not send again";
    for (ScenarioProducer& producer : remedy.scenario.producers) {
      producer.resend = false;
      producer.copies = 1;
    }
    return remedy;
  }
  std::size_t mended = 0;
  for (ScenarioProducer& producer : remedy.scenario.producers) {
    if (producer.set.erase(std::string(producer::unsafe_variant_key)) == 0) continue;
    producer.set.erase("max.in.flight.requests.per.connection");  // which may be more than a right one can have
    ++mended;
  }
  if (mended > 0) {
    remedy.words = "a producer that is not wrong on purpose";
    return remedy;
  }
  remedy.words = "enable.idempotence=true";
  for (ScenarioProducer& producer : remedy.scenario.producers) {
    producer.set["acks"] = "all";
    producer.set["enable.idempotence"] = "true";
  }
  return remedy;
}

Remedy remedy(const Scenario& scenario, Anomaly anomaly) {
  switch (anomaly) {
    case Anomaly::lost_write:
    case Anomaly::unanswered_loss:
      return against_loss({"", scenario});
    case Anomaly::duplicate:
    case Anomaly::nonmonotonic_send:
      return against_repetition({"", scenario});
    default:
      return {};
  }
}

}  // namespace

std::string counterfactual(const Scenario& scenario, const RunOptions& options, Anomaly anomaly) {
  if (!options.bootstrap.empty()) return "";  // nobody can make the same happen again there
  auto [change, other] = remedy(scenario, anomaly);
  if (change.empty()) return "";
  // It is another configuration, which promises more: what the scenario expects is not asked here.
  other.expect = Expectation::safe;
  other.must.clear();
  other.eras.clear();
  RunOptions again = options;
  again.tell = false;
  again.world = WorldKind::sim;
  const Verdict verdict = run(other, again).verdict;
  // A record may be lost in another way than the one that was asked about; both count.
  const std::int64_t left = records_with(verdict, anomaly) + (anomaly == Anomaly::unanswered_loss ? verdict.records.lost : 0);
  return fmt::format("The same seed with {}: {} {}.", change, left,
                     anomaly == Anomaly::duplicate           ? "records duplicated"
                     : anomaly == Anomaly::nonmonotonic_send ? "records out of order"
                                                             : "acknowledged records lost");
}

}  // namespace acklab::lab

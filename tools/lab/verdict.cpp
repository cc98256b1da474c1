#include "tools/lab/verdict.h"

#include <fmt/format.h>

namespace acklab::lab {

std::string_view name(Anomaly anomaly) {
  switch (anomaly) {
    case Anomaly::lost_write:
      return "lost-write";
    case Anomaly::unseen:
      return "unseen";
    case Anomaly::duplicate:
      return "duplicate";
    case Anomaly::inconsistent_offsets:
      return "inconsistent-offsets";
    case Anomaly::nonmonotonic_send:
      return "nonmonotonic-send";
    case Anomaly::g1a:
      return "G1a";
    case Anomaly::unanswered_loss:
      return "unanswered-loss";
    case Anomaly::broken_invariant:
      return "broken-invariant";
    case Anomaly::corrupted:
      return "corrupted";
    case Anomaly::removed:
      return "removed";
  }
  return "";
}

RecordCounts& RecordCounts::operator+=(const RecordCounts& other) {
  sent += other.sent;
  acked += other.acked;
  unanswered += other.unanswered;
  failed += other.failed;
  unknown += other.unknown;
  lost += other.lost;
  duplicated += other.duplicated;
  reordered += other.reordered;
  missing.acked += other.missing.acked;
  missing.unanswered += other.missing.unanswered;
  missing.unknown += other.missing.unknown;
  present.unknown += other.present.unknown;
  present.failed += other.present.failed;
  return *this;
}

std::set<Anomaly> Verdict::anomalies() const {
  std::set<Anomaly> all;
  for (const Finding& finding : findings) all.insert(finding.anomaly);
  return all;
}

std::string Verdict::story() const {
  if (findings.empty()) return "no anomaly";
  const Finding* told = &findings.front();
  for (const Finding& finding : findings) {
    if (!finding.story.empty()) {
      told = &finding;
      break;
    }
  }
  std::string text =
      fmt::format("{} of {} in {}: {}", name(told->anomaly), record_name(told->record), to_string(told->partition), told->detail);
  for (const std::string& line : told->story) text += "\n  " + line;
  return text;
}

std::string record_name(std::int64_t record) { return fmt::format("r-{:06}", record); }

}  // namespace acklab::lab

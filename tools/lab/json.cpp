#include "tools/lab/json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace acklab::lab {
namespace {

using Json = nlohmann::ordered_json;

// Bytes that are not UTF-8 (a user's file) must not cost the report.
std::string text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json counts_json(const RecordCounts& counts) {
  return {{"sent", counts.sent},
          {"acked", counts.acked},
          {"unanswered", counts.unanswered},
          {"failed", counts.failed},
          {"unknown", counts.unknown},
          {"lost", counts.lost},
          {"duplicated", counts.duplicated},
          {"reordered", counts.reordered},
          {"missing",
           {{"acked", counts.missing.acked}, {"unanswered", counts.missing.unanswered}, {"unknown", counts.missing.unknown}}},
          {"present", {{"unknown", counts.present.unknown}, {"failed", counts.present.failed}}}};
}

Json faults_json(const std::vector<FaultCount>& faults) {
  Json all = Json::array();
  for (const FaultCount& fault : faults) all.push_back({{"id", fault.id}, {"planned", fault.planned}, {"fired", fault.fired}});
  return all;
}

Json names(const std::set<Anomaly>& anomalies) {
  Json all = Json::array();
  for (const Anomaly anomaly : anomalies) all.push_back(name(anomaly));
  return all;
}

Json finding_json(const Finding& finding) {
  Json json;
  json["name"] = name(finding.anomaly);
  json["record"] = finding.record >= 0 ? Json(record_name(finding.record)) : Json(nullptr);
  json["partition"] = to_string(finding.partition);
  json["offset"] = finding.offset.known() ? Json(finding.offset.value) : Json(nullptr);
  json["detail"] = finding.detail;
  json["story"] = finding.story;
  return json;
}

void add_load(Json& json, const LoadMeasurement& load) {
  const auto percentiles = [](const Percentiles& latency) { return Json{{"p50", latency.p50}, {"p99", latency.p99}}; };
  json["throughput_records_s"] = load.records_s;
  json["latency_ms"] = percentiles(load.send_latency);
  json["batch_latency_ms"] = percentiles(load.batch_latency);
  json["network_latency_ms"] = percentiles(load.network_latency);
  json["wire_bytes"] = load.wire_bytes;
  json["ratio"] = load.ratio;
  json["cpu_us_per_record"] = load.producer_cpu_us;
  json["process_cpu_us_per_record"] = load.process_cpu_us;
  json["records_per_batch"] = load.records_per_batch;
  json["requests"] = load.requests;
}

}  // namespace

std::string run_json(const RunResult& result) {
  const Verdict& verdict = result.verdict;
  Json anomalies = Json::array();
  for (const Finding& finding : verdict.findings) anomalies.push_back(finding_json(finding));
  Json json;
  json["scenario"] = result.scenario;
  json["seed"] = result.seed;
  json["world"] = result.world;
  json["era"] = result.era.empty() ? Json(nullptr) : Json(result.era);
  json["trace_hash"] = result.world == "sim" ? Json(fmt::format("{:016x}", verdict.trace_hash)) : Json(nullptr);
  json["verdict"] = name(result.judgement);
  json["expected"] = name(result.expected);
  if (!result.reason.empty()) json["reason"] = result.reason;
  if (!result.unsafe.empty()) json["unsafe"] = result.unsafe;
  if (result.repeated) json["repeated"] = true;
  json["records"] = counts_json(verdict.records);
  json["anomalies"] = std::move(anomalies);
  json["faults"] = faults_json(verdict.faults);
  json["settled"] = verdict.settled;
  json["at_rest"] = verdict.at_rest;
  json["invariants_checked"] = verdict.invariants_checked;
  json["events"] = verdict.events;
  json["virtual_ms"] = protocol::in_milliseconds(verdict.virtual_time);
  json["wall_ms"] = verdict.wall_ms;
  return text(json);
}

std::string summary_json(const RunResult& any, const Summary& summary, const SweepOutcome& outcome) {
  Json anomalies = Json::array();
  for (const auto& [anomaly, count] : summary.anomalies) {
    anomalies.push_back({{"name", name(anomaly)}, {"runs", count.runs}, {"records", count.records}, {"seed", count.seed}});
  }
  Json json;
  json["summary"] = true;
  json["scenario"] = any.scenario;
  json["world"] = any.world;
  json["era"] = any.era.empty() ? Json(nullptr) : Json(any.era);
  json["runs"] = summary.runs;
  json["repeated"] = summary.repeated;
  if (!outcome.shard.whole()) json["shard"] = outcome.shard.text();
  if (outcome.interrupted) json["interrupted"] = true;
  json["verdict"] = name(outcome.judgement);
  json["expected"] = name(any.expected);
  if (!outcome.reason.empty()) json["reason"] = outcome.reason;
  if (!any.unsafe.empty()) json["unsafe"] = any.unsafe;
  Json verdicts;
  for (const Judgement judgement : {Judgement::as_expected, Judgement::violation, Judgement::vacuous}) {
    const auto found = summary.judgements.find(judgement);
    verdicts[std::string(name(judgement))] = found == summary.judgements.end() ? 0 : found->second;
  }
  json["verdicts"] = std::move(verdicts);
  json["records"] = counts_json(summary.records);
  json["anomalies"] = std::move(anomalies);
  json["faults"] = faults_json(summary.faults);
  json["wall_ms"] = summary.wall_ms;
  return text(json);
}

std::string lesson_json(std::string_view experiment, const LessonOptions& options, const LessonResult& result) {
  Json all = Json::array();
  for (const LessonRow& row : result.rows) {
    Json json;
    json["label"] = row.label;
    json["runs"] = row.summary.runs;
    json["settings"] = row.settings;
    json["records"] = counts_json(row.summary.records);
    Json anomalies = Json::array();
    for (const auto& [anomaly, count] : row.summary.anomalies) {
      anomalies.push_back({{"name", name(anomaly)}, {"runs", count.runs}, {"records", count.records}, {"seed", count.seed}});
    }
    json["anomalies"] = std::move(anomalies);
    json["faults"] = faults_json(row.summary.faults);
    if (row.load) {
      add_load(json, *row.load);
    } else {
      json["throughput_records_s"] = row.summary.throughput();
      json["latency_ms"] = {{"p50", protocol::in_milliseconds(row.summary.latency(0.50))},
                            {"p99", protocol::in_milliseconds(row.summary.latency(0.99))}};
    }
    all.push_back(std::move(json));
  }
  Json json;
  json["experiment"] = experiment;
  json["world"] = options.world == WorldKind::tcp || (!result.rows.empty() && result.rows.front().load) ? "tcp" : "sim";
  json["runs"] = result.rows.empty() ? 0 : result.rows.front().summary.runs;
  if (!options.shard.whole()) json["shard"] = options.shard.text();
  if (result.interrupted) json["interrupted"] = true;
  json["rows"] = std::move(all);
  for (const Requirement& each : result.requirements) {
    json["requirements"].push_back({{"requirement", each.says},
                                    {"settings", each.settings},
                                    {"accepted", each.accepted},
                                    {"answer", each.answer},
                                    {"whose", each.whose}});
  }
  return text(json);
}

std::string scenarios_json(const std::vector<ScenarioListing>& scenarios) {
  Json all = Json::array();
  for (const ScenarioListing& listing : scenarios) {
    const Scenario& scenario = *listing.scenario;
    Json expect = Json::array();
    std::string from;
    for (const Scenario::EraExpectation& era : scenario.eras) {
      expect.push_back({{"from", from.empty() ? Json(nullptr) : Json(from)},
                        {"before", era.before},
                        {"verdict", name(era.expect)},
                        {"must", names(era.must)}});
      from = era.before;
    }
    expect.push_back({{"from", from.empty() ? Json(nullptr) : Json(from)},
                      {"before", nullptr},
                      {"verdict", name(scenario.expect)},
                      {"must", names(scenario.must)}});
    all.push_back({{"name", scenario.name},
                   {"hazard", scenario.hazard},
                   {"story", scenario.story},
                   {"expect", std::move(expect)},
                   {"worlds", listing.worlds}});
  }
  return text(all);
}

}  // namespace acklab::lab

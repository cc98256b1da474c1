#include "tools/lab/bench_storage.h"

#include <fmt/format.h>

#include <cmath>

#include <nlohmann/json.hpp>

#include "tools/lab/table.h"

namespace acklab::lab {
namespace {

std::string number(double value) {
  return value >= 1000 ? grouped(std::llround(value)) : fmt::format("{:.{}f}", value, value >= 10 ? 1 : 3);
}

std::string table_of(const std::vector<BenchLine>& lines, const std::string& title) {
  if (lines.empty()) return {};
  Table table({title, "", "unit", "beside it", "", "ratio", "aim"});
  for (const BenchLine& line : lines) {
    table.row({line.what, number(median(line.ours)), line.unit, line.peer, number(median(line.theirs)),
               fmt::format("{:.2f}", line.ratio()), line.aim});
  }
  return table.text("  ") + "\n";
}

nlohmann::ordered_json json_of(const std::vector<BenchLine>& lines) {
  auto json = nlohmann::ordered_json::array();
  for (const BenchLine& line : lines) {
    json.push_back({{"what", line.what},
                    {"unit", line.unit},
                    {"peer", line.peer},
                    {"pairs", line.ours.size()},
                    {"ours", median(line.ours)},
                    {"theirs", median(line.theirs)},
                    {"ratio", line.ratio()},
                    {"aim", line.aim}});
  }
  return json;
}

}  // namespace

std::string bench_storage_text(const BenchStorageResult& result) {
  std::string text =
      "Medians of runs in turn; the ratio is the median of the pairs' own ratios. Compare the ratios, not the figures.\n\n";
  text += table_of(result.log.lines, "the log by itself");
  if (!result.log.growth.empty()) {
    Table table({"a log of", "", "append, us a batch", "lookup, us", "open, ms", "after a crash, ms"});
    for (const LogGrowthPoint& point : result.log.growth) {
      table.row({grouped(std::llround(point.megabytes)), "MB", fmt::format("{:.1f}", point.append_us),
                 fmt::format("{:.1f}", point.lookup_us), fmt::format("{:.2f}", point.open_ms),
                 fmt::format("{:.1f}", point.recover_ms)});
    }
    text += table.text("  ") + "\n";
  }
  text += table_of(result.cluster.lines, "a cluster on loopback");
  if (!result.cluster.growth.empty()) {
    Table table({"our producer, 100 B, 16 KiB, acks=all", "", "records/s", "cluster us/record", "resident MB"});
    for (const GrowthPoint& point : result.cluster.growth) {
      table.row({point.what, grouped(point.size), number(point.records_a_second), fmt::format("{:.3f}", point.broker_cpu_us),
                 fmt::format("{:.0f}", point.resident_mb)});
    }
    text += table.text("  ") + "\n";
  }
  if (result.cluster.idle_resident_mb > 0) {
    text += fmt::format("  three brokers that nobody has used: {:.1f} MB resident\n", result.cluster.idle_resident_mb);
  }
  if (result.interrupted) text += "\nInterrupted: what was known by then.\n";
  return text;
}

std::string bench_storage_json(const BenchStorageResult& result) {
  nlohmann::ordered_json json;
  json["benchmark"] = "storage";
  json["log"] = json_of(result.log.lines);
  json["log_growth"] = nlohmann::ordered_json::array();
  for (const LogGrowthPoint& point : result.log.growth) {
    json["log_growth"].push_back({{"megabytes", point.megabytes},
                                  {"append_us_per_batch", point.append_us},
                                  {"lookup_us", point.lookup_us},
                                  {"open_ms", point.open_ms},
                                  {"open_after_crash_ms", point.recover_ms}});
  }
  json["cluster"] = json_of(result.cluster.lines);
  json["growth"] = nlohmann::ordered_json::array();
  for (const GrowthPoint& point : result.cluster.growth) {
    json["growth"].push_back({{"what", point.what},
                              {"size", point.size},
                              {"records_s", point.records_a_second},
                              {"cluster_cpu_us_per_record", point.broker_cpu_us},
                              {"resident_mb", point.resident_mb}});
  }
  json["idle_resident_mb"] = result.cluster.idle_resident_mb;
  if (result.interrupted) json["interrupted"] = true;
  return json.dump();
}

}  // namespace acklab::lab

// acklab scenarios: the catalogue, by hazard.

#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "tools/commands/command.h"
#include "tools/lab/catalogue.h"
#include "tools/lab/json.h"
#include "tools/lab/table.h"

namespace acklab {
namespace {

// Every scenario can be run in both.
const std::vector<std::string> worlds = {"sim", "tcp"};

std::string first_sentence(const std::string& text) {
  const std::size_t end = text.find(". ");
  return end == std::string::npos ? text : text.substr(0, end + 1);
}

struct Scenarios {
  std::string wanted;
  JsonOutput json;

  static lab::Scenario parsed(const lab::CatalogueEntry& entry) {
    auto scenario = lab::parse_scenario(entry.toml, entry.name);
    CHECK(scenario.has_value());
    return *std::move(scenario);
  }

  void list() {
    json.begin();
    std::vector<lab::Scenario> all;
    for (const lab::CatalogueEntry& entry : lab::catalogue()) all.push_back(parsed(entry));
    if (json.wanted()) {
      std::vector<lab::ScenarioListing> listings;
      for (const lab::Scenario& scenario : all) listings.push_back({&scenario, worlds});
      json.write(lab::scenarios_json(listings));
      if (json.to_stdout()) return;
    }
    lab::Table table({"hazard", "scenario", "expects", "story"});
    for (const lab::Scenario& scenario : all) {
      table.row({scenario.hazard, scenario.name, std::string(name(scenario.expect)), first_sentence(scenario.story)});
    }
    std::fputs(table.text().c_str(), stdout);
  }

  void show() {
    const auto entry = lab::find_scenario(wanted);
    if (!entry) throw BadInput(entry.error());
    const lab::Scenario scenario = parsed(**entry);
    json.begin();
    if (json.wanted()) {
      json.write(lab::scenarios_json({{&scenario, worlds}}));
      if (json.to_stdout()) return;
    }
    std::printf("%s (%s)\n\n%s\n\nexpects %s", scenario.name.c_str(), scenario.hazard.c_str(), scenario.story.c_str(),
                std::string(name(scenario.expect)).c_str());
    for (const lab::Anomaly anomaly : scenario.must) std::printf(", and some seed shows %s", std::string(name(anomaly)).c_str());
    std::printf("\n\n%s", std::string((*entry)->toml).c_str());
  }
};

}  // namespace

void add_scenarios(CLI::App& program) {
  auto scenarios = std::make_shared<Scenarios>();
  CLI::App* command = program.add_subcommand("scenarios", "the catalogue of scenarios, by hazard");
  command->add_option("name", scenarios->wanted, "one scenario: its story, steps and expected verdicts");
  scenarios->json.add_to(*command);
  command->callback([scenarios] { scenarios->wanted.empty() ? scenarios->list() : scenarios->show(); });
}

}  // namespace acklab

#include "tools/lab/catalogue.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "protocol/nearest.h"
#include "tools/lab/lines_file.h"

namespace acklab::lab {

using protocol::failure;
using protocol::Result;

namespace {

Result<std::string, std::string> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  char block[4096];
  while (file.read(block, sizeof block) || file.gcount() > 0) text.append(block, static_cast<std::size_t>(file.gcount()));
  // Not for what could not be opened, nor for a folder, which can be opened like a file.
  if (!file.eof()) {
    return failure(
        fmt::format("{}: cannot be read ({}); name a file, or a scenario of the catalogue", path, std::strerror(errno)));
  }
  return text;
}

Result<void, std::string> read_lines_of(Scenario& scenario, const std::filesystem::path& folder) {
  for (ScenarioProducer& producer : scenario.producers) {
    if (!producer.lines_file) continue;
    auto lines = read_lines_file((folder / *producer.lines_file).string());
    if (!lines) return failure(lines.error());
    producer.lines = *std::move(lines);
  }
  return {};
}

}  // namespace

Result<const CatalogueEntry*, std::string> find_scenario(std::string_view name) {
  std::vector<std::string_view> names;
  for (const CatalogueEntry& entry : catalogue()) {
    if (entry.name == name) return &entry;
    names.push_back(entry.name);
  }
  return failure(fmt::format("there is no scenario \"{}\"; did you mean \"{}\"?", name, protocol::nearest(name, names)));
}

Result<Scenario, std::string> open_scenario(const std::string& name_or_file, const std::vector<std::string>& overrides) {
  const bool is_file = name_or_file.ends_with(".toml") || name_or_file.find('/') != std::string::npos;
  std::string text;
  if (is_file) {
    auto read = read_text(name_or_file);
    if (!read) return failure(read.error());
    text = *std::move(read);
  } else {
    const auto entry = find_scenario(name_or_file);
    if (!entry) return failure(entry.error());
    text = (*entry)->toml;
  }
  auto scenario = parse_scenario(text, name_or_file, overrides);
  if (!scenario) return scenario;
  const std::filesystem::path folder = is_file ? std::filesystem::path(name_or_file).parent_path() : std::filesystem::path();
  if (const auto read = read_lines_of(*scenario, folder); !read) return failure(read.error());
  return scenario;
}

}  // namespace acklab::lab

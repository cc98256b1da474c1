#include "tools/commands/command.h"

#include <cstdio>
#include <fstream>
#include <sstream>

#include <CLI/CLI.hpp>

namespace acklab {

void JsonOutput::add_to(CLI::App& command) {
  command
      .add_option_function<std::string>(
          "--json",
          [this](const std::string& path) {
            wanted_ = true;
            path_ = path;
          },
          "machine-readable result on standard output, or in FILE with --json=FILE")
      ->expected(0, 1)
      ->default_str("")
      ->type_name("[=FILE]")
      ->trigger_on_parse();
}

void JsonOutput::write(const std::string& object) {
  if (path_.empty()) {
    std::printf("%s\n", object.c_str());
    return;
  }
  std::ofstream file(path_, begun_ ? std::ios::app : std::ios::trunc);
  begun_ = true;
  if (!(file << object << '\n')) throw BadInput("--json=" + path_ + ": cannot be written");
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw BadInput(path + ": cannot be read");
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

std::vector<std::string> read_lines(const std::string& path) {
  std::istringstream content(read_file(path));
  std::vector<std::string> lines;
  for (std::string line; std::getline(content, line);) {
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(std::move(line));
  }
  if (lines.empty()) throw BadInput(path + ": has no lines");
  return lines;
}

}  // namespace acklab

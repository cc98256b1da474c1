// Names the word of a command line that nobody knows, and the nearest that somebody does. The parser itself only says that something was
// left over, or that a command is missing.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "protocol/nearest.h"
#include "tools/commands/command.h"

namespace acklab {
namespace {

std::string told(std::string_view what, const std::string& word, const std::string& where,
                 const std::vector<std::string>& known) {
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  return fmt::format("unknown {} \"{}\" of {}; did you mean \"{}\"? (see {} --help)", what, word, where,
                     protocol::nearest(word, candidates), where);
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

}  // namespace

std::string unknown_word(const CLI::App& program, const std::vector<std::string>& arguments) {
  const CLI::App* command = &program;
  std::string path = program.get_name();
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "--") break;
    if (word.size() > 1 && word.front() == '-') {
      const bool is_long = word[1] == '-';
      const std::string name = is_long ? word.substr(0, word.find('=')) : word.substr(0, 2);
      const CLI::Option* option = command->get_option_no_throw(name);
      if (option == nullptr) return told("option", name, path, option_names(*command));
      // The next word is its value, unless the value is part of this one.
      if (option->get_items_expected_min() > 0 && name == word) ++i;
      continue;
    }
    const auto subcommands = command->get_subcommands([](const CLI::App*) { return true; });
    if (subcommands.empty()) continue;
    std::vector<std::string> names;
    const CLI::App* next = nullptr;
    for (const CLI::App* one : subcommands) {
      names.push_back(one->get_name());
      if (one->get_name() == word) next = one;
    }
    if (next == nullptr) return told("command", word, path, names);
    command = next;
    path += " " + word;
  }
  return "";
}

}  // namespace acklab

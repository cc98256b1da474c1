#include "tools/commands/command.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>

#include <CLI/CLI.hpp>

#include "tools/lab/lines_file.h"

namespace acklab {
namespace {

[[noreturn]] void cannot_write(const std::string& option_and_path) {
  throw BadInput(option_and_path + ": cannot be written (" + std::strerror(errno) +
                 "); name a file in a folder that you may write to");
}

}  // namespace

void JsonOutput::add_to(CLI::App& command) {
  command
      .add_option_function<std::string>(
          "--json",
          [this](const std::string& path) {
            wanted_ = true;
            path_ = path == "-" ? "" : path;
          },
          "machine-readable result on standard output, or in FILE with --json=FILE")
      ->type_name("[=FILE]")
      ->trigger_on_parse();
}

void JsonOutput::begin() const {
  if (path_.empty()) return;
  if (!std::ofstream(path_, std::ios::trunc)) cannot_write("--json=" + path_);
}

void JsonOutput::write(const std::string& object) {
  if (path_.empty()) {
    // At once: a script that reads a sweep gets each run when it is there, and when the script has gone, the sweep ends.
    if (std::printf("%s\n", object.c_str()) < 0 || std::fflush(stdout) != 0) throw BadInput(unwritable_stdout);
    return;
  }
  std::ofstream file(path_, std::ios::app);
  if (!(file << object << '\n' << std::flush)) cannot_write("--json=" + path_);
}

const std::atomic<bool>& notice_interrupt() {
  static std::atomic<bool> interrupted{false};
  static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler writes it");
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction old {};
    if (sigaction(signal, nullptr, &old) == 0 && old.sa_handler == SIG_IGN) continue;
    struct sigaction action {};
    action.sa_handler = [](int) { interrupted = true; };
    action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
    sigaction(signal, &action, nullptr);
  }
  return interrupted;
}

void write_file(const std::string& option, const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc | std::ios::binary);
  if (!(file << text << std::flush)) cannot_write(option + " " + path);
}

std::vector<std::string> read_lines(const std::string& path) {
  auto lines = lab::read_lines_file(path);
  if (!lines) throw BadInput("--lines " + lines.error());
  return *std::move(lines);
}

}  // namespace acklab

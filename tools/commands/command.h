// What the subcommands share: exit codes, and how a user's mistake is told.
#pragma once

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace acklab {

// The promises of CLI.md.
enum class ExitCode { ok = 0, unexpected = 1, bad_input = 2, proves_nothing = 3, interrupted = 130 };

// Ends a command with a code; whatever was to be said has been said.
struct Exit {
  ExitCode code;
};

// A mistake of the user's: one line that says what, where and how to mend it. Ends the program with bad_input.
struct BadInput : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline constexpr const char* unwritable_stdout = "standard output: cannot be written; is the disk full, or has its reader gone?";

// Each adds its subcommand to the program.
void add_lesson(CLI::App& program);
void add_run(CLI::App& program);
void add_scenarios(CLI::App& program);
void add_serve(CLI::App& program);
void add_fault(CLI::App& program);
void add_produce(CLI::App& program);
void add_consume(CLI::App& program);
void add_topics(CLI::App& program);
void add_perf(CLI::App& program);
void add_config(CLI::App& program);
void add_bench(CLI::App& program);
void add_dissect(CLI::App& program);
void add_conform(CLI::App& program);

// Where --json goes: to standard output, to a file, or nowhere.
class JsonOutput {
 public:
  // Adds --json[=FILE] to a command.
  void add_to(CLI::App& command);

  // Empties the file, so that a path that cannot be written is told before the work and not after it; throws BadInput.
  void begin() const;

  bool wanted() const { return wanted_; }
  // Nothing else goes to standard output then.
  bool to_stdout() const { return wanted_ && path_.empty(); }
  // One object, one line.
  void write(const std::string& object);

 private:
  bool wanted_ = false;
  std::string path_;
};

// From now on the first Ctrl-C or SIGTERM sets the flag, and the second one ends the program at once. A program that was started with
// either ignored (in the background of a script) goes on ignoring it.
const std::atomic<bool>& notice_interrupt();

// Replaces what the file holds that `option` names; throws BadInput if it cannot.
void write_file(const std::string& option, const std::string& path, const std::string& text);

// What --lines names: the lines of a text file, without their line ends; throws BadInput.
std::vector<std::string> read_lines(const std::string& path);

// "acklab 1.2.3" and, on a line each, the libraries that it was compiled with.
std::string version_text();

// A command line that names a command or an option that does not exist: one line with the nearest that does; empty if all exist.
std::string unknown_word(const CLI::App& program, const std::vector<std::string>& arguments);

}  // namespace acklab

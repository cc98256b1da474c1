// What the subcommands share: exit codes, and how a user's mistake is told.
#pragma once

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

// Each adds its subcommand to the program.
void add_lesson(CLI::App& program);
void add_run(CLI::App& program);
void add_scenarios(CLI::App& program);
void add_serve(CLI::App& program);
void add_produce(CLI::App& program);
void add_consume(CLI::App& program);
void add_topics(CLI::App& program);

// Where --json goes: to standard output, to a file, or nowhere.
class JsonOutput {
 public:
  // Adds --json[=FILE] to a command.
  void add_to(CLI::App& command);

  bool wanted() const { return wanted_; }
  // Nothing else goes to standard output then.
  bool to_stdout() const { return wanted_ && path_.empty(); }
  // One object, one line.
  void write(const std::string& object);

 private:
  bool wanted_ = false;
  bool begun_ = false;
  std::string path_;
};

// The lines of a text file, without their line ends; throws BadInput.
std::vector<std::string> read_lines(const std::string& path);
std::string read_file(const std::string& path);

}  // namespace acklab

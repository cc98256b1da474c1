// acklab: one program, a subcommand for each thing that a user may want.

#include <algorithm>
#include <cstdio>
#include <exception>

#include <malloc.h>

#include <CLI/CLI.hpp>

#include "tools/commands/command.h"

int main(int argc, char** argv) {
  using acklab::ExitCode;
  // Batches and frames come and go by the megabyte. What they leave is kept for the next: giving it back and taking it again costs more
  // than filling it.
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 128 << 20);
  CLI::App program{"What is an ack worth? A Kafka-compatible cluster, a producer, and a laboratory that breaks them.", "acklab"};
  program.require_subcommand(1);
  program.set_version_flag("--version", acklab::version_text);
  acklab::add_lesson(program);
  acklab::add_run(program);
  acklab::add_scenarios(program);
  acklab::add_serve(program);
  acklab::add_fault(program);
  acklab::add_produce(program);
  acklab::add_consume(program);
  acklab::add_topics(program);
  acklab::add_perf(program);
  acklab::add_config(program);
  acklab::add_bench(program);
  acklab::add_dissect(program);
  acklab::add_conform(program);

  // A bare --json means standard output; the parser would take the next word for its file.
  std::vector<std::string> arguments(argv + 1, argv + argc);
  std::replace(arguments.begin(), arguments.end(), std::string("--json"), std::string("--json=-"));

  ExitCode code = ExitCode::ok;
  try {
    program.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // it wants them backwards
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) throw acklab::BadInput(acklab::unwritable_stdout);
  } catch (const CLI::Success& asked) {
    return program.exit(asked);  // --help, --version
  } catch (const CLI::ParseError& error) {
    const std::string unknown = acklab::unknown_word(program, arguments);
    std::fprintf(stderr, "acklab: %s\n",
                 unknown.empty() ? (std::string(error.what()) + " (see acklab --help)").c_str() : unknown.c_str());
    code = ExitCode::bad_input;
  } catch (const acklab::Exit& exit) {
    code = exit.code;
  } catch (const acklab::BadInput& error) {
    std::fprintf(stderr, "acklab: %s\n", error.what());
    code = ExitCode::bad_input;
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "acklab: %s\n", error.what());
    code = ExitCode::bad_input;
  }
  return static_cast<int>(code);
}

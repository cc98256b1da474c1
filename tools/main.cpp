// acklab: one program, a subcommand for each thing that a user may want.

#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "tools/commands/command.h"

int main(int argc, char** argv) {
  using acklab::ExitCode;
  CLI::App program{"What is an ack worth? A Kafka-compatible cluster, a producer, and a laboratory that breaks them.", "acklab"};
  program.require_subcommand(1);
  program.set_version_flag("--version", "acklab " ACKLAB_VERSION);
  acklab::add_lesson(program);
  acklab::add_run(program);
  acklab::add_scenarios(program);
  acklab::add_serve(program);
  acklab::add_produce(program);
  acklab::add_consume(program);
  acklab::add_topics(program);

  ExitCode code = ExitCode::ok;
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return program.exit(asked);  // --help, --version
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "acklab: %s (see acklab --help)\n", error.what());
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

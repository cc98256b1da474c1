#include "tools/lab/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

#include "tools/lab/clock.h"

namespace acklab::lab {
namespace {

struct Started {
  pid_t pid;
  int output;  // where its standard output can be read
  int leash;   // its standard input, which ends when this is closed
};

Started start(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));  // execv does not write to them
  arguments.push_back(nullptr);
  int pipe_ends[2];
  int leash_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0 || pipe2(leash_ends, O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe for " + command.front());
  }
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("no process for " + command.front());
  if (pid == 0) {
    dup2(pipe_ends[1], STDOUT_FILENO);
    dup2(leash_ends[0], STDIN_FILENO);
    execv(arguments.front(), arguments.data());
    _exit(127);
  }
  close(pipe_ends[1]);
  close(leash_ends[0]);
  return {pid, pipe_ends[0], leash_ends[1]};
}

// Up to `last`, or to the end.
std::string read_until(int input, char last) {
  std::string text;
  char c = 0;
  while (read(input, &c, 1) == 1 && c != last) text += c;
  return text;
}

std::string word_after(const std::string& line, const std::string& key) {
  const std::size_t at = line.find(key);
  if (at == std::string::npos) return {};
  return line.substr(at + key.size(), line.find(' ', at) - at - key.size());
}

}  // namespace

std::vector<std::string> serve_command(const std::string& acklab, const std::vector<std::string>& arguments) {
  std::vector<std::string> command{acklab, "serve", "--port", "0", "--http", "0"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

ServedCluster::ServedCluster(const std::vector<std::string>& command) {
  const Started started = start(command);
  pid_ = started.pid;
  leash_ = started.leash;
  const std::string line = read_until(started.output, '\n');
  close(started.output);
  bootstrap_ = word_after(line, "bootstrap=");
  http_ = word_after(line, "http=");
  if (bootstrap_.empty()) throw std::runtime_error(command.front() + " did not become ready");
}

ServedCluster::~ServedCluster() {
  close(leash_);
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
}

double ServedCluster::cpu_seconds() const {
  clockid_t clock{};
  return clock_getcpuclockid(pid_, &clock) == 0 ? seconds_on(clock) : 0;
}

std::int64_t ServedCluster::resident_bytes() const {
  std::ifstream status(fmt::format("/proc/{}/status", pid_));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stoll(line.substr(6)) * 1024;  // in kB
  }
  return 0;
}

std::string output_of(const std::vector<std::string>& command) {
  const Started started = start(command);
  std::string text = read_until(started.output, '\0');
  close(started.output);
  close(started.leash);
  int status = 0;
  waitpid(started.pid, &status, 0);
  if (status != 0) throw std::runtime_error(fmt::format("{} did not end well: {}", command.front(), text));
  return text;
}

}  // namespace acklab::lab

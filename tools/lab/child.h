// Other processes of a benchmark: a served cluster, and programs that print one JSON object.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace acklab::lab {

// The command of `acklab serve` on free ports.
std::vector<std::string> serve_command(const std::string& acklab, const std::vector<std::string>& arguments);

// A process that serves a cluster and says so in one line, for as long as this lives.
class ServedCluster {
 public:
  // Throws std::runtime_error if it does not become ready.
  explicit ServedCluster(const std::vector<std::string>& command);
  ~ServedCluster();
  ServedCluster(const ServedCluster&) = delete;
  ServedCluster& operator=(const ServedCluster&) = delete;

  const std::string& bootstrap() const { return bootstrap_; }
  const std::string& http() const { return http_; }
  double cpu_seconds() const;
  std::int64_t resident_bytes() const;

 private:
  pid_t pid_ = -1;
  int leash_ = -1;  // the process may end when this does
  std::string bootstrap_;
  std::string http_;
};

// Runs a program to its end and gives what it printed. Throws std::runtime_error if it does not end with 0.
std::string output_of(const std::vector<std::string>& command);

}  // namespace acklab::lab

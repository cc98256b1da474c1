// Other processes of a benchmark: a served cluster, and programs that print one JSON object.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace acklab::lab {

// `acklab serve` with these arguments, for as long as this lives.
class ServedCluster {
 public:
  // Throws std::runtime_error if it does not become ready.
  ServedCluster(const std::string& acklab, const std::vector<std::string>& arguments);
  ~ServedCluster();
  ServedCluster(const ServedCluster&) = delete;
  ServedCluster& operator=(const ServedCluster&) = delete;

  const std::string& bootstrap() const { return bootstrap_; }
  const std::string& http() const { return http_; }
  double cpu_seconds() const;

 private:
  pid_t pid_ = -1;
  std::string bootstrap_;
  std::string http_;
};

// Runs a program to its end and gives what it printed. Throws std::runtime_error if it does not end with 0.
std::string output_of(const std::vector<std::string>& command);

}  // namespace acklab::lab

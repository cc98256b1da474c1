// Writes a run's trace to a file while it happens; over sockets from several threads.
#pragma once

#include <fstream>
#include <mutex>
#include <string>

#include "protocol/result.h"
#include "protocol/runtime/journal.h"

namespace acklab::lab {

class TraceFile {
 public:
  // Empties the file, so that a path that cannot be written is told before the work and not after it. The error is a line for the user.
  protocol::Result<void, std::string> open(const std::string& path);

  // To be heard by this as long as it lives.
  protocol::Journal::Listener listener();

  // Everything is on the disk, or the error says why not.
  protocol::Result<void, std::string> close();

 private:
  std::string path_;
  std::mutex mutex_;
  std::ofstream file_;
};

}  // namespace acklab::lab

// Writes a world's traffic to a pcap file while it happens; over sockets from several threads. Each packet is in the file when its bytes
// have arrived, so a capture can be looked at while the cluster runs, and survives its death.
#pragma once

#include <fstream>
#include <functional>
#include <mutex>
#include <string>

#include "protocol/result.h"
#include "protocol/runtime/traffic.h"
#include "protocol/study/pcap_writer.h"

namespace acklab::lab {

class CaptureFile {
 public:
  // Empties the file, so that a path that cannot be written is told before the work and not after it. The error is a line for the user.
  protocol::Result<void, std::string> open(const std::string& path);

  // To be told by this as long as it lives. At the first packet that cannot be written the capture ends, and `failed` is told why, once,
  // on whatever thread that happens.
  protocol::Tap tap(std::function<void(const std::string& why)> failed = {});

  // Everything is in the file, or the error says why not. What travels afterwards is not captured.
  protocol::Result<void, std::string> close();

 private:
  void write(const std::string& bytes);

  std::string path_;
  std::mutex mutex_;
  std::ofstream file_;
  protocol::PcapWriter writer_;
  std::string error_;  // of the first packet that could not be written
};

}  // namespace acklab::lab

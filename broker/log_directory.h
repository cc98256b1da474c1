// The directory that holds a node's logs. When one call of its disk fails, it is offline, as Kafka says: nothing is known any more about
// what it holds, so every further call fails as well, and its owner is told, once. A broker with one log directory stops then, as
// Kafka's does: it could neither keep its word about what it has nor take on more.
//
// What does not count: files that are not there, and the calls of a node that is dead.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/disk.h"

namespace acklab::broker {

class LogDirectory final : public storage::Disk {
 public:
  using Failed = std::function<void(const storage::DiskError&)>;

  // `disk` outlives it, and it outlives its files.
  LogDirectory(storage::Disk& disk, Failed failed) : disk_(disk), failed_(std::move(failed)) {}

  protocol::Result<std::unique_ptr<storage::File>, storage::DiskError> open(const std::string& path) override;
  bool exists(const std::string& path) const override { return disk_.exists(path); }
  protocol::Result<void, storage::DiskError> remove(const std::string& path) override;
  protocol::Result<void, storage::DiskError> rename(const std::string& from, const std::string& to) override;
  std::vector<std::string> list(const std::string& directory) const override { return disk_.list(directory); }

 private:
  class Handle;

  template <class Call>
  auto watched(Call call) -> decltype(call());

  storage::Disk& disk_;
  Failed failed_;
  std::optional<storage::DiskError> offline_;  // since this error
};

}  // namespace acklab::broker

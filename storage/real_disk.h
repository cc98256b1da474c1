// The directory of a node on a POSIX file system, for --data-dir.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "storage/disk.h"

namespace acklab::storage {

class RealDisk final : public Disk {
 public:
  // Makes `root` when the first file is opened. Everything below it is flushed with its names; the name of `root` itself is not.
  explicit RealDisk(std::string root);
  ~RealDisk() override;
  RealDisk(const RealDisk&) = delete;
  RealDisk& operator=(const RealDisk&) = delete;

  // Keeps other processes off as long as this object lives, by Kafka's file ".lock" and in Kafka's way. The error is for the user.
  Result<void, DiskError> lock();

  Result<std::unique_ptr<File>, DiskError> open(const std::string& path) override;
  bool exists(const std::string& path) const override;
  Result<void, DiskError> remove(const std::string& path) override;
  Result<void, DiskError> rename(const std::string& from, const std::string& to) override;
  std::vector<std::string> list(const std::string& directory) const override;

 private:
  class Handle;

  std::string under_root(const std::string& path) const;
  // Makes the names in `directory` durable, and the name of that directory in its own, up to the root.
  Result<void, DiskError> flush_names(const std::string& directory) const;

  std::string root_;
  int lock_ = -1;  // a descriptor
};

}  // namespace acklab::storage

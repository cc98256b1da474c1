// All that a node may know of a disk. Synchronous calls, as in a thread-per-core broker. Bytes have three depths:
//
//   written   survives a kill of the process; lost, torn or kept by a power loss
//   flushed   survives a power loss
//   gone
//
// There is a real disk (real_disk.h) and a simulated one (sim_disk.h).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "protocol/result.h"
#include "protocol/wire/slice.h"

namespace acklab::storage {

using protocol::Bytes;
using protocol::Result;
using protocol::Slice;

enum class DiskFault {
  not_found,
  full,
  failed,     // an I/O error; after a failed flush nothing is known about what was written before it
  dead,       // the node was killed during this turn; nothing happens any more
  malformed,  // the bytes were read and are not what should be there; a disk never says so, but those who read from it do
};

struct DiskError {
  DiskFault fault{};
  std::string what;  // for people: "flush orders-0/00000000000000000000.log: Input/output error"
};

// An append-only file. Positions are in bytes.
class File {
 public:
  virtual ~File() = default;  // closes; does not flush

  virtual std::uint64_t size() const = 0;
  // At the end. A failure may leave a part of the bytes.
  virtual Result<void, DiskError> append(const Bytes& bytes) = 0;
  // Up to `length` bytes from `position`; fewer only at the end. The slice stays valid whatever happens to the file.
  virtual Result<Slice, DiskError> read(std::uint64_t position, std::size_t length) const = 0;
  virtual Result<void, DiskError> truncate(std::uint64_t size) = 0;
  // All that was written is durable when this returns, and so is the file's name.
  virtual Result<void, DiskError> flush() = 0;
};

class Disk {
 public:
  virtual ~Disk() = default;

  // Paths are relative, with '/' between parts; missing directories are made.
  virtual Result<std::unique_ptr<File>, DiskError> open(const std::string& path) = 0;  // creates if missing
  virtual bool exists(const std::string& path) const = 0;
  // Durable when it returns. A handle that is open keeps its bytes until it closes.
  virtual Result<void, DiskError> remove(const std::string& path) = 0;
  // Of a file, or of a directory with all that is in it. Replaces `to`, if that is a file. The new name is durable when it returns; the bytes are what flush() made of them, so flush first.
  virtual Result<void, DiskError> rename(const std::string& from, const std::string& to) = 0;
  // The names of files and directories in a directory, sorted; empty if there is no such directory.
  virtual std::vector<std::string> list(const std::string& directory) const = 0;
};

}  // namespace acklab::storage

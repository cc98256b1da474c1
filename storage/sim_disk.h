// A disk in memory, for the simulator and for real sockets without --data-dir.
//
// The contract, which is what a healthy cluster must survive:
//   kill         everything written stays, flushed or not.
//   power loss   everything flushed stays, and the names of flushed files, renames and removals. Of what was done to a file after its
//                last flush, appends and truncations, a prefix drawn from the seed stays: all, nothing, or a part that may end in the
//                middle of an append (a torn write). So bytes may come back that were cut off without a flush. A file that was never
//                flushed may vanish. What the power loss left is durable from then on.
//   death        after kill() or power_loss() every open handle is dead: its calls do nothing and return DiskFault::dead, so that the
//                rest of the dying node's turn has no effect. revive() lets the next incarnation open files again; old handles stay dead.
// Not in the contract: bytes that change, writes that reach the platter out of order within a file, flushes that lie.
//
// A file's bytes live in blocks that are never overwritten, so read() shares them and a slice outlives truncation and death.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "protocol/runtime/random.h"
#include "protocol/runtime/time.h"
#include "storage/disk.h"

namespace acklab::storage {

class SimDisk final : public Disk {
 public:
  // Called with the time that a call takes, so that the simulator can extend the node's turn. May be empty.
  using Spend = std::function<void(protocol::Duration)>;

  struct Costs {
    protocol::Duration flush{0};  // each flush
  };

  explicit SimDisk(protocol::Random random);
  ~SimDisk() override;

  void on_spend(Spend spend, Costs costs);

  // Death and return of the node that owns this disk.
  void kill();
  void power_loss();
  void revive();
  bool dead() const;

  Result<std::unique_ptr<File>, DiskError> open(const std::string& path) override;
  bool exists(const std::string& path) const override;
  Result<void, DiskError> remove(const std::string& path) override;
  Result<void, DiskError> rename(const std::string& from, const std::string& to) override;
  std::vector<std::string> list(const std::string& directory) const override;

 private:
  struct State;
  class Handle;
  std::unique_ptr<State> state_;
};

}  // namespace acklab::storage

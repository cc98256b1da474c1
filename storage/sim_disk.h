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
// A file's bytes live in blocks that are never overwritten, so read() shares them and a slice outlives truncation and death.
//
// Beyond the contract, when somebody breaks the disk:
//   mishap       one call goes wrong: it does nothing, a part or all of what it should, and then fails or kills the node. A torn append
//                leaves a prefix drawn from the seed; what cannot be done by halves is not done.
//   failed flush whatever this flush should have made durable never will be, as under Linux, where the pages count as clean after the
//                error. The bytes can be read until the node dies, in whatever way; from then on there are zeros in their place. A later
//                flush succeeds and means only what was written after the failed one. So a broker that carries on loses data that it
//                believes to be safe (hazard R16).
//   full         appends have so many bytes left, in all files together; the one that needs more leaves what fits. Truncation and
//                removal make room again.
//   slow         every append and flush takes so much longer.
//   bit rot      a bit is flipped. Slices that were handed out before keep the old one.
// mend() ends what lasts; the rot and what a failed flush lost stay. A death ends nothing of it: a full disk is full after a restart.
//
// Never: writes that reach the platter out of order within a file, flushes that lie without an error.
#pragma once

#include <cstdint>
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

  // Faults; see above. Random choices are drawn from a stream of their own, so that they leave the power losses as they were.
  struct Mishap {
    enum class Call { any, append, flush };  // any: all that may fail, also open, read, truncate, remove and rename
    enum class Extent { nothing, part, all };
    Call call = Call::any;
    std::int64_t nth = 1;  // of these calls, from now on
    Extent extent = Extent::nothing;
    std::function<void()> crash{};  // kills the node; empty: the call fails, and the node lives
  };
  void go_wrong(Mishap mishap);
  void fill_up(std::uint64_t room);
  void slow_down(protocol::Duration each_call);
  // Flips one bit among the bytes from `from` up to `to`. False if the file has none there.
  bool rot(const std::string& path, std::uint64_t from, std::uint64_t to);
  void mend();
  std::int64_t calls() const;  // that might have gone wrong, so far

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

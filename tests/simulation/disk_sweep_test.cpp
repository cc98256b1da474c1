// Every call of one broker's disk is once the one that goes wrong, in a cluster of three under load: it fails, is torn, or is the last
// thing that the node or its machine does. What acks=all acknowledged survives it, with min.insync.replicas=2.
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>

#include "storage/sim_disk.h"
#include "tools/lab/experiment.h"

namespace acklab::lab {
namespace {

using protocol::NodeId;
using Extent = storage::SimDisk::Mishap::Extent;

enum class End { fails, kill, power_loss };

struct Way {
  const char* name;
  Extent extent;
  End end;
};

constexpr Way ways[] = {
    {"fails", Extent::nothing, End::fails},
    {"fails torn", Extent::part, End::fails},
    {"fails when it was done", Extent::all, End::fails},
    {"kills before", Extent::nothing, End::kill},
    {"kills torn", Extent::part, End::kill},
    {"kills after", Extent::all, End::kill},
    {"power loss before", Extent::nothing, End::power_loss},
    {"power loss torn", Extent::part, End::power_loss},
    {"power loss after", Extent::all, End::power_loss},
};

// A short life of a cluster: load, a failover, rolls, flushes and checkpoints. Returns how many calls broker 1's disk had; the n-th goes
// wrong.
std::int64_t live(const Way& way, std::int64_t n) {
  Experiment lab(WorldKind::sim, {.brokers = 3,
                                  .seed = static_cast<std::uint64_t>(n),
                                  .set = {{"broker.session.timeout.ms", "1500"},
                                          {"broker.heartbeat.interval.ms", "300"},
                                          {"replica.high.watermark.checkpoint.interval.ms", "100"}}});
  lab.create_topic("orders", {.partitions = 2,
                              .replicas = 3,
                              .set = {{"min.insync.replicas", "2"}, {"segment.bytes", "1500"}, {"flush.messages", "10"}}});
  const NodeId node = NodeId::broker({1});
  storage::SimDisk& disk = lab.cluster().disk(node);
  std::function<void()> crash;
  if (way.end == End::kill) crash = [&] { lab.world().kill(node); };
  if (way.end == End::power_loss) crash = [&] { lab.world().power_off(node); };
  const std::int64_t before = disk.calls();
  disk.go_wrong({.nth = n, .extent = way.extent, .crash = crash});

  lab.produce("orders", {.records = 100, .rate = 100, .set = {{"acks", "all"}, {"linger.ms", "5"}}});
  lab.run_for(std::chrono::milliseconds(400));
  lab.kill("leader:orders-0");
  lab.run_for(std::chrono::milliseconds(400));
  lab.restart("killed");
  lab.run_for(std::chrono::seconds(2));
  const std::int64_t calls = disk.calls() - before;
  const Verdict verdict = lab.check();

  EXPECT_EQ(verdict.records.sent, 100);
  EXPECT_TRUE(verdict.findings.empty()) << verdict.findings.front().detail << "\n" << verdict.story();
  EXPECT_TRUE(verdict.settled);
  EXPECT_TRUE(verdict.at_rest);
  return calls;
}

TEST(DiskSweep, WhicheverCallOfABrokersDiskGoesWrongAcknowledgedRecordsSurvive) {
  constexpr std::int64_t runs_of_a_way = 40;
  const std::int64_t calls = live({"never", Extent::nothing, End::fails}, INT64_MAX);
  ASSERT_GT(calls, 100);

  for (const Way& way : ways) {
    // Others for each way, so that all of them together leave few out.
    const std::int64_t first = 1 + (&way - ways);
    for (std::int64_t n = first; n <= calls; n += calls / runs_of_a_way) {
      SCOPED_TRACE(std::string(way.name) + ", call " + std::to_string(n));
      live(way, n);
      if (HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace acklab::lab

// A cluster over real sockets that dies a thousand times in one process, and leaves nothing behind.
#include <gtest/gtest.h>
#include <malloc.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <iterator>

#include "tools/lab/experiment.h"

namespace acklab::lab {
namespace {

using protocol::NodeId;

struct Holdings {
  std::ptrdiff_t threads = 0;
  std::ptrdiff_t descriptors = 0;
  std::size_t heap_bytes = 0;
};

std::ptrdiff_t entries_of(const char* folder) {
  return std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
}

Holdings holdings() { return {entries_of("/proc/self/task"), entries_of("/proc/self/fd"), mallinfo2().uordblks}; }

constexpr protocol::Duration patience = std::chrono::seconds(60);
constexpr int cycles = 1000;
constexpr int warm_up = 200;
// The journal keeps some entries of every life, and a map grows by a node now and then. A log, a session or a buffer left behind is larger.
constexpr std::size_t growth_per_cycle = 4096;

TEST(Endurance, AThousandKillsAndRestartsLeaveNoThreadNoSocketAndNoMemoryBehind) {
  const Holdings outside = holdings();
  {
    Experiment lab(WorldKind::tcp,
                   {.brokers = 3, .set = {{"broker.session.timeout.ms", "500"}, {"broker.heartbeat.interval.ms", "100"}}});
    lab.create_topic("orders", {.set = {{"min.insync.replicas", "1"}}});
    const auto cycle = [&](int number) {
      const NodeId broker = NodeId::broker({number % 3});
      lab.cluster().kill(broker);
      lab.cluster().restart(broker);
    };
    const auto reached = [&](const std::function<bool()>& done) {
      return lab.world().run_until(done, lab.world().now() + patience);
    };
    const auto all_are_back = [&] { return lab.faults().view().usable_brokers().size() == 3; };
    for (int i = 0; i < warm_up; ++i) cycle(i);
    ASSERT_TRUE(reached(all_are_back));
    static_cast<void>(lab.world().journal());
    const Holdings before = holdings();

    for (int i = 0; i < cycles; ++i) cycle(i);
    ASSERT_TRUE(reached(all_are_back));
    static_cast<void>(lab.world().journal());

    // What was closed a moment ago lingers in the kernel for a while.
    EXPECT_TRUE(reached([&] { return holdings().descriptors <= before.descriptors; })) << holdings().descriptors;
    const Holdings after = holdings();
    EXPECT_EQ(after.threads, before.threads);
    EXPECT_LE(after.heap_bytes, before.heap_bytes + cycles * growth_per_cycle);
    lab.produce("orders", {.records = 100, .set = {{"acks", "all"}}});
    EXPECT_EQ(lab.check().records.acked, 100) << "and it still works";
  }
  EXPECT_EQ(entries_of("/proc/self/task"), outside.threads);
  EXPECT_EQ(entries_of("/proc/self/fd"), outside.descriptors);
}

}  // namespace
}  // namespace acklab::lab

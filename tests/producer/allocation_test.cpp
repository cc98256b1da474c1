// What a record costs in allocations: none, once a producer has sent batches like it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <string>

#include "tests/producer/scripted_broker.h"

namespace {
std::int64_t allocations = 0;
}

// std::stable_sort asks here and gives back below. Under the sanitizers this one would not come to the other by itself.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace acklab::producer {
namespace {

using namespace std::chrono_literals;

// An application that sends many records at once.
struct Application : protocol::Process {
  Application(protocol::Runtime& the_runtime, const protocol::Address& broker)
      : runtime(the_runtime),
        producer(the_runtime, {broker}, ProducerConfig::from({{"linger.ms", "1000"}, {"batch.size", "1000000"}}).value()) {}

  // Counts the allocations of the sends, and those between the first callback and the last.
  void send(int records) {
    ProducerRecordView record;
    record.topic = "orders";
    record.value = value;
    told = 0;
    const std::int64_t before = allocations;
    for (int i = 0; i < records; ++i) {
      producer.send_at(runtime.now(), record, [this](const Outcome&) {
        if (told++ == 0) at_first_callback = allocations;
        at_last_callback = allocations;
      });
    }
    while_sending = allocations - before;
  }

  protocol::Runtime& runtime;
  Producer producer;
  const std::string value = std::string(100, 'v');
  int told = 0;
  std::int64_t while_sending = 0;
  std::int64_t at_first_callback = 0;
  std::int64_t at_last_callback = 0;
};

TEST(Allocations, ARecordOnTheCallbackPathCostsNone) {
  constexpr int records = 5000;  // in one batch
  // What a batch costs: its buffers, its timers.
  constexpr std::int64_t for_a_batch = 20;
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  Application& application = cluster.start_client<Application>();
  for (int warm_up = 0; warm_up < 3; ++warm_up) {
    cluster.world.ask(ScriptedCluster::client, [&] { application.send(records); });
    ASSERT_TRUE(cluster.world.run_until([&] { return application.told == records; }, cluster.world.now() + 10s));
  }

  EXPECT_GT(application.while_sending, 0);  // the counter counts
  EXPECT_LE(application.while_sending, for_a_batch);
  EXPECT_EQ(application.at_last_callback - application.at_first_callback, 0);
}

}  // namespace
}  // namespace acklab::producer

// Lessons with the stepper. What they print stands in producer/STEPPER.md, and is compared with it here; ACKLAB_UPDATE_GOLDEN=1 on
// this test writes it anew.
#include "tools/lab/stepper.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/paths.h"

namespace acklab::lab {
namespace {

using namespace std::chrono_literals;
using protocol::Direction;
using protocol::Event;
using protocol::NodeId;

constexpr NodeId broker = NodeId::broker({0});

std::string told(const Stepper& stepper, const std::vector<Step>& steps) {
  std::string text;
  for (const Step& step : steps) text += stepper.tell(step);
  return text;
}

// Three records become one batch.
std::string a_batch() {
  Stepper stepper({.set = {{"linger.ms", "20"}}});
  for (const char* value : {"one", "two", "three"}) stepper.send(value);
  return told(stepper, stepper.run_until(Event::acked));
}

// The connection breaks while the request is on its way.
std::string a_retry() {
  Stepper stepper({.set = {{"linger.ms", "0"}}});
  stepper.send("one");
  std::string text = told(stepper, stepper.run_until(Event::sent));
  stepper.experiment().world().reset(Stepper::node, broker);
  return text + told(stepper, stepper.run_until(Event::acked));
}

// A batch comes to an end unknown, and what follows needs a new epoch.
std::string a_bump() {
  Stepper stepper({.set = {{"linger.ms", "0"}, {"request.timeout.ms", "1000"}, {"delivery.timeout.ms", "1500"}}});
  stepper.send("first");
  std::string text = told(stepper, stepper.run_until(Event::acked));
  stepper.experiment().world().cut(Stepper::node, broker, Direction::both);
  stepper.send("lost");
  text += told(stepper, stepper.run_until(Event::unknown));
  stepper.experiment().world().heal(Stepper::node, broker, Direction::both);
  stepper.send("next");
  return text + told(stepper, stepper.run_until(Event::acked));
}

TEST(Stepper, ItsPageShowsWhatTheLessonsPrint) {
  const std::string path = std::string(tests::source_dir) + "/producer/STEPPER.md";
  std::stringstream file;
  file << std::ifstream(path).rdbuf();
  const std::string page = file.str();

  std::string expected;
  std::size_t at = 0;
  for (const std::string& text : {a_batch(), a_retry(), a_bump()}) {
    const std::string fence = "```text\n";
    const std::size_t begin = page.find(fence, at);
    ASSERT_NE(begin, std::string::npos) << "a block is missing in " << path;
    expected += page.substr(at, begin + fence.size() - at) + text;
    at = page.find("```\n", begin + fence.size());
  }
  expected += page.substr(at);
  if (std::getenv("ACKLAB_UPDATE_GOLDEN")) std::ofstream(path) << expected;
  EXPECT_EQ(page, expected);
}

TEST(Stepper, ShowsWhyEachBatchWaits) {
  Stepper stepper({.set = {{"linger.ms", "20"}, {"batch.size", "250"}}});
  EXPECT_TRUE(stepper.insides().partitions.empty());

  for (int i = 0; i < 3; ++i) stepper.send(std::string(120, 'v'));
  EXPECT_EQ(stepper.insides().waiting_records, 3u);
  stepper.run_until(Event::batched);
  const producer::ProducerView view = stepper.insides();

  ASSERT_EQ(view.partitions.size(), 1u);
  const auto& batches = view.partitions[0].batches;
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_EQ(batches[0].waits_for, producer::WaitsFor::producer_id);
  EXPECT_EQ(batches[1].waits_for, producer::WaitsFor::batch_before_it);
  EXPECT_EQ(batches[0].state, producer::BatchView::State::sealed);
  EXPECT_EQ(batches[2].state, producer::BatchView::State::open);
  EXPECT_EQ(view.memory_used, 3 * 250u);
  while (stepper.step(10s)) {
  }
  EXPECT_EQ(stepper.outcomes().size(), 3u);
  EXPECT_EQ(stepper.insides().memory_used, 0u);
  EXPECT_FALSE(stepper.step(1s));
}

}  // namespace
}  // namespace acklab::lab

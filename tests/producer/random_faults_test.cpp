// Any configuration, any faults: what must hold of a producer's word all the same. The brokers share one log of each partition, so the
// log is the truth to compare with; what an unclean election cut off is remembered.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "protocol/runtime/random.h"
#include "tests/producer/scripted_broker.h"

namespace acklab::producer {
namespace {

using namespace std::chrono_literals;
using protocol::Direction;
using protocol::ErrorCode;
using protocol::NodeId;
using protocol::Random;

constexpr int brokers = 3;
constexpr int partitions = 3;
constexpr int records = 120;

std::string one_of(Random& random, std::initializer_list<const char*> choices) {
  return std::data(choices)[random.below(choices.size())];
}

Settings random_settings(Random& random) {
  Settings settings;
  settings["acks"] = one_of(random, {"0", "1", "all", "all", "all"});
  settings["enable.idempotence"] = settings["acks"] == "all" ? one_of(random, {"true", "true", "false"}) : "false";
  settings["max.in.flight.requests.per.connection"] = one_of(random, {"1", "2", "5"});
  settings["retries"] = one_of(random, {"1", "3", "2147483647"});
  settings["linger.ms"] = one_of(random, {"0", "1", "5"});
  settings["batch.size"] = one_of(random, {"1", "200", "16384"});
  settings["buffer.memory"] = one_of(random, {"1000", "33554432"});
  settings["max.request.size"] = one_of(random, {"500", "1048576"});
  settings["request.timeout.ms"] = one_of(random, {"100", "500"});
  settings["delivery.timeout.ms"] = one_of(random, {"1000", "4000"});
  settings["max.block.ms"] = one_of(random, {"500", "5000"});
  settings["retry.backoff.ms"] = one_of(random, {"0", "10", "100"});
  settings["retry.backoff.max.ms"] = "200";
  settings["reconnect.backoff.ms"] = one_of(random, {"0", "50"});
  settings["reconnect.backoff.max.ms"] = "200";
  return settings;
}

Reaction random_reaction(Random& random) {
  switch (random.below(12)) {
    case 0:
      return refuse(ErrorCode::not_enough_replicas);
    case 1:
      return refuse(ErrorCode::invalid_record);
    case 2:
      return append_but_answer(ErrorCode::request_timed_out);
    case 3:
      return append_but_answer(ErrorCode::not_enough_replicas_after_append);
    case 4:
      return append_but_answer(ErrorCode::unknown_server_error);
    case 5:
      return close_before_append();
    case 6:
      return close_after_append();
    case 7:
      return silence_after_append();
    case 8:
      return {.delay = protocol::Duration(random.between(0, 300'000'000))};
    default:
      return {};
  }
}

// Returns the records that the fault took out of a log.
std::vector<std::string> random_fault(ScriptedCluster& cluster, Random& random) {
  const int broker = static_cast<int>(random.below(brokers));
  const auto node = NodeId::broker({broker});
  const auto other = static_cast<int>(random.below(brokers));
  const auto partition = static_cast<std::int32_t>(random.below(partitions));
  const Direction direction = random.one_in(2) ? Direction::both : Direction::forward;
  switch (random.below(8)) {
    case 0:
      if (cluster.world.alive(node)) cluster.kill_broker(broker);
      break;
    case 1:
      if (!cluster.world.alive(node)) cluster.start_broker(broker);
      break;
    case 2:
      cluster.world.cut(node, ScriptedCluster::client, direction);
      break;
    case 3:
      cluster.world.stall(ScriptedCluster::client, node, direction);
      break;
    case 4:
      cluster.world.reset(node, ScriptedCluster::client);
      break;
    case 5:
      for (int b = 0; b < brokers; ++b) cluster.world.heal(NodeId::broker({b}), ScriptedCluster::client, Direction::both);
      break;
    case 6: {
      const std::size_t batches = random.below(4);
      cluster.elect("orders", partition, other);
      return cluster.truncate("orders", partition, batches);
    }
    default:
      cluster.elect("orders", partition, other);
  }
  return {};
}

struct Ordeal {
  explicit Ordeal(std::uint64_t seed) : random(seed), settings(random_settings(random)), cluster(brokers, seed) {
    cluster.add_topic("orders", partitions);
    cluster.configure(settings);
    // How much goes wrong is drawn too: a run in which nothing works shows little.
    const std::uint64_t calm = 1 + random.below(10);
    cluster.state.script = [this, calm](const SeenBatch&) { return random.one_in(calm) ? random_reaction(random) : Reaction{}; };
    for (int i = 0; i < records; ++i) {
      const std::optional<std::int32_t> partition =
          random.one_in(2) ? std::optional(static_cast<std::int32_t>(random.below(partitions))) : std::nullopt;
      cluster.send({.topic = "orders", .partition = partition, .key = {}, .value = std::to_string(i), .headers = {}});
      if (random.one_in(3)) cluster.run_for(protocol::Duration(random.between(0, 20'000'000)));
      if (!random.one_in(10 * calm)) continue;
      const std::vector<std::string> gone = random_fault(cluster, random);
      cut_off.insert(gone.begin(), gone.end());
    }
    all_told = cluster.run_until_all_told(60s);
    // What is still on its way arrives.
    for (int b = 0; b < brokers; ++b) cluster.world.heal(NodeId::broker({b}), ScriptedCluster::client, Direction::both);
    cluster.run_for(60s);
  }

  bool idempotent() const { return settings.at("enable.idempotence") == "true"; }
  std::string story() const {
    std::string text;
    for (const auto& [key, value] : settings) text += key + "=" + value + " ";
    return text;
  }

  Random random;
  Settings settings;
  ScriptedCluster cluster;
  std::set<std::string> cut_off;
  bool all_told = false;
};

class RandomFaults : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomFaults, EveryRecordGetsExactlyOneOutcomeAndItIsTrue) {
  constexpr std::uint64_t seeds = 100;
  for (std::uint64_t seed = GetParam() * seeds; seed < (GetParam() + 1) * seeds; ++seed) {
    Ordeal run(seed);
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + run.story());
    ASSERT_TRUE(run.all_told);
    ASSERT_EQ(run.cluster.producer().undelivered(), 0u);

    std::map<std::string, int> copies;
    for (int p = 0; p < partitions; ++p) {
      int last = -1;
      for (const std::string& value : run.cluster.partition("orders", p).values) {
        ++copies[value];
        if (!run.idempotent()) continue;
        ASSERT_EQ(copies[value], 1) << "record " << value << " is in the log twice";
        ASSERT_LT(last, std::stoi(value)) << "out of order";
        last = std::stoi(value);
      }
    }
    for (int i = 0; i < records; ++i) {
      const Told& told = run.cluster.told[static_cast<std::size_t>(i)];
      const Outcome& outcome = told.outcome;
      const std::string value = std::to_string(i);
      ASSERT_EQ(told.times, 1) << value;
      switch (outcome.kind) {
        case Outcome::Kind::acked:
          if (run.cut_off.contains(value)) break;
          ASSERT_EQ(run.cluster.partition("orders", outcome.partition).values.at(static_cast<std::size_t>(outcome.offset.value)),
                    value);
          break;
        case Outcome::Kind::failed:
          ASSERT_EQ(copies[value] + static_cast<int>(run.cut_off.count(value)), 0)
              << value << " was reported failed: " << name(outcome.code);
          break;
        case Outcome::Kind::unanswered:
          ASSERT_EQ(run.settings.at("acks"), "0");
          break;
        case Outcome::Kind::unknown:
          break;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomFaults, testing::Range<std::uint64_t>(0, 4));

TEST(Determinism, TheSameSeedIsTheSameRun) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    EXPECT_EQ(Ordeal(seed).cluster.world.journal().trace_hash(), Ordeal(seed).cluster.world.journal().trace_hash()) << seed;
  }
}

}  // namespace
}  // namespace acklab::producer

// A swarm: random clusters, topics, producers and faults, each a scenario drawn from a seed and judged against its own promise. A seed that fails
// prints its scenario and the command that replays it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "protocol/runtime/random.h"
#include "tools/lab/experiment.h"
#include "tools/lab/promise.h"
#include "tools/lab/scenario.h"

namespace acklab::lab {
namespace {

using protocol::Random;

// What a family of scenarios may draw from.
struct Family {
  std::string_view name;
  std::vector<std::string_view> node_faults;
  bool links = false;
  bool requests = false;
  bool elections = false;       // by an operator's command
  bool disks = false;           // disks that fail, are full or slow, and clocks that leap
  bool patience = false;        // faults that only take time: slow links, delayed requests, answers kept back
  std::string_view producer;    // settings that every producer has
  int min_insync_replicas = 0;  // 0: drawn
  int faults_at_most = 6;
};

// Draws the text of a scenario file.
class Draw {
 public:
  Draw(const Family& family, std::uint64_t seed) : family_(family), random_(Random::stream(seed, "swarm", 0)), seed_(seed) {}

  std::string scenario() {
    brokers_ = number(3, 5);
    topics_ = number(1, 2);
    text_ = fmt::format("name = \"swarm-{}-{}\"\n[cluster]\nbrokers = {}\n", family_.name, seed_, brokers_);
    add_cluster_settings();
    for (int i = 0; i < topics_; ++i) add_topic(i);
    producers_ = number(1, 2);
    for (int i = 0; i < producers_; ++i) add_producer();
    const int faults = number(1, family_.faults_at_most);
    for (int i = 0; i < faults; ++i) add_fault(i);
    text_ += fmt::format("[run]\nfor = \"{}ms\"\n[expect]\nverdict = \"stall-ok\"\n", number(1000, 8000));
    return text_;
  }

 private:
  int number(int low, int high) { return static_cast<int>(random_.between(low, high)); }
  bool one_in(std::uint64_t n) { return random_.one_in(n); }
  template <class T>
  const T& one_of(const std::vector<T>& all) {
    return all[random_.below(all.size())];
  }

  void add_cluster_settings() {
    const int session = number(500, 3000);
    text_ +=
        fmt::format("set = {{ \"broker.session.timeout.ms\" = {}, \"broker.heartbeat.interval.ms\" = {}", session, session / 5);
    text_ += fmt::format(", \"replica.lag.time.max.ms\" = {}", number(300, 4000));
    if (one_in(3)) text_ += fmt::format(", \"replica.fetch.wait.max.ms\" = {}", number(5, 500));
    if (one_in(3)) text_ += fmt::format(", \"replica.fetch.max.bytes\" = {}", number(100, 5000));
    if (one_in(4)) text_ += fmt::format(", \"replica.high.watermark.checkpoint.interval.ms\" = {}", number(10, 500));
    text_ += " }\n";
  }

  void add_topic(int index) {
    const int replicas = one_in(4) ? number(1, brokers_) : 3;
    const int min_insync = family_.min_insync_replicas > 0 ? family_.min_insync_replicas : number(1, 3);
    partitions_.push_back(number(1, 4));
    text_ += fmt::format("[[topic]]\nname = \"t{}\"\npartitions = {}\nreplicas = {}\nset = {{ min.insync.replicas = {}", index,
                         partitions_.back(), std::max(replicas, family_.min_insync_replicas), min_insync);
    if (one_in(3)) text_ += fmt::format(", segment.bytes = {}", number(2000, 20000));
    if (one_in(4)) text_ += fmt::format(", flush.messages = {}", one_in(2) ? 1 : number(2, 100));
    text_ += " }\n";
  }

  void add_producer() {
    text_ += fmt::format("[[producer]]\ntopic = \"t{}\"\n", number(0, topics_ - 1));
    text_ += fmt::format("records = {}\n", number(20, 600));
    if (!one_in(5)) text_ += fmt::format("rate = {}\n", number(50, 1500));
    const int request_timeout = number(200, 3000);
    text_ += fmt::format("set = {{ linger.ms = {}, request.timeout.ms = {}", number(0, 20), request_timeout);
    text_ += fmt::format(", delivery.timeout.ms = {}", request_timeout + number(20, 15000));
    if (one_in(2)) text_ += fmt::format(", batch.size = {}", number(200, 4000));
    text_ += fmt::format(", max.in.flight.requests.per.connection = {}", number(1, 5));
    if (one_in(4)) text_ += fmt::format(", metadata.max.age.ms = {}", number(100, 3000));
    if (!family_.producer.empty()) {
      text_ += fmt::format(", {}", family_.producer);
    } else {
      const std::string acks = one_of<std::string>({"0", "1", "all", "all"});
      text_ += fmt::format(", acks = \"{}\"", acks);
      const bool idempotent = acks == "all" && one_in(2);
      text_ += fmt::format(", enable.idempotence = {}", idempotent);
      if (!idempotent && one_in(5)) text_ += fmt::format(", retries = {}", number(0, 3));
    }
    text_ += " }\n";
  }

  std::string partition() {
    const int topic = number(0, topics_ - 1);
    return fmt::format("t{}-{}", topic, number(0, partitions_[static_cast<std::size_t>(topic)] - 1));
  }
  std::string broker() { return one_in(2) ? fmt::format("broker:{}", number(0, brokers_ - 1)) : "leader:" + partition(); }
  std::string node() {
    if (one_in(6)) return "controller";
    return broker();
  }
  std::string link_end() {
    if (one_in(5)) return "controller";
    if (one_in(4)) return fmt::format("client:producer-{}", number(0, producers_ - 1));
    return broker();
  }

  void add_when(int index) {
    text_ += "when = { ";
    if (index > 0 && one_in(2)) text_ += fmt::format("after = \"f{}\", ", number(0, index - 1));
    if (one_in(3)) {
      text_ += fmt::format("delay = \"{}us\" }}\n", number(1, 3'000'000));
      return;
    }
    const std::string event = one_of<std::string>({"appended", "replicated", "high-watermark", "answered", "sent", "isr-changed",
                                                   "elected", "led", "truncated", "retried"});
    text_ += fmt::format("event = \"{}\", batches = {}", event, one_in(2) ? number(1, 3) : number(1, 200));
    if (one_in(2)) text_ += fmt::format(", delay = \"{}us\"", number(1, one_in(2) ? 2'000 : 2'000'000));
    text_ += " }\n";
  }

  void add_fault(int index) {
    text_ += fmt::format("[[fault]]\nid = \"f{}\"\nfires = \"sometimes\"\n", index);
    add_when(index);
    if (family_.elections && one_in(6)) return add_election();
    if (family_.disks && !one_in(3)) return add_disk_fault(index);
    const int kinds = 1 + (family_.links ? 1 : 0) + (family_.requests ? 1 : 0);
    const int kind = number(0, kinds - 1);
    if (kind == 0) {
      add_node_fault(index);
    } else if (kind == 1 && family_.links) {
      add_link_fault(index);
    } else {
      add_request_fault();
    }
  }

  void add_node_fault(int index) {
    const std::string_view verb = one_of(family_.node_faults);
    text_ += fmt::format("do = \"{}\"\ntarget = \"{}\"\n", verb, verb == "controlled-shutdown" ? broker() : node());
    if (one_in(3)) return;
    text_ += fmt::format("[[fault]]\nid = \"r{}\"\nfires = \"sometimes\"\n", index);
    const bool paused = verb == "pause";
    text_ += fmt::format("when = {{ after = \"f{}\", delay = \"{}ms\" }}\ndo = \"{}\"\ntarget = \"{}\"\n", index, number(1, 4000),
                         paused ? "resume" : "restart", paused ? "paused" : "killed");
  }

  void add_disk_fault(int index) {
    const std::string verb = one_of<std::string>({"fail-flush", "fail-flush", "tear", "disk-full", "slow-disk", "clock-jump"});
    text_ += fmt::format("do = \"{}\"\ntarget = \"{}\"\n", verb, one_in(5) ? "all" : node());
    if (verb == "disk-full") text_ += fmt::format("room = {}\n", number(0, 5000));
    if (verb == "slow-disk") text_ += fmt::format("by = \"{}ms\"\n", number(1, 200));
    if (verb == "clock-jump") text_ += fmt::format("by = \"{}{}s\"\n", one_in(2) ? "-" : "", number(1, 86'400));
    if (one_in(3)) return;
    text_ += fmt::format(
        "[[fault]]\nid = \"m{}\"\nfires = \"sometimes\"\nwhen = {{ after = \"f{}\", delay = \"{}ms\" }}\ndo = \"mend-disk\"\n"
        "target = \"{}\"\n",
        index, index, number(1, 4000), one_in(2) ? "all" : "killed");
    text_ += fmt::format("[[fault]]\nid = \"r{}\"\nfires = \"sometimes\"\nwhen = {{ after = \"f{}\", delay = \"{}ms\" }}\n",
                         index, index, number(1, 4000));
    text_ += "do = \"restart\"\ntarget = \"killed\"\n";
  }

  void add_election() {
    text_ += fmt::format("do = \"{}\"\ntarget = \"partition:{}\"\n", one_in(2) ? "preferred-election" : "unclean-election",
                         partition());
  }

  void add_link_fault(int index) {
    const bool slow = family_.patience && one_in(3);
    const std::string verb = slow ? "slow" : one_of<std::string>({"cut", "stall", "reset"});
    const bool around = one_in(3);
    const std::string from = around ? "leader:" + partition() : link_end();
    const std::string to = around ? "all" : link_end();
    text_ += fmt::format("do = \"{}\"\nfrom = \"{}\"\nto = \"{}\"\n", verb, from, to);
    if (verb == "reset") return;
    if (slow) text_ += fmt::format("latency = \"{}ms\"\nbandwidth = {}\n", number(0, 500), number(1'000, 10'000'000));
    if (one_in(3)) text_ += "one-way = true\n";
    if (one_in(3)) return;
    text_ += fmt::format("[[fault]]\nid = \"h{}\"\nfires = \"sometimes\"\n", index);
    text_ += fmt::format("when = {{ after = \"f{}\", delay = \"{}ms\" }}\ndo = \"heal\"\n", index, number(1, 5000));
  }

  void add_request_fault() {
    if (family_.patience && one_in(3)) {
      text_ +=
          fmt::format("do = \"{}\"\nrequest = {{ api = \"{}\", nth = {} }}\nby = \"{}ms\"\n", one_in(2) ? "delay" : "hold-answer",
                      one_of<std::string>({"Produce", "Produce", "Fetch", "Metadata"}), number(1, 30), number(1, 4000));
      return;
    }
    const std::string verb = one_of<std::string>({"error-on-nth", "drop-before-apply", "drop-after-append", "drop-answer"});
    const std::string api = verb == "drop-after-append"
                                ? "Produce"
                                : one_of<std::string>({"Produce", "Produce", "Produce", "Fetch", "Metadata", "InitProducerId"});
    text_ +=
        fmt::format("do = \"{}\"\nrequest = {{ api = \"{}\", nth = {}, times = {} }}\n", verb, api, number(1, 30), number(1, 4));
    if (verb == "error-on-nth") {
      text_ += fmt::format(
          "code = \"{}\"\n",
          one_of<std::string>({"NOT_LEADER_OR_FOLLOWER", "REQUEST_TIMED_OUT", "UNKNOWN_SERVER_ERROR", "NOT_ENOUGH_REPLICAS",
                               "KAFKA_STORAGE_ERROR", "UNKNOWN_TOPIC_OR_PARTITION", "CORRUPT_MESSAGE"}));
    }
  }

  const Family& family_;
  Random random_;
  std::uint64_t seed_;
  int brokers_ = 0;
  int topics_ = 0;
  int producers_ = 0;
  std::vector<int> partitions_;
  std::string text_;
};

std::uint64_t environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

Verdict run_without_judging(const Scenario& scenario, std::uint64_t seed) {
  Experiment lab(WorldKind::sim, {.brokers = scenario.brokers, .seed = seed, .set = scenario.set});
  for (const ScenarioTopic& topic : scenario.topics) {
    lab.create_topic(topic.name, {.partitions = topic.partitions, .replicas = topic.replicas, .set = topic.set});
  }
  lab.plan(scenario.faults);
  for (const ScenarioProducer& producer : scenario.producers) {
    lab.produce(producer.topic, {.records = static_cast<int>(producer.records), .rate = producer.rate, .set = producer.set});
  }
  lab.run_for(scenario.run_for);
  return lab.check();
}

// ACKLAB_SWARM_SEED=N runs that seed alone and prints its scenario; ACKLAB_SWARM_SEEDS=N runs so many.
void expect_promises_kept(const Family& family, std::uint64_t seeds = 250) {
  const bool one_seed = std::getenv("ACKLAB_SWARM_SEED") != nullptr;
  const std::uint64_t first = environment("ACKLAB_SWARM_SEED", 1);
  const std::uint64_t count = one_seed ? 1 : environment("ACKLAB_SWARM_SEEDS", seeds);
  std::uint64_t rejected = 0;
  std::uint64_t struck = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const std::string toml = Draw(family, seed).scenario();
    if (one_seed) fmt::print("{}", toml);
    const auto scenario = parse_scenario(toml, "swarm");
    if (!scenario) {  // as for a link from a node to itself
      ++rejected;
      continue;
    }
    SCOPED_TRACE(fmt::format("replay: ACKLAB_SWARM_SEED={} build/release/tests/test_simulation --gtest_filter={}.{}", seed,
                             testing::UnitTest::GetInstance()->current_test_info()->test_suite_name(),
                             testing::UnitTest::GetInstance()->current_test_info()->name()));

    const Verdict verdict = run_without_judging(*scenario, seed);

    const Promise promised = promise(*scenario, protocol::newest_era());
    for (const Anomaly anomaly : verdict.anomalies()) {
      if (!promised.may_show.contains(anomaly)) ADD_FAILURE() << name(anomaly) << " is not permitted\n" << verdict.story();
    }
    EXPECT_TRUE(verdict.settled) << "a send has no outcome";
    EXPECT_TRUE(verdict.at_rest) << "the cluster has not come to rest";
    struck +=
        std::any_of(verdict.faults.begin(), verdict.faults.end(), [](const FaultCount& one) { return one.fired > 0; }) ? 1 : 0;
  }
  EXPECT_LE(rejected, count / 4);
  if (!one_seed) {
    EXPECT_GE(struck, count / 4) << "a swarm whose faults do not fire proves nothing";
  }
}

TEST(Swarm, WithAcksAllKillsAloneLoseNothing) {
  expect_promises_kept({.name = "kills", .node_faults = {"kill"}, .producer = "acks = \"all\"", .min_insync_replicas = 2});
}

TEST(Swarm, WithTwoInSyncReplicasAtLeastOnePowerLossLosesNothing) {
  expect_promises_kept({.name = "one-power-loss",
                        .node_faults = {"power-loss"},
                        .producer = "acks = \"all\"",
                        .min_insync_replicas = 2,
                        .faults_at_most = 1});
}

TEST(Swarm, AnIdempotentProducerNeitherDuplicatesNorReordersWhateverHappens) {
  expect_promises_kept({.name = "idempotence",
                        .node_faults = {"kill", "power-loss"},
                        .links = true,
                        .requests = true,
                        .producer = "acks = \"all\", enable.idempotence = true"});
}

TEST(Swarm, NoRunWithPausesElectionsAndDelaysShowsMoreThanItsPromisePermits) {
  expect_promises_kept({.name = "live",
                        .node_faults = {"kill", "pause", "pause", "controlled-shutdown"},
                        .links = true,
                        .requests = true,
                        .elections = true,
                        .patience = true,
                        .producer = ""});
}

TEST(Swarm, NoRunWithBrokenDisksAndLeapingClocksShowsMoreThanItsPromisePermits) {
  expect_promises_kept({.name = "disks", .node_faults = {"kill", "power-loss"}, .disks = true, .producer = ""});
}

TEST(Swarm, NoRunShowsMoreThanItsPromisePermits) {
  expect_promises_kept({.name = "all", .node_faults = {"kill", "power-loss"}, .links = true, .requests = true, .producer = ""});
}

}  // namespace
}  // namespace acklab::lab

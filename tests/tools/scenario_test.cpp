#include "tools/lab/scenario.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace acklab::lab {
namespace {

using broker::Fires;
using broker::Target;
using broker::Verb;
using protocol::Event;
using std::chrono::milliseconds;
using std::chrono::seconds;

Scenario parsed(const std::string& toml, const std::vector<std::string>& overrides = {}) {
  auto scenario = parse_scenario(toml, "test.toml", overrides);
  EXPECT_TRUE(scenario.has_value()) << (scenario ? "" : scenario.error());
  return scenario ? *std::move(scenario) : Scenario{};
}

std::string error_of(const std::string& toml, const std::vector<std::string>& overrides = {}) {
  const auto scenario = parse_scenario(toml, "test.toml", overrides);
  return scenario ? "no error" : scenario.error();
}

TEST(ScenarioFile, EveryKeyArrivesWhereItBelongs) {
  const Scenario scenario = parsed(R"(
name = "everything"
hazard = "A2"
story = "All keys at once."

[cluster]
brokers = 5
set = { "broker.session.timeout.ms" = 1500, auto.create.topics.enable = false }

[[topic]]
name = "orders"
partitions = 4
replicas = 2
set = { "min.insync.replicas" = "2" }

[[topic]]
name = "bills"

[[producer]]
topic = "bills"
set = { acks = "1", "linger.ms" = 5, "enable.idempotence" = false, "client.id" = "till" }
records = 42
rate = 12.5

[[producer]]
topic = "orders"
lines = "orders.jsonl"

[[fault]]
id = "stall"
when = { event = "appended", at = "leader:orders-3", records = 400, batches = 2, delay = "1.5s" }
do = "stall"
target = { from = "leader:orders-3", to = "followers:orders-3" }
one-way = true
fires = "sometimes"

[[fault]]
when = { after = "stall" }
do = "error-on-nth"
target = "leader:orders-3"
request = { api = "Produce", partition = "orders-3", client = "till", nth = 3, times = 2 }
code = "NOT_ENOUGH_REPLICAS"
fires = { before = "0.11" }

[[fault]]
id = "cut"
do = "cut"
from = "broker:4"
to = "controller"

[run]
for = "1m"

[expect]
verdict = "dup-ok"
must = ["duplicate", "nonmonotonic-send"]

[[expect.era]]
before = "0.11"
verdict = "violation"
must = ["lost-write"]
)");

  EXPECT_EQ(scenario.name, "everything");
  EXPECT_EQ(scenario.hazard, "A2");
  EXPECT_EQ(scenario.story, "All keys at once.");
  EXPECT_EQ(scenario.brokers, 5);
  EXPECT_EQ(scenario.set, (Settings{{"auto.create.topics.enable", "false"}, {"broker.session.timeout.ms", "1500"}}));
  ASSERT_EQ(scenario.topics.size(), 2U);
  EXPECT_EQ(scenario.topics[0].partitions, 4);
  EXPECT_EQ(scenario.topics[0].replicas, 2);
  EXPECT_EQ(scenario.topics[0].set, (Settings{{"min.insync.replicas", "2"}}));
  EXPECT_EQ(scenario.topics[1].partitions, 1);
  EXPECT_EQ(scenario.topics[1].replicas, 3);
  ASSERT_EQ(scenario.producers.size(), 2U);
  EXPECT_EQ(scenario.producers[0].topic, "bills");
  EXPECT_EQ(scenario.producers[0].set.at("linger.ms"), "5");
  EXPECT_EQ(scenario.producers[0].set.at("enable.idempotence"), "false");
  EXPECT_EQ(scenario.producers[0].records, 42);
  EXPECT_EQ(scenario.producers[0].rate, 12.5);
  EXPECT_EQ(scenario.producers[1].lines_file, "orders.jsonl");
  EXPECT_EQ(scenario.producers[1].records, 0);
  EXPECT_EQ(scenario.producers[1].rate, 0);
  EXPECT_EQ(client_id(scenario, 0), "till");
  EXPECT_EQ(client_id(scenario, 1), "producer-1");

  ASSERT_EQ(scenario.faults.size(), 3U);
  const broker::Fault& stall = scenario.faults[0];
  EXPECT_EQ(stall.id, "stall");
  EXPECT_EQ(stall.when.event, Event::appended);
  EXPECT_EQ(stall.when.at, *Target::parse("leader:orders-3"));
  EXPECT_EQ(stall.when.records, 400);
  EXPECT_EQ(stall.when.batches, 2);
  EXPECT_EQ(stall.when.delay, milliseconds(1500));
  EXPECT_EQ(stall.verb, Verb::stall);
  EXPECT_EQ(stall.link.from, *Target::parse("leader:orders-3"));
  EXPECT_EQ(stall.link.to, *Target::parse("followers:orders-3"));
  EXPECT_TRUE(stall.link.one_way);
  EXPECT_EQ(stall.fires, Fires::sometimes);
  const broker::Fault& refuse = scenario.faults[1];
  EXPECT_EQ(refuse.id, "fault-2");
  EXPECT_EQ(refuse.when.after, "stall");
  EXPECT_EQ(refuse.verb, Verb::error_on_nth);
  EXPECT_EQ(refuse.target, *Target::parse("leader:orders-3"));
  EXPECT_EQ(refuse.request.api_key, 0);
  EXPECT_EQ(refuse.request.partition, (protocol::TopicPartition{"orders", 3}));
  EXPECT_EQ(refuse.request.client, "till");
  EXPECT_EQ(refuse.request.nth, 3);
  EXPECT_EQ(refuse.request.times, 2);
  EXPECT_EQ(refuse.code, protocol::ErrorCode::not_enough_replicas);
  EXPECT_EQ(refuse.fires_before, "0.11");
  EXPECT_EQ(scenario.faults[2].link.from, *Target::parse("broker:4"));
  EXPECT_EQ(scenario.faults[2].link.to, *Target::parse("controller"));

  EXPECT_EQ(scenario.run_for, seconds(60));
  EXPECT_EQ(scenario.expect, Expectation::dup_ok);
  EXPECT_EQ(scenario.must, (std::set{Anomaly::duplicate, Anomaly::nonmonotonic_send}));
  ASSERT_EQ(scenario.eras.size(), 1U);
  EXPECT_EQ(scenario.eras[0].expect, Expectation::violation);
  EXPECT_EQ(scenario.eras[0].must, std::set{Anomaly::lost_write});
}

TEST(ScenarioFile, WhatIsLeftOutHasItsDefault) {
  const Scenario scenario = parsed("name = 'small'\n[cluster]\nbrokers = 2\n[[topic]]\nname = 'orders'\n[[producer]]\n");

  EXPECT_EQ(scenario.topics[0].replicas, 2);  // three, but no more than brokers
  EXPECT_EQ(scenario.producers[0].topic, "orders");
  EXPECT_EQ(scenario.producers[0].records, 1000);
  EXPECT_EQ(scenario.run_for, seconds(20));
  EXPECT_EQ(scenario.expect, Expectation::safe);
}

// ---- Mistakes

// The lines of a scenario that is right; a case adds one mistake behind them.
const std::string base = R"(name = "base"
[cluster]
brokers = 3
[[topic]]
name = "orders"
[[producer]]
)";

struct Mistake {
  std::string toml;
  std::string error;
};

TEST(ScenarioFile, AMistakeIsOneLineThatSaysWhereWhatAndHowToMend) {
  const Mistake cases[] = {
      // The document.
      {"", "test.toml:1:1: a scenario has no name; write it as in name = \"acks1-leader-kill\""},
      {"name = \"x\"\n\"a\\nb\" = 3", "test.toml:2:1: unknown key \"a b\" in a scenario; did you mean \"name\"?"},
      {"name = 3", "test.toml:1:8: name must be text, but is a whole number; write it as in name = \"...\", in quotation marks"},
      {"name = ''", "test.toml:1:8: a name is one line, and not empty; write it as in name = \"acks1-leader-kill\""},
      {"name = 'x'\nclutser = 3", "test.toml:2:1: unknown key \"clutser\" in a scenario; did you mean \"cluster\"?"},
      {"name = 'x'\ntopic = { name = 'orders' }",
       "test.toml:2:9: topic must be a list, but is a table; write it as in topic = [...]"},
      // The cluster.
      {"name = 'x'\n[cluster]\nbroker = 3", "test.toml:3:1: unknown key \"broker\" in [cluster]; did you mean \"brokers\"?"},
      {"name = 'x'\n[cluster]\nbrokers = 0", "test.toml:3:11: brokers = 0 is out of range; choose from 1 to 64"},
      {"name = 'x'\n[cluster]\nbrokers = 'three'",
       "test.toml:3:11: brokers must be a whole number, but is text; write it as in brokers = 3"},
      {"name = 'x'\n[cluster]\nset = { \"broker.sesion.timeout.ms\" = 5 }",
       "test.toml:3:38: unknown key \"broker.sesion.timeout.ms\": did you mean \"broker.session.timeout.ms\"?"},
      {"name = 'x'\n[cluster]\nset = { num.partitions = 1, fetch.max.bytes = 7 }",
       "test.toml:3:47: fetch.max.bytes: 7 is outside 1024 to 2147483647"},
      {"name = 'x'\n[cluster]\nset = { num.partitions = [1] }",
       "test.toml:3:26: num.partitions cannot be a list; write text, a number, true or false"},
      {"name = 'x'\n[cluster]\nset = 'num.partitions=1'",
       "test.toml:3:7: set must be a table, but is text; write it as in set = { \"KEY\" = VALUE }"},
      // Topics.
      {"name = 'x'\n[[topic]]\npartitions = 3", "test.toml:2:1: [[topic]] has no name; write it as in name = \"orders\""},
      {base + "[[topic]]\nname = 'orders'", "test.toml:8:8: two topics are named \"orders\"; rename one"},
      {base + "[[topic]]\nname = 'b'\nreplicas = 4",
       "test.toml:9:12: 4 replicas need as many brokers, and the cluster has 3; lower replicas or raise brokers"},
      {base + "[[topic]]\nname = 'b'\npartitions = 0", "test.toml:9:14: partitions = 0 is out of range; choose from 1 to 10000"},
      {base + "[[topic]]\nname = 'b'\nset = { min.insync.replica = 2 }",
       "test.toml:9:30: unknown key \"min.insync.replica\": did you mean \"min.insync.replicas\"?"},
      // Producers.
      {"name = 'x'\n[[producer]]", "test.toml:2:1: a producer needs a topic; declare one with [[topic]]"},
      {base + "records = 0", "test.toml:7:11: records = 0 is out of range; choose from 1 to 10000000"},
      {base + "topic = 'order'", "test.toml:7:9: no topic \"order\" is declared; did you mean \"orders\"?"},
      {base + "rate = 0",
       "test.toml:7:8: rate = 0 is out of range; write records per second, or leave rate out for as fast as possible"},
      {base + "rate = 'fast'", "test.toml:7:8: rate must be a number, but is text; write it as in rate = 500"},
      {base + "lines = ''", "test.toml:7:9: lines names no file; write it as in lines = \"orders.jsonl\""},
      {base + "set = { akcs = 1 }", "test.toml:7:16: \"akcs\" is no producer setting; did you mean \"acks\"?"},
      {base + "set = { linger.ms = 1, acks = 2 }", "test.toml:7:31: acks = \"2\": it takes 0, 1 or all (-1 means all)"},
      {base + "set = { acks = 1, enable.idempotence = true }",
       "test.toml:7:7: enable.idempotence=true needs acks=all: change that, or set enable.idempotence=false"},
      {base + "[[producer]]\nset = { client.id = 'producer-0' }",
       "test.toml:7:1: two producers are the client \"producer-0\"; give one another client.id"},
      {base + "[[topic]]\nname = 'bills'",
       "test.toml:6:1: there are 2 topics, and the producer does not say which; write it as in topic = \"orders\""},
      // The run and the expectation.
      {base + "[run]\nfor = 20",
       "test.toml:8:7: for must be a time with its unit, but is a whole number; write it as in for = \"5s\""},
      {base + "[run]\nfor = '20 s'",
       "test.toml:8:7: for = \"20 s\" is no time up to a day; write a number and us, ms, s, m or h, as in \"300ms\""},
      {base + "[run]\nfor = '25h'",
       "test.toml:8:7: for = \"25h\" is no time up to a day; write a number and us, ms, s, m or h, as in \"300ms\""},
      {base + "[run]\nfor = '0s'", "test.toml:8:7: a run needs time; write it as in for = \"20s\""},
      {base + "[expect]\nmust = []", "test.toml:7:1: [expect] has no verdict; write it as in verdict = \"safe\""},
      {base + "[expect]\nverdict = 'los-ok'", "test.toml:8:11: there is no verdict \"los-ok\"; did you mean \"loss-ok\"?"},
      {base + "[expect]\nverdict = 'safe'\nmust = ['lost-writes']",
       "test.toml:9:9: there is no anomaly \"lost-writes\"; did you mean \"lost-write\"?"},
      {base + "[expect]\nverdict = 'safe'\n[[expect.era]]\nbefore = '2.2'\nverdict = 'safe'",
       "test.toml:10:10: no rule changed with Kafka \"2.2\"; eras begin with 0.11, 1.0, 2.0, 2.1, 2.4, 2.5, 2.7, 3.0, 3.0.1, "
       "3.1, "
       "3.1.1, "
       "3.5, 3.7, 4.0, 4.1"},
      {base + "[expect]\nverdict = 'safe'\nera = [{ before = '2.0', verdict = 'safe' }, { before = '0.11', verdict = 'safe' }]",
       "test.toml:9:57: this entry is never used, since the one above holds before 2.0; put older eras first"},
  };

  for (const Mistake& mistake : cases) EXPECT_EQ(error_of(mistake.toml), mistake.error) << mistake.toml;
}

TEST(ScenarioFile, AFaultThatCouldNeverFireIsAMistake) {
  const Mistake cases[] = {
      {"do = 'kil'\ntarget = 'broker:0'", "8:6: nothing can do \"kil\"; did you mean \"kill\"?"},
      {"target = 'broker:0'", "7:1: [[fault]] fault-1 has no do; write it as in do = \"kill\""},
      {"id = ''\ndo = 'kill'", "8:6: an id is empty; name the fault, or leave id out"},
      {"id = 'k'\ndo = 'kill'\ntagret = 'broker:0'", "10:1: unknown key \"tagret\" in [[fault]] k; did you mean \"target\"?"},
      // Targets.
      {"do = 'kill'", "7:1: [[fault]] fault-1 has no target; write it as in target = \"leader:orders-0\""},
      {"do = 'kill'\ntarget = 'broker:3'", "9:10: there is no broker:3; the cluster has broker:0 to broker:2"},
      {"do = 'kill'\ntarget = 'leader:order-0'", "9:10: no topic \"order\" is declared; did you mean \"orders\"?"},
      {"do = 'kill'\ntarget = 'leader:orders-1'",
       "9:10: there is no partition orders-1; orders has 1, so choose from orders-0 to orders-0"},
      {"do = 'kill'\ntarget = 'client:producer-1'",
       "9:10: no producer is the client \"producer-1\"; did you mean \"producer-0\"?"},
      {"do = 'kill'\ntarget = 'everybody'",
       "9:10: unknown target \"everybody\": one of broker:ID, controller, leader:TOPIC-PARTITION, followers:TOPIC-PARTITION, "
       "client:ID, "
       "partition:TOPIC-PARTITION, killed, paused or all"},
      {"do = 'kill'\ntarget = { from = 'broker:0', to = 'broker:1' }",
       "9:10: kill strikes nodes; write target = \"leader:orders-0\""},
      {"do = 'kill'\ntarget = 'killed'", "9:10: kill of what is dead already does nothing; name living nodes"},
      {"do = 'restart'\ntarget = 'client:producer-0'",
       "9:10: a producer does not come back; restart a broker, the controller or \"killed\""},
      // Disks and clocks.
      {"do = 'disk-full'\ntarget = 'client:producer-0'",
       "9:10: disk-full strikes the disk of a broker or the controller; write target = \"leader:orders-0\""},
      {"do = 'corrupt'\ntarget = 'broker:0'",
       "9:10: corrupt strikes the log of a partition; write target = \"leader:orders-0\" or \"followers:orders-0\""},
      {"do = 'slow-disk'\ntarget = 'broker:0'", "7:1: [[fault]] fault-1 has no by; write it as in by = \"20ms\""},
      {"do = 'tear'\ntarget = 'broker:0'\nroom = 5", "10:8: tear has no use for room, which is for disk-full; leave it out"},
      {"do = 'disk-full'\ntarget = 'broker:0'\nroom = -1", "10:8: room = -1 is out of range; choose from 0 to 1000000000000"},
      {"do = 'clock-jump'\ntarget = 'broker:0'", "7:1: [[fault]] fault-1 has no by; write it as in by = \"1h\", or \"-1h\""},
      {"do = 'clock-jump'\ntarget = 'broker:0'\nby = '-1'",
       "10:6: by = \"-1\" is no time up to a day; write a number and us, ms, s, m or h, as in \"300ms\""},
      // Links.
      {"do = 'cut'", "7:1: cut strikes a link, which has two ends; write from and to"},
      {"do = 'cut'\ntarget = 'broker:0'",
       "9:10: cut strikes a link, which has two ends; write target = { from = \"broker:0\", to = \"...\" }"},
      {"do = 'cut'\ntarget = { from = 'broker:0' }",
       "9:10: the target of [[fault]] fault-1 has no to; write it as in to = \"followers:orders-0\""},
      {"do = 'cut'\ntarget = { from = 'broker:0', to = 'broker:1' }\nto = 'broker:2'",
       "9:10: a link is given twice; write either target, or from and to"},
      {"do = 'cut'\nfrom = 'broker:0'\nto = 'broker:0'", "10:6: no link leads from broker:0 to itself; name two nodes"},
      {"do = 'reset'\nfrom = 'broker:0'\nto = 'broker:1'\none-way = true",
       "11:11: a connection is reset for both its ends; leave one-way out"},
      {"do = 'cut'\nfrom = 'broker:0'\nto = 'broker:1'\none-way = 'yes'",
       "11:11: one-way must be true or false, but is text; write it as in one-way = true"},
      {"do = 'kill'\ntarget = 'broker:0'\none-way = true",
       "10:11: kill has no use for one-way, which is for links; leave it out"},
      // Requests.
      {"do = 'error-on-nth'", "7:1: [[fault]] fault-1 has no code; write it as in code = \"NOT_ENOUGH_REPLICAS\""},
      {"do = 'error-on-nth'\ncode = 'NOT_ENOUGH_REPLICA'",
       "9:8: \"NOT_ENOUGH_REPLICA\" is no error code of Kafka; did you mean \"NOT_ENOUGH_REPLICAS\"?"},
      {"do = 'error-on-nth'\ncode = 'NONE'", "9:8: \"NONE\" is no error code of Kafka; did you mean \"NOT_CONTROLLER\"?"},
      {"do = 'drop-answer'\ncode = 'CORRUPT_MESSAGE'",
       "9:8: drop-answer has no use for code, which is for error-on-nth; leave it out"},
      {"do = 'drop-answer'\ntarget = 'controller'",
       "9:10: drop-answer meets requests at brokers, not at controller; write target = \"leader:orders-0\""},
      {"do = 'drop-answer'\nrequest = { api = 'Prduce' }", "9:19: brokers answer no API \"Prduce\"; did you mean \"Produce\"?"},
      {"do = 'drop-answer'\nrequest = { api = 99 }",
       "9:19: brokers answer no API with the key 99; name one of Produce, Fetch, ListOffsets, Metadata, FindCoordinator, "
       "ApiVersions, "
       "CreateTopics, "
       "DeleteTopics, DeleteRecords, InitProducerId, OffsetForLeaderEpoch, DescribeConfigs, AlterConfigs, DescribeLogDirs, "
       "CreatePartitions, ElectLeaders, IncrementalAlterConfigs"},
      {"do = 'drop-after-append'\nrequest = { api = 'Fetch' }", "9:19: only Produce appends; leave api out, or use drop-answer"},
      {"do = 'drop-answer'\nrequest = { nth = 0 }", "9:19: nth = 0 is out of range; choose from 1 to 1000000000"},
      {"do = 'drop-answer'\nrequest = { partition = 'orders' }",
       "9:25: a partition is named as topic-number; write it as in partition = \"orders-0\""},
      {"do = 'drop-answer'\nrequest = { client = 'till' }",
       "9:22: no producer is the client \"till\"; did you mean \"producer-0\"?"},
      {"do = 'kill'\ntarget = 'broker:0'\nrequest = { nth = 1 }",
       "10:11: kill has no use for request, which is for faults at dispatch; leave it out"},
      // Triggers.
      {"do = 'heal'\nwhen = { event = 'apended' }", "9:18: there is no event \"apended\"; did you mean \"appended\"?"},
      {"do = 'heal'\nwhen = { records = 5 }", "9:20: records needs an event; write it as in event = \"appended\""},
      {"do = 'heal'\nwhen = { event = 'read' }", "9:18: \"read\" is noted when all faults are over; choose an earlier event"},
      {"do = 'heal'\nwhen = { event = 'fault-fired' }",
       "9:18: \"fault-fired\" does not say which fault; name it, as in after = \"ID\""},
      {"do = 'heal'\nwhen = { event = 'elected', records = 5 }",
       "9:39: \"elected\" counts no records; use batches for the n-th such event"},
      {"do = 'heal'\nwhen = { event = 'elected', at = 'leader:orders-0' }",
       "9:34: \"elected\" is never noted at leader:orders-0; write it as in at = \"controller\", or leave at out"},
      {"do = 'heal'\nwhen = { event = 'killed', at = 'leader:orders-0' }",
       "9:33: \"killed\" is never noted at leader:orders-0; write it as in at = \"broker:0\", or leave at out"},
      {"do = 'heal'\nwhen = { event = 'sent', at = 'leader:orders-0' }",
       "9:31: \"sent\" is never noted at leader:orders-0; write it as in at = \"client:producer-0\", or leave at out"},
      {"do = 'heal'\nwhen = { delay = '-1s' }",
       "9:18: delay = \"-1s\" is no time up to a day; write a number and us, ms, s, m or h, as in \"300ms\""},
      {"do = 'heal'\nfires = 'never'",
       "9:9: fires = \"never\" says nothing; write \"always\", \"sometimes\" or { before = \"0.11\" }"},
      // Order.
      {"id = 'a'\ndo = 'heal'\n[[fault]]\nid = 'a'\ndo = 'heal'", "11:6: two faults have the id \"a\"; rename one"},
      {"do = 'heal'\nwhen = { after = 'b' }", "9:18: no fault has the id \"b\"; there is no other fault to wait for"},
      {"id = 'kill'\ndo = 'heal'\n[[fault]]\ndo = 'heal'\nwhen = { after = 'kil' }",
       "12:18: no fault has the id \"kil\"; did you mean \"kill\"?"},
      {"id = 'a'\ndo = 'heal'\nwhen = { after = 'a' }",
       "10:18: a waits for itself; let one fault of the circle wait for an event"},
      {"id = 'a'\ndo = 'heal'\nwhen = { after = 'b' }\n[[fault]]\nid = 'b'\ndo = 'heal'\nwhen = { after = 'a' }",
       "10:18: a waits for itself; let one fault of the circle wait for an event"},
  };

  for (const Mistake& mistake : cases) {
    EXPECT_EQ(error_of(base + "[[fault]]\n" + mistake.toml), "test.toml:" + mistake.error) << mistake.toml;
  }
}

TEST(ScenarioFile, WhatIsNotTomlIsShownAtItsPlace) {
  const std::string error = error_of("name = base");

  EXPECT_TRUE(error.starts_with("test.toml:1:8: this is not TOML (")) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos);
}

// Cuts a whole file at every byte, and puts every byte wrong.
TEST(ScenarioFile, DamageIsNeverMoreThanOneLine) {
  const std::string whole = base + R"(set = { acks = "1", linger.ms = 5 }
records = 10
[[fault]]
id = "stall"
when = { event = "appended", at = "leader:orders-0", records = 400, delay = "5ms" }
do = "stall"
target = { from = "leader:orders-0", to = "followers:orders-0" }
fires = { before = "0.11" }
[[fault]]
do = "error-on-nth"
when = { after = "stall" }
request = { api = 0, nth = 2 }
code = "NOT_ENOUGH_REPLICAS"
[run]
for = "5s"
[expect]
verdict = "loss-ok"
must = ["lost-write"]
)";
  ASSERT_EQ(error_of(whole), "no error");

  for (std::size_t at = 0; at < whole.size(); ++at) {
    EXPECT_EQ(error_of(whole.substr(0, at)).find('\n'), std::string::npos);
    for (const char wrong :
         {'\0', '\n', '\x01', '\x7f', '\xff', '"', '\'', '\\', '[', ']', '{', '=', '.', '-', '0', '9', 'e', '#'}) {
      std::string damaged = whole;
      damaged[at] = wrong;
      EXPECT_EQ(error_of(damaged).find('\n'), std::string::npos) << damaged;
    }
  }
}

TEST(ScenarioFile, ATopicOfOneReplicaHasNoFollowersToStrike) {
  const std::string error = error_of(base + "[[fault]]\ndo = 'kill'\ntarget = 'followers:orders-0'", {"topic.0.replicas=1"});

  EXPECT_EQ(error, "test.toml:9:10: orders has one replica, so nobody follows; raise its replicas");
}

// ---- Overrides

TEST(Overrides, ReachEveryKindOfKey) {
  const std::string toml = R"(
name = "base"
[[topic]]
name = "orders"
set = { min.insync.replicas = 1 }
[[producer]]
set = { acks = "all", linger.ms = 0 }
[[fault]]
id = "kill-leader"
do = "kill"
target = "leader:orders-0"
[expect]
verdict = "loss-ok"
)";

  const Scenario scenario =
      parsed(toml, {"name=other", "cluster.brokers=5", "cluster.set.broker.session.timeout.ms=1500",
                    "topic.0.set.min.insync.replicas=2", "producer.0.set.acks=1", "producer.0.set.linger.ms=7",
                    "producer.0.records=10", "producer.0.rate=2.5", "fault.kill-leader.do=power-loss",
                    "fault.0.when={ event = \"appended\", records = 3 }", "run.for=5s", "expect.verdict=safe", "expect.must=[]"});

  EXPECT_EQ(scenario.name, "other");
  EXPECT_EQ(scenario.brokers, 5);
  EXPECT_EQ(scenario.set.at("broker.session.timeout.ms"), "1500");
  EXPECT_EQ(scenario.topics[0].set, (Settings{{"min.insync.replicas", "2"}}));
  EXPECT_EQ(scenario.producers[0].set, (Settings{{"acks", "1"}, {"linger.ms", "7"}}));
  EXPECT_EQ(scenario.producers[0].records, 10);
  EXPECT_EQ(scenario.producers[0].rate, 2.5);
  EXPECT_EQ(scenario.faults[0].verb, Verb::power_loss);
  EXPECT_EQ(scenario.faults[0].when.records, 3);
  EXPECT_EQ(scenario.run_for, seconds(5));
  EXPECT_EQ(scenario.expect, Expectation::safe);
}

TEST(Overrides, AMistakeIsBlamedOnTheOverrideNotOnALineOfTheFile) {
  struct Case {
    std::string assignment;
    std::string error;
  };
  const Case cases[] = {
      {"cluster", "no key and value; write path.to.key=value, as in cluster.brokers=5"},
      {"=5", "no key and value; write path.to.key=value, as in cluster.brokers=5"},
      {"cluster..brokers=5", "a part of the path is empty; write it as in cluster.brokers=5"},
      {"clutser.brokers=5", "unknown key \"clutser\" in a scenario; did you mean \"cluster\"?"},
      {"cluster.broker=5", "unknown key \"broker\" in [cluster]; did you mean \"brokers\"?"},
      {"cluster.brokers.x=5", "brokers is a whole number and has no keys; end the path there"},
      {"cluster.brokers=many", "brokers must be a whole number, but is text; write it as in brokers = 3"},
      {"cluster.brokers=65", "brokers = 65 is out of range; choose from 1 to 64"},
      {"producer.1.records=5", "\"1\" is no element of producer, which has 1; count from 0"},
      {"producer.0.set.acks=5", "acks = \"5\": it takes 0, 1 or all (-1 means all)"},
      {"producer.0.set.linger=5", "\"linger\" is no producer setting; did you mean \"linger.ms\"?"},
      {"expect.verdict=saef", "there is no verdict \"saef\"; did you mean \"safe\"?"},
      {"expect.must=[lost-write]", "must must be a list, but is text; write it as in must = [...]"},
  };

  for (const Case& one : cases) {
    const std::string toml = base + "[expect]\nverdict = 'safe'";
    EXPECT_EQ(error_of(toml, {one.assignment}), "--set " + one.assignment + ": " + one.error);
  }
  EXPECT_EQ(error_of(base + "[[fault]]\nid = 'a'\ndo = 'heal'", {"fault.b.do=kill"}),
            "--set fault.b.do=kill: \"b\" is no element of fault, which has 1; count from 0, or write a fault's id");
}

// ---- Eras

TEST(ScenarioEras, TheFirstEntryThatLiesAboveTheEraHolds) {
  const Scenario scenario = parsed(base + R"([expect]
verdict = "safe"
[[expect.era]]
before = "0.11"
verdict = "violation"
must = ["lost-write"]
[[expect.era]]
before = "2.1"
verdict = "loss-ok"
)");
  struct Case {
    const char* version;
    Expectation expected;
  };
  const Case cases[] = {{"0.10", Expectation::violation}, {"0.10.2.1", Expectation::violation}, {"0.11", Expectation::loss_ok},
                        {"2.0.1", Expectation::loss_ok},  {"2.1", Expectation::safe},           {"4.1", Expectation::safe}};

  for (const Case& one : cases) {
    const auto expected = scenario.expected(*protocol::era_of(one.version));

    EXPECT_EQ(expected.expect, one.expected) << one.version;
    EXPECT_EQ(expected.must.contains(Anomaly::lost_write), one.expected == Expectation::violation) << one.version;
  }
}

TEST(ScenarioEras, AFaultThatFiresBeforeAnEraOwesNothingFromItOn) {
  const Scenario scenario = parsed(base + "[[fault]]\ndo = 'heal'\nfires = { before = '2.0' }");

  EXPECT_EQ(duty(scenario.faults[0], *protocol::era_of("1.1")), Fires::always);
  EXPECT_EQ(duty(scenario.faults[0], *protocol::era_of("2.0")), std::nullopt);
  EXPECT_EQ(duty(scenario.faults[0], protocol::newest_era()), std::nullopt);
}

TEST(ExpectationNames, EachIsFoundByItsName) {
  for (int i = 0; i <= static_cast<int>(Expectation::violation); ++i) {
    const auto expectation = static_cast<Expectation>(i);
    EXPECT_EQ(expectation_named(name(expectation)), expectation);
  }
  EXPECT_FALSE(expectation_named("fine").has_value());
}

}  // namespace
}  // namespace acklab::lab

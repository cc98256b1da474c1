#include "tools/lab/promise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace acklab::lab {
namespace {

using testing::Contains;
using testing::HasSubstr;

// One topic "orders" of three replicas, one producer; `more` goes before and behind.
Scenario scenario_of(const std::string& producer_settings, const std::string& fault,
                     const std::vector<std::string>& overrides = {}) {
  std::string toml = "name = 'case'\n[[topic]]\nname = 'orders'\n[[producer]]\nset = { " + producer_settings + " }\n";
  if (!fault.empty()) toml += "[[fault]]\nid = 'f'\n" + fault;
  auto scenario = parse_scenario(toml, "case.toml", overrides);
  EXPECT_TRUE(scenario.has_value()) << (scenario ? "" : scenario.error());
  return scenario ? *std::move(scenario) : Scenario{};
}

// "loss duplicate reorder unanswered", of those that may be shown; "-" for none.
std::string may_show(const Scenario& scenario, const protocol::Era& era = protocol::newest_era()) {
  std::string words;
  const Promise promised = promise(scenario, era);
  for (const auto& [anomaly, word] :
       {std::pair{Anomaly::lost_write, "loss"}, std::pair{Anomaly::duplicate, "duplicate"},
        std::pair{Anomaly::nonmonotonic_send, "reorder"}, std::pair{Anomaly::unanswered_loss, "unanswered"}}) {
    if (promised.may_show.contains(anomaly)) words += (words.empty() ? "" : " ") + std::string(word);
  }
  return words.empty() ? "-" : words;
}

const std::string fail_flush = "do = 'fail-flush'\ntarget = 'leader:orders-0'";
const std::string fill_disk = "do = 'disk-full'\ntarget = 'leader:orders-0'";
const std::string tear = "do = 'tear'\ntarget = 'leader:orders-0'";
const std::string slow_disk = "do = 'slow-disk'\ntarget = 'leader:orders-0'\nby = '50ms'";
const std::string rot_leader = "do = 'corrupt'\ntarget = 'leader:orders-0'";
const std::string none = "";
const std::string kill_leader = "do = 'kill'\ntarget = 'leader:orders-0'";
const std::string kill_followers = "do = 'kill'\ntarget = 'followers:orders-0'";
const std::string kill_any = "do = 'kill'\ntarget = 'broker:1'";
const std::string kill_controller = "do = 'kill'\ntarget = 'controller'";
const std::string kill_client = "do = 'kill'\ntarget = 'client:producer-0'";
const std::string power_leader = "do = 'power-loss'\ntarget = 'leader:orders-0'";
const std::string power_followers = "do = 'power-loss'\ntarget = 'followers:orders-0'";
const std::string power_all = "do = 'power-loss'\ntarget = 'all'";
const std::string restart = "do = 'restart'\ntarget = 'killed'";
const std::string stall_replication = "do = 'stall'\nfrom = 'leader:orders-0'\nto = 'followers:orders-0'";
const std::string cut_controller = "do = 'cut'\nfrom = 'leader:orders-0'\nto = 'controller'";
const std::string cut_client = "do = 'cut'\nfrom = 'client:producer-0'\nto = 'leader:orders-0'";
const std::string reset_client = "do = 'reset'\nfrom = 'leader:orders-0'\nto = 'client:producer-0'";
const std::string heal = "do = 'heal'";
const std::string drop_answer = "do = 'drop-answer'\ntarget = 'leader:orders-0'";
const std::string drop_after_append = "do = 'drop-after-append'";
const std::string drop_before_apply = "do = 'drop-before-apply'";
const std::string drop_metadata = "do = 'drop-answer'\nrequest = { api = 'Metadata' }";
const std::string refuse = "do = 'error-on-nth'\ncode = 'NOT_ENOUGH_REPLICAS'";
const std::string refuse_fetch = "do = 'error-on-nth'\ncode = 'UNKNOWN_SERVER_ERROR'\nrequest = { api = 'Fetch' }";

TEST(Promise, WhatEachAcksModePermitsUnderEachFault) {
  const std::string plain = ", enable.idempotence = false";
  struct Row {
    std::string fault;
    std::string acks_0, acks_1, acks_all, idempotent;
  };
  // clang-format off
  const Row table[] = {
      //                  acks=0                acks=1                    acks=all             idempotence
      {none,              "unanswered",         "-",                      "-",                 "-"},
      {kill_leader,       "reorder unanswered", "loss duplicate reorder", "duplicate reorder", "-"},
      {kill_followers,    "unanswered",         "-",                      "duplicate reorder", "-"},
      {kill_any,          "reorder unanswered", "loss duplicate reorder", "duplicate reorder", "-"},
      {kill_controller,   "reorder unanswered", "loss reorder",           "duplicate reorder", "-"},
      {kill_client,       "unanswered",         "-",                      "-",                 "-"},
      {restart,           "unanswered",         "-",                      "-",                 "-"},
      {stall_replication, "unanswered",         "-",                      "duplicate reorder", "-"},
      {cut_controller,    "reorder unanswered", "loss reorder",           "duplicate reorder", "-"},
      {cut_client,        "reorder unanswered", "duplicate reorder",      "duplicate reorder", "-"},
      {reset_client,      "reorder unanswered", "duplicate reorder",      "duplicate reorder", "-"},
      {heal,              "unanswered",         "-",                      "-",                 "-"},
      {drop_answer,       "reorder unanswered", "duplicate reorder",      "duplicate reorder", "-"},
      {drop_after_append, "reorder unanswered", "duplicate reorder",      "duplicate reorder", "-"},
      {drop_before_apply, "reorder unanswered", "duplicate reorder",      "duplicate reorder", "-"},
      {drop_metadata,     "reorder unanswered", "duplicate reorder",      "duplicate reorder", "-"},
      {refuse,            "unanswered",         "reorder",                "reorder",           "-"},
      {refuse_fetch,      "unanswered",         "-",                      "duplicate reorder", "-"},
      {fill_disk,         "reorder unanswered", "loss duplicate reorder", "duplicate reorder", "-"},
      {tear,              "reorder unanswered", "loss duplicate reorder", "duplicate reorder", "-"},
      {slow_disk,         "reorder unanswered", "loss duplicate reorder", "duplicate reorder", "-"},
  };
  // clang-format on

  for (const Row& row : table) {
    EXPECT_EQ(may_show(scenario_of("acks = 0" + plain, row.fault)), row.acks_0) << row.fault;
    EXPECT_EQ(may_show(scenario_of("acks = 1" + plain, row.fault)), row.acks_1) << row.fault;
    EXPECT_EQ(may_show(scenario_of("acks = 'all'" + plain, row.fault)), row.acks_all) << row.fault;
    EXPECT_EQ(may_show(scenario_of("acks = 'all', enable.idempotence = true", row.fault)), row.idempotent) << row.fault;
  }
}

TEST(Promise, AcksAllSurvivesFewerThanMinInsyncReplicasThatLoseData) {
  const std::string power_0 = "do = 'power-loss'\ntarget = 'broker:0'";
  const std::string power_0_twice = power_0 + "\n[[fault]]\ndo = 'power-loss'\ntarget = 'broker:0'";
  const std::string power_0_and_1 = power_0 + "\n[[fault]]\ndo = 'power-loss'\ntarget = 'broker:1'";
  struct Row {
    std::string fault;
    bool loss_at_1, loss_at_2, loss_at_3;  // by min.insync.replicas
  };
  const Row table[] = {
      {kill_leader, false, false, false},   {kill_any, false, false, false},     {power_leader, true, false, false},
      {power_0, true, false, false},        {power_0_twice, true, false, false}, {power_0_and_1, true, true, false},
      {power_followers, true, true, false}, {power_all, true, true, true},
  };

  for (const Row& row : table) {
    const auto loses = [&](const std::string& minimum) {
      return may_show(scenario_of("acks = 'all'", row.fault, {"topic.0.set.min.insync.replicas=" + minimum})) == "loss";
    };
    EXPECT_EQ(loses("1"), row.loss_at_1) << row.fault;
    EXPECT_EQ(loses("2"), row.loss_at_2) << row.fault;
    EXPECT_EQ(loses("3"), row.loss_at_3) << row.fault;
    EXPECT_EQ(loses("7"), row.loss_at_3) << "no more can be asked for than there are replicas; " << row.fault;
  }
}

TEST(Promise, TheLastReplicaInSyncMayLoseWhatAcksAllPromised) {
  const auto loses = [](const std::string& first) {
    return may_show(scenario_of("acks = 'all'", first + "\n[[fault]]\n" + power_leader, {"topic.0.set.min.insync.replicas=2"})) ==
           "loss";
  };

  EXPECT_TRUE(loses(kill_followers));     // the leader stands alone
  EXPECT_TRUE(loses(stall_replication));  // so it does when nobody can follow
  EXPECT_TRUE(loses(kill_controller));    // when it is back, it may fence anybody
  EXPECT_TRUE(loses(refuse_fetch));
  EXPECT_FALSE(loses(kill_leader));  // one of three is left
  EXPECT_FALSE(loses(cut_client));
}

TEST(Promise, AProducerWithoutPatienceSendsAgainWhatIsAppended) {
  const std::string producer = "acks = 'all', enable.idempotence = false, request.timeout.ms = ";

  EXPECT_EQ(may_show(scenario_of(producer + "252", none)), "duplicate reorder");  // the swarm's seed 6896
  EXPECT_EQ(may_show(scenario_of(producer + "2000", none)), "-");
  EXPECT_EQ(may_show(scenario_of(producer + "252", none, {"cluster.set.replica.fetch.backoff.ms=50"})), "-");
  EXPECT_EQ(may_show(scenario_of(producer + "252", none, {"topic.0.replicas=1"})), "-");
}

TEST(Promise, TheClustersMinInsyncReplicasHoldsWhereATopicHasNone) {
  const auto with = [](const std::vector<std::string>& overrides) {
    return may_show(scenario_of("acks = 'all'", power_leader, overrides));
  };

  EXPECT_EQ(with({}), "loss");
  EXPECT_EQ(with({"cluster.set.min.insync.replicas=2"}), "-");
  EXPECT_EQ(with({"cluster.set.min.insync.replicas=2", "topic.0.set.min.insync.replicas=1"}), "loss");
}

TEST(Promise, WhatIsFlushedAtEveryRecordSurvivesPowerLoss) {
  const auto with = [](const std::string& acks, const std::vector<std::string>& overrides) {
    return may_show(scenario_of(acks, power_all, overrides));
  };

  EXPECT_EQ(with("acks = 'all'", {"topic.0.set.flush.messages=1"}), "-");
  EXPECT_EQ(with("acks = 'all'", {"cluster.set.log.flush.interval.messages=1"}), "-");
  EXPECT_EQ(with("acks = 'all'", {"topic.0.set.flush.messages=2"}), "loss");
  EXPECT_EQ(with("acks = 1", {"topic.0.set.flush.messages=1"}), "loss duplicate reorder");  // leadership moves all the same
}

TEST(Promise, AFailedFlushLosesWhatAPowerLossWould) {
  const auto with = [](const std::vector<std::string>& overrides) {
    return may_show(scenario_of("acks = 'all'", fail_flush, overrides));
  };

  EXPECT_EQ(with({}), "loss");
  EXPECT_EQ(with({"topic.0.set.min.insync.replicas=2"}), "-");
  EXPECT_EQ(with({"topic.0.set.flush.messages=1"}), "-") << "nothing was acknowledged before it was flushed";
}

TEST(Promise, WhatRotsMayStayOutOfReachAndNoFlushHelps) {
  const auto shows = [](Anomaly anomaly, const std::vector<std::string>& overrides) {
    return promise(scenario_of("acks = 'all'", rot_leader, overrides), protocol::newest_era()).may_show.contains(anomaly);
  };

  EXPECT_TRUE(shows(Anomaly::unseen, {"topic.0.set.min.insync.replicas=2"}));
  EXPECT_FALSE(shows(Anomaly::corrupted, {"topic.0.set.min.insync.replicas=2"}));
  EXPECT_TRUE(shows(Anomaly::lost_write, {"topic.0.set.flush.messages=1"})) << "the one copy that was asked for";
}

TEST(Promise, AClockThatLeapsFarMakesALeaderForgetAProducer) {
  const auto with = [](const std::string& by) {
    return may_show(
        scenario_of("acks = 'all'", drop_answer + "\n[[fault]]\ndo = 'clock-jump'\ntarget = 'all'\nby = '" + by + "'"));
  };

  EXPECT_EQ(with("20h"), "-");
  EXPECT_EQ(with("24h"), "duplicate reorder");
  EXPECT_EQ(with("-24h"), "duplicate reorder");
}

TEST(Promise, WhatIsLetGoIsPermittedWhereTheTopicSaysSo) {
  const auto goes = [](const std::string& fault, const std::vector<std::string>& overrides) {
    return promise(scenario_of("acks = 'all'", fault, overrides), protocol::newest_era()).may_show.contains(Anomaly::removed);
  };
  const std::string leap = "do = 'clock-jump'\ntarget = 'all'\nby = '20h'";

  EXPECT_FALSE(goes(leap, {}));
  EXPECT_TRUE(goes(leap, {"topic.0.set.retention.ms=36000000"}));
  EXPECT_FALSE(goes("", {"topic.0.set.retention.ms=36000000"}));
  EXPECT_FALSE(goes(leap, {"topic.0.set.retention.ms=-1"}));
  EXPECT_TRUE(goes("", {"topic.0.set.retention.ms=1000"}));
  EXPECT_TRUE(goes("", {"cluster.set.log.retention.bytes=0"}));
  EXPECT_FALSE(goes("", {"topic.0.set.cleanup.policy=compact", "topic.0.set.retention.bytes=0"})) << "no record has a key";
  EXPECT_TRUE(goes("", {"topic.0.set.cleanup.policy=compact", "producer.0.keys=5"}));
}

TEST(Promise, OneReplicaCannotLoseItsLeadershipToAnother) {
  const auto with = [](const std::string& fault) {
    return may_show(
        scenario_of("acks = 1", fault, {"topic.0.replicas=1", "producer.0.set.max.in.flight.requests.per.connection=1"}));
  };

  EXPECT_EQ(with(kill_leader), "duplicate");
  EXPECT_EQ(with(kill_controller), "-");
  EXPECT_EQ(with(power_leader), "loss duplicate");  // but its unflushed tail
}

TEST(Promise, OneRequestInFlightKeepsTheOrderUnlessAnOldConnectionIsOvertaken) {
  const std::string one = ", enable.idempotence = false, max.in.flight.requests.per.connection = 1";
  struct Row {
    std::string fault;
    std::string acks_1, acks_all;
  };
  const Row table[] = {
      {kill_leader, "loss duplicate", "duplicate"},
      {reset_client, "duplicate", "duplicate"},
      {drop_answer, "duplicate", "duplicate"},
      {drop_before_apply, "-", "-"},
      {refuse, "-", "-"},
      {cut_client, "duplicate reorder", "duplicate reorder"},
  };

  for (const Row& row : table) {
    EXPECT_EQ(may_show(scenario_of("acks = 1" + one, row.fault)), row.acks_1) << row.fault;
    EXPECT_EQ(may_show(scenario_of("acks = 'all'" + one, row.fault)), row.acks_all) << row.fault;
  }
}

TEST(Promise, WithoutRetriesNothingIsSentTwice) {
  EXPECT_EQ(may_show(scenario_of("acks = 'all', retries = 0", drop_answer)), "-");
  EXPECT_EQ(may_show(scenario_of("acks = 1, retries = 0", kill_leader)), "loss");
  EXPECT_EQ(may_show(scenario_of("acks = 'all', retries = 0, max.in.flight.requests.per.connection = 1", stall_replication)),
            "-");
  // The first of several requests times out, and those behind it are appended after what came over a new connection.
  EXPECT_EQ(may_show(scenario_of("acks = 'all', retries = 0", stall_replication)), "reorder");
}

TEST(Promise, AFaultOnAnotherClientOrTopicThreatensNobody) {
  const std::string two_producers = R"(
name = "two"
[[topic]]
name = "orders"
[[topic]]
name = "bills"
[[producer]]
topic = "orders"
set = { acks = "1" }
[[producer]]
topic = "bills"
set = { acks = "0" }
[[fault]]
)";
  const auto with = [&](const std::string& fault) { return may_show(*parse_scenario(two_producers + fault, "two.toml")); };

  EXPECT_EQ(with("do = 'drop-answer'\nrequest = { client = 'producer-0' }"), "duplicate reorder unanswered");
  EXPECT_EQ(with("do = 'drop-answer'\nrequest = { partition = 'bills-0' }"), "reorder unanswered");
  EXPECT_EQ(with("do = 'reset'\nfrom = 'client:producer-1'\nto = 'broker:0'"), "reorder unanswered");
  // Whoever leads bills may lead orders too.
  EXPECT_EQ(with("do = 'kill'\ntarget = 'leader:bills-0'"), "loss duplicate reorder unanswered");
}

TEST(Promise, FollowersOfOnePartitionMayLeadAnother) {
  EXPECT_EQ(may_show(scenario_of("acks = 1", kill_followers)), "-");
  EXPECT_EQ(may_show(scenario_of("acks = 1", kill_followers, {"topic.0.partitions=2"})), "loss duplicate reorder");
}

TEST(Promise, AnEraHasItsOwnDefaults) {
  const Scenario defaults = scenario_of("", kill_leader);

  EXPECT_EQ(may_show(defaults, *protocol::era_of("2.7")), "loss duplicate reorder");  // acks=1
  EXPECT_EQ(may_show(defaults, *protocol::era_of("3.0")), "duplicate reorder");       // acks=all, idempotence off by mistake
  EXPECT_EQ(may_show(defaults, *protocol::era_of("4.1")), "-");
}

TEST(Promise, NothingPermitsALie) {
  const Promise worst = promise(scenario_of("acks = 0", power_all), protocol::newest_era());

  for (const Anomaly lie : {Anomaly::g1a, Anomaly::inconsistent_offsets, Anomaly::broken_invariant, Anomaly::unseen}) {
    EXPECT_FALSE(worst.may_show.contains(lie)) << name(lie);
  }
  EXPECT_THAT(worst.promised, Contains("no G1a: never permitted"));
}

// Appended at 30, the answer lost, sent again and acknowledged at 37; then a leader is elected that has 30 and not 37.
TEST(Promise, WhoeverMayLoseOneOfTwoCopiesMayReadARecordElsewhereThanItWasAcknowledged) {
  const auto elsewhere = [](const std::string& producer, const std::string& fault) {
    return promise(scenario_of(producer, fault), protocol::newest_era()).may_show.contains(Anomaly::inconsistent_offsets);
  };

  EXPECT_TRUE(elsewhere("acks = 1", kill_leader));
  EXPECT_FALSE(elsewhere("acks = 1, retries = 0", kill_leader)) << "lost, but never twice";
  EXPECT_FALSE(elsewhere("acks = 1", drop_answer)) << "twice, but never lost";
  EXPECT_FALSE(elsewhere("acks = 'all', enable.idempotence = false", kill_leader)) << "twice, but never lost";
  EXPECT_FALSE(elsewhere("acks = 'all'", kill_leader));
}

TEST(Promise, SaysWhy) {
  const Promise promised =
      promise(scenario_of("acks = 1, max.in.flight.requests.per.connection = 1", kill_leader), protocol::newest_era());

  EXPECT_THAT(promised.reasons, testing::ElementsAre("lost-write: acks=1 and a fault that may move leadership (f)",
                                                     "duplicate: no idempotence and a fault that may lose an answer (f)",
                                                     testing::StartsWith("inconsistent-offsets: a record may be there twice")));
  EXPECT_THAT(promised.promised,
              Contains("no nonmonotonic-send: one request in flight: what is sent again comes before what follows"));
}

// ---- Expectations

std::string refusal(const std::string& producer, const std::string& fault, const std::string& expect) {
  Scenario scenario = scenario_of(producer, fault + "\n[expect]\n" + expect);
  const auto checked = check_expectation(scenario, protocol::newest_era());
  return checked ? "fine" : checked.error();
}

TEST(Expectation, LessThanIsPromisedIsBadInput) {
  EXPECT_EQ(refusal("acks = 'all'", kill_leader, "verdict = 'loss-ok'"),
            "scenario case under the rules of Kafka 4.1: verdict \"loss-ok\" expects less than is promised (no lost-write: "
            "acks=all, and a "
            "record survives while fewer than 1 of 3 replicas lose data; here at most 0 do; no unanswered-loss: every producer "
            "asks for "
            "answers; no removed: what is written stays: neither retention nor compaction comes so soon); expect \"safe\"");
  EXPECT_THAT(refusal("acks = 'all'", drop_answer, "verdict = 'dup-ok'"), HasSubstr("(no duplicate: idempotence"));
  EXPECT_THAT(refusal("acks = 1, max.in.flight.requests.per.connection = 1", kill_leader, "verdict = 'reorder-ok'"),
              HasSubstr("(no nonmonotonic-send: one request in flight"));
  EXPECT_THAT(refusal("acks = 1", kill_leader, "verdict = 'loss-ok'\nmust = ['G1a']"),
              HasSubstr("must names G1a, which is promised not to happen (no G1a: never permitted); leave it out"));
  EXPECT_THAT(refusal("acks = 1", kill_leader, "verdict = 'safe'\nmust = ['lost-write']"),
              HasSubstr("must names lost-write, but the verdict is \"safe\"; leave must out, or expect what may happen"));
}

TEST(Expectation, WhatIsPermittedMayBeExpectedAndSoMayNothing) {
  EXPECT_EQ(refusal("acks = 1", kill_leader, "verdict = 'loss-ok'\nmust = ['lost-write', 'duplicate']"), "fine");
  EXPECT_EQ(refusal("acks = 0", kill_leader, "verdict = 'loss-ok'\nmust = ['unanswered-loss']"), "fine");
  EXPECT_EQ(refusal("acks = 1", drop_answer, "verdict = 'dup-ok'"), "fine");
  EXPECT_EQ(refusal("acks = 1", refuse, "verdict = 'reorder-ok'"), "fine");
  for (const char* verdict : {"safe", "unknown-ok", "stall-ok", "violation"}) {
    EXPECT_EQ(refusal("acks = 1", kill_leader, "verdict = '" + std::string(verdict) + "'"), "fine");
  }
  EXPECT_EQ(refusal("acks = 'all'", kill_leader, "verdict = 'violation'\nmust = ['broken-invariant']"), "fine");
}

TEST(Expectation, SafeAllowsNothingAndViolationEverything) {
  const Promise promised = promise(scenario_of("acks = 1", kill_leader), protocol::newest_era());

  EXPECT_TRUE(allowed(Expectation::safe, promised).empty());
  const auto kept_short = scenario_of("acks = 1", kill_leader, {"topic.0.set.retention.ms=1000"});
  EXPECT_EQ(allowed(Expectation::safe, promise(kept_short, protocol::newest_era())), std::set{Anomaly::removed});
  EXPECT_EQ(allowed(Expectation::dup_ok, promised), promised.may_show);
  EXPECT_TRUE(allowed(Expectation::violation, promised).contains(Anomaly::g1a));
}

}  // namespace
}  // namespace acklab::lab

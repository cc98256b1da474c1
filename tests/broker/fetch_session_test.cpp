// Fetch sessions: the table of what a request means, who makes room for whom, and that a client with a session knows as much as one
// without.
#include "broker/partition/fetch_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace acklab::broker {
namespace {

using namespace std::chrono_literals;
using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::Slice;
using protocol::Time;
using protocol::TopicPartition;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = FetchSessions::Context::Kind;

const TopicPartition a0{"a", 0}, a1{"a", 1}, b0{"b", 0};

constexpr std::int16_t by_name = FetchRequest::last_version_by_name;
constexpr std::int16_t by_id = by_name + 1;
const FetchSessions::TopicNames no_ids;

// What there is to be read of a partition.
struct Model {
  std::int64_t end = 0;
  std::int64_t high_watermark = 0;
  std::int64_t log_start = 0;
  ErrorCode code = ErrorCode::none;
};
using Cluster = std::map<TopicPartition, Model>;

FetchResponse::Partition read(const Cluster& cluster, const FetchSessions::Asked& asked) {
  FetchResponse::Partition answer;
  answer.partition_index = asked.name.partition;
  const Model& model = cluster.at(asked.name);
  answer.error_code = model.code;
  // Who asks outside of the log is told where it is.
  const bool known = model.code == ErrorCode::none || model.code == ErrorCode::offset_out_of_range;
  answer.high_watermark = known ? model.high_watermark : -1;
  answer.log_start_offset = known ? model.log_start : -1;
  if (model.code == ErrorCode::none && asked.how.fetch_offset < model.high_watermark) answer.records = Slice::copy_of("records");
  return answer;
}

FetchResponse read_all(const Cluster& cluster, const std::vector<FetchSessions::Asked>& asked) {
  FetchResponse response;
  for (const auto& one : asked) {
    if (response.topics.empty() || response.topics.back().topic != one.name.topic) {
      response.topics.emplace_back().topic = one.name.topic;
    }
    response.topics.back().partitions.push_back(read(cluster, one));
  }
  return response;
}

FetchRequest request_of(std::int32_t session, std::int32_t epoch, const std::map<TopicPartition, std::int64_t>& offsets,
                        const std::vector<TopicPartition>& forgotten = {}) {
  FetchRequest request;
  request.session_id = session;
  request.session_epoch = epoch;
  for (const auto& [name, offset] : offsets) {
    request.topics.push_back({name.topic, {}, {{.partition = name.partition, .fetch_offset = offset}}});
  }
  for (const TopicPartition& name : forgotten) request.forgotten_topics_data.push_back({name.topic, {}, {name.partition}});
  return request;
}

std::vector<TopicPartition> names(const FetchResponse& response) {
  std::vector<TopicPartition> names;
  for (const auto& topic : response.topics) {
    for (const auto& partition : topic.partitions) names.push_back({topic.topic, partition.partition_index});
  }
  return names;
}

class Sessions : public testing::Test {
 protected:
  // The whole way of a request that is answered at once.
  FetchResponse fetch(const FetchRequest& request) {
    const auto context = sessions.begin(request, by_name, no_ids, clock);
    FetchResponse response = context.code == ErrorCode::none ? read_all(cluster, context.asked) : FetchResponse{};
    response.error_code = context.code;
    if (context.code == ErrorCode::none) sessions.complete(context, response, clock);
    return response;
  }
  std::int32_t open(const std::map<TopicPartition, std::int64_t>& offsets) { return fetch(request_of(0, 0, offsets)).session_id; }

  Time clock{1h};
  Cluster cluster{{a0, {}}, {a1, {}}, {b0, {}}};
  FetchSessions sessions{{.sessions = 3, .partitions = 100, .unused = 2min}, protocol::Random(1)};
};

TEST_F(Sessions, WhatARequestMeans) {
  const std::int32_t id = open({{a0, 0}});
  ASSERT_NE(id, 0);
  const auto begin = [&](std::int32_t session, std::int32_t epoch) {
    FetchSessions copy = sessions;
    return copy.begin(request_of(session, epoch, {{a0, 0}}), by_name, no_ids, clock);
  };

  EXPECT_EQ(begin(0, -1).kind, Kind::sessionless);
  EXPECT_EQ(begin(0, 0).kind, Kind::full);
  EXPECT_EQ(begin(id, 1).kind, Kind::incremental);
  EXPECT_EQ(begin(id, 1).code, ErrorCode::none);
  EXPECT_EQ(begin(id, 2).code, ErrorCode::invalid_fetch_session_epoch);
  EXPECT_EQ(begin(id, -2).code, ErrorCode::invalid_fetch_session_epoch);
  EXPECT_EQ(begin(id + 1, 1).code, ErrorCode::fetch_session_id_not_found);
  EXPECT_EQ(begin(0, 1).code, ErrorCode::fetch_session_id_not_found);
  EXPECT_EQ(begin(0, -2).code, ErrorCode::fetch_session_id_not_found);
  EXPECT_EQ(fetch(request_of(id, 1, {})).session_id, id);
}

TEST_F(Sessions, AFullRequestEndsTheSessionThatItNames) {
  const std::int32_t first = open({{a0, 0}});

  EXPECT_EQ(fetch(request_of(first, -1, {{a0, 0}})).session_id, 0);
  EXPECT_EQ(sessions.size(), 0U);
  const std::int32_t second = open({{a0, 0}});
  const std::int32_t third = fetch(request_of(second, 0, {{a0, 0}})).session_id;

  EXPECT_NE(third, 0);
  EXPECT_NE(third, second);
  EXPECT_EQ(sessions.size(), 1U);
  EXPECT_EQ(fetch(request_of(second, 1, {})).error_code, ErrorCode::fetch_session_id_not_found);
}

TEST_F(Sessions, AnIncrementalAnswerListsOnlyWhatIsNew) {
  cluster[a0] = {.end = 5, .high_watermark = 5};
  const std::int32_t id = open({{a0, 5}, {a1, 0}, {b0, 0}});
  std::int32_t epoch = 1;
  const auto next = [&] { return names(fetch(request_of(id, epoch++, {}))); };

  EXPECT_THAT(next(), IsEmpty());
  cluster[a0].log_start = 3;
  EXPECT_THAT(next(), ElementsAre(a0));
  EXPECT_THAT(next(), IsEmpty());
  cluster[a0].high_watermark = 4;  // without records: the client is ahead of it
  EXPECT_THAT(next(), ElementsAre(a0));
  cluster[b0].code = ErrorCode::offset_out_of_range;
  EXPECT_THAT(next(), ElementsAre(b0));
  EXPECT_THAT(next(), ElementsAre(b0)) << "an error is told until it has gone";
  cluster[b0].code = ErrorCode::none;
  EXPECT_THAT(next(), ElementsAre(b0)) << "and then that it has";
  EXPECT_THAT(next(), IsEmpty());
  cluster[a1].high_watermark = 2;
  EXPECT_THAT(next(), ElementsAre(a1));
  EXPECT_THAT(next(), ElementsAre(a1)) << "its records are there until the client moves on";
  EXPECT_THAT(names(fetch(request_of(id, epoch++, {{a1, 2}}))), IsEmpty());
}

TEST_F(Sessions, ARequestAddsChangesAndForgets) {
  cluster[b0].high_watermark = 2;
  const std::int32_t id = open({{a0, 0}});
  const auto asked = [&](std::int32_t epoch, const std::map<TopicPartition, std::int64_t>& offsets,
                         const std::vector<TopicPartition>& forgotten) {
    std::vector<std::pair<TopicPartition, std::int64_t>> read;
    for (const auto& one : sessions.begin(request_of(id, epoch, offsets, forgotten), by_name, no_ids, clock).asked) {
      read.emplace_back(one.name, one.how.fetch_offset);
    }
    return read;
  };
  using testing::Pair;

  EXPECT_THAT(asked(1, {{b0, 1}}, {}), ElementsAre(Pair(a0, 0), Pair(b0, 1)));
  EXPECT_THAT(asked(2, {{a0, 7}}, {}), ElementsAre(Pair(a0, 7), Pair(b0, 1)));
  EXPECT_THAT(asked(3, {}, {a0, a1}), ElementsAre(Pair(b0, 1)));
  EXPECT_EQ(sessions.partitions(), 1U);
  EXPECT_THAT(asked(4, {}, {b0}), IsEmpty()) << "nothing is left of it";
  EXPECT_EQ(sessions.size(), 0U);
  EXPECT_EQ(sessions.partitions(), 0U);
}

TEST_F(Sessions, AnAnswerThatWasOvertakenIsRefused) {
  const std::int32_t id = open({{a0, 0}});
  const auto waiting = sessions.begin(request_of(id, 1, {}), by_name, no_ids, clock);
  fetch(request_of(id, 2, {}));

  FetchResponse late = read_all(cluster, waiting.asked);
  sessions.complete(waiting, late, clock);

  EXPECT_EQ(late.error_code, ErrorCode::invalid_fetch_session_epoch);
  EXPECT_THAT(late.topics, IsEmpty());
}

TEST_F(Sessions, WhoGotRecordsGoesToTheEndOfTheOrder) {
  for (auto& [name, model] : cluster) model.high_watermark = 1;
  const std::int32_t id = open({{a0, 0}, {a1, 0}, {b0, 0}});
  const auto order = [&](std::int32_t epoch) {
    FetchSessions copy = sessions;
    std::vector<TopicPartition> order;
    for (const auto& one : copy.begin(request_of(id, epoch, {}), by_name, no_ids, clock).asked) order.push_back(one.name);
    return order;
  };
  ASSERT_THAT(order(1), ElementsAre(a0, a1, b0));

  fetch(request_of(id, 1, {{a1, 1}, {b0, 1}}));  // records of a0 alone

  EXPECT_THAT(order(2), ElementsAre(a1, b0, a0));

  cluster[a1].log_start = 1;
  EXPECT_THAT(names(fetch(request_of(id, 2, {{a0, 1}}))), ElementsAre(a1));

  EXPECT_THAT(order(3), ElementsAre(a1, b0, a0)) << "news without records is no turn";
}

TEST_F(Sessions, EpochsWrapToOne) {
  FetchSessions::Context context;
  const std::int32_t id = open({{a0, 0}});
  // The way of two billion requests is the same as that of the last one.
  for (std::int32_t epoch = 1; epoch <= 3; ++epoch) EXPECT_EQ(fetch(request_of(id, epoch, {})).error_code, ErrorCode::none);
  EXPECT_EQ(FetchSessions::next_epoch(INT32_MAX), 1);
  EXPECT_EQ(FetchSessions::next_epoch(1), 2);
}

TEST_F(Sessions, AFullCacheMakesRoomForWhoIsWorthMoreOrForAnybodyAfterTwoMinutes) {
  const auto follower = [&](const std::map<TopicPartition, std::int64_t>& offsets) {
    FetchRequest request = request_of(0, 0, offsets);
    request.replica_id = 1;
    return fetch(request).session_id;
  };
  const std::int32_t small = open({{a0, 0}});
  const std::int32_t large = open({{a0, 0}, {a1, 0}});
  const std::int32_t third = open({{a0, 0}, {a1, 0}});
  const auto lives = [&](std::int32_t id, std::int32_t epoch) {
    FetchSessions copy = sessions;
    return copy.begin(request_of(id, epoch, {}), by_name, no_ids, clock).code == ErrorCode::none;
  };

  EXPECT_EQ(open({{a0, 0}, {a1, 0}, {b0, 0}}), 0) << "all three are new";
  EXPECT_NE(follower({{a0, 0}}), 0) << "a follower need not wait";
  EXPECT_FALSE(lives(small, 1)) << "the smallest goes";

  clock += 2min;
  fetch(request_of(large, 1, {}));
  clock += 1s;
  fetch(request_of(third, 1, {}));
  EXPECT_EQ(open({{a0, 0}, {a1, 0}, {b0, 0}}) != 0, true) << "who was not used for two minutes goes first, here the follower";
  EXPECT_TRUE(lives(large, 2));
  EXPECT_TRUE(lives(third, 2));
  EXPECT_EQ(open({{a0, 0}}), 0) << "worth less than all";
  EXPECT_EQ(open({{a0, 0}, {a1, 0}}), 0) << "worth no more than the old ones";
  EXPECT_NE(open({{a0, 0}, {a1, 0}, {b0, 0}}), 0);
  EXPECT_EQ(sessions.size(), 3U);
}

TEST_F(Sessions, TooManyPartitionsAreServedWithoutASession) {
  FetchSessions few({.sessions = 3, .partitions = 2, .unused = 2min}, protocol::Random(1));
  sessions = few;

  EXPECT_EQ(open({{a0, 0}, {a1, 0}, {b0, 0}}), 0);
  const std::int32_t id = open({{a0, 0}, {a1, 0}});
  ASSERT_NE(id, 0);
  EXPECT_EQ(fetch(request_of(id, 1, {{b0, 0}})).error_code, ErrorCode::fetch_session_id_not_found);
  EXPECT_EQ(sessions.partitions(), 0U);
}

TEST_F(Sessions, ARequestIsAboutAllPartitionsOfItsSession) {
  const std::int32_t id = open({{a0, 0}, {b0, 0}});

  EXPECT_THAT(sessions.meant_by(request_of(id, 1, {{a1, 0}}), no_ids), testing::UnorderedElementsAre(a0, b0, a1));
  EXPECT_THAT(sessions.meant_by(request_of(id, 0, {{a1, 0}}), no_ids), ElementsAre(a1));
}

// --- Topics by id ---

const protocol::Uuid id_of_a{{1}}, id_of_b{{2}};

FetchRequest by_ids(FetchRequest request) {
  const auto put_id = [](auto& topic) {
    topic.topic_id = topic.topic == "a" ? id_of_a : id_of_b;
    topic.topic.clear();
  };
  for (auto& topic : request.topics) put_id(topic);
  for (auto& topic : request.forgotten_topics_data) put_id(topic);
  return request;
}

TEST_F(Sessions, AnIdIsResolvedAsSoonAsSomebodyKnowsItAndItsNameStays) {
  FetchSessions::TopicNames names{{id_of_a, "a"}};
  const auto asked = [&](std::int32_t session, std::int32_t epoch) {
    const FetchRequest request = epoch == 0 ? by_ids(request_of(0, 0, {{a0, 0}, {b0, 0}})) : request_of(session, epoch, {});
    const auto context = sessions.begin(request, by_id, names, clock);
    FetchResponse response;
    sessions.complete(context, response, clock);
    std::vector<std::string> topics;
    for (const auto& one : context.asked) topics.push_back(one.name.topic);
    return std::pair(topics, response.session_id);
  };

  const auto [at_first, session] = asked(0, 0);
  names[id_of_b] = "b";
  const auto [then, same] = asked(session, 1);
  names.clear();
  const auto [at_last, still] = asked(session, 2);

  EXPECT_THAT(at_first, ElementsAre("a", ""));
  EXPECT_THAT(then, ElementsAre("a", "b"));
  EXPECT_THAT(at_last, ElementsAre("a", "b"));
}

TEST_F(Sessions, SpeaksOfTopicsInOneWayForAllOfItsLife) {
  const FetchSessions::TopicNames names{{id_of_a, "a"}};
  const std::int32_t named = open({{a0, 0}});
  const auto context = sessions.begin(by_ids(request_of(0, 0, {{a0, 0}})), by_id, names, clock);
  FetchResponse response;
  sessions.complete(context, response, clock);
  const std::int32_t numbered = response.session_id;
  ASSERT_NE(numbered, 0);

  EXPECT_EQ(sessions.begin(request_of(named, 1, {}), by_id, names, clock).code, ErrorCode::fetch_session_topic_id_error);
  EXPECT_EQ(sessions.begin(request_of(numbered, 1, {}), by_name, names, clock).code, ErrorCode::fetch_session_topic_id_error);
  // Neither session has ended by it, nor moved on.
  EXPECT_EQ(sessions.begin(request_of(named, 1, {}), by_name, names, clock).code, ErrorCode::none);
  EXPECT_EQ(sessions.begin(request_of(numbered, 1, {}), by_id, names, clock).code, ErrorCode::none);
}

TEST_F(Sessions, ForgetsById) {
  const FetchSessions::TopicNames names{{id_of_a, "a"}, {id_of_b, "b"}};
  const auto context = sessions.begin(by_ids(request_of(0, 0, {{a0, 0}, {b0, 0}})), by_id, names, clock);
  FetchResponse response;
  sessions.complete(context, response, clock);

  const auto next = sessions.begin(by_ids(request_of(response.session_id, 1, {}, {a0})), by_id, names, clock);

  ASSERT_EQ(next.asked.size(), 1U);
  EXPECT_EQ(next.asked[0].name, b0);
  EXPECT_THAT(sessions.meant_by(request_of(response.session_id, 2, {}), names), ElementsAre(b0));
}

// A client as Kafka's: it sends what it wants otherwise than last time, and believes that what is not answered has not changed.
TEST(SessionsAtRandom, AClientWithASessionKnowsWhatOneWithoutIsTold) {
  struct Known {
    std::int64_t high_watermark = -1;
    std::int64_t log_start = -1;
    ErrorCode code = ErrorCode::none;
  };
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    protocol::Random random(seed);
    FetchSessions sessions({.sessions = 2, .partitions = 1000, .unused = 2min}, protocol::Random(seed));
    Time clock{1h};
    Cluster cluster;
    std::vector<TopicPartition> all;
    for (int i = 0; i < 8; ++i) all.push_back({i < 5 ? "a" : "b", i});
    for (const TopicPartition& name : all) cluster[name];

    std::map<TopicPartition, std::int64_t> wanted;  // from which offset
    std::map<TopicPartition, std::int64_t> sent;    // what the broker knows of it
    std::map<TopicPartition, Known> known;
    std::int32_t id = 0;
    std::int32_t epoch = 0;
    for (int round = 0; round < 100; ++round) {
      clock += 1s;
      for (std::uint64_t changes = random.below(4); changes > 0; --changes) {
        Model& model = cluster[all[random.below(all.size())]];
        switch (random.below(4)) {
          case 0:
            model.high_watermark += random.between(1, 5);
            break;
          case 1:
            model.log_start = std::min(model.high_watermark, model.log_start + 1);
            break;
          case 2:
            model.code = random.one_in(2) ? ErrorCode::not_leader_or_follower : ErrorCode::offset_out_of_range;
            break;
          default:
            model.code = ErrorCode::none;
        }
      }
      for (std::uint64_t changes = random.below(3); changes > 0; --changes) {
        const TopicPartition& name = all[random.below(all.size())];
        if (random.one_in(3)) {
          wanted.erase(name);
        } else {
          wanted.try_emplace(name, 0);
        }
      }
      // Others come and go, and push it out.
      if (random.one_in(10)) clock += 3min;
      if (random.one_in(4)) {
        const auto other = sessions.begin(request_of(0, 0, {{all[0], 0}}), by_name, no_ids, clock);
        FetchResponse response = read_all(cluster, other.asked);
        sessions.complete(other, response, clock);
      }
      if (wanted.empty()) continue;

      std::map<TopicPartition, std::int64_t> changed;
      std::vector<TopicPartition> forgotten;
      for (const auto& [name, offset] : wanted) {
        if (epoch == 0 || !sent.contains(name) || sent[name] != offset) changed[name] = offset;
      }
      for (const auto& [name, offset] : sent) {
        if (epoch != 0 && !wanted.contains(name)) forgotten.push_back(name);
      }
      const auto context = sessions.begin(request_of(id, epoch, changed, forgotten), by_name, no_ids, clock);
      if (context.code != ErrorCode::none) {
        ASSERT_NE(epoch, 0);
        epoch = 0;  // all of it again; it names its old session, which may be somebody else's by now
        id = 0;
        known.clear();
        continue;
      }
      FetchResponse response = read_all(cluster, context.asked);
      sessions.complete(context, response, clock);
      std::erase_if(known, [&](const auto& entry) { return !wanted.contains(entry.first); });
      std::set<TopicPartition> got_records;
      for (const auto& topic : response.topics) {
        for (const auto& partition : topic.partitions) {
          const TopicPartition name{topic.topic, partition.partition_index};
          ASSERT_TRUE(wanted.contains(name)) << to_string(name);
          known[name] = {partition.high_watermark, partition.log_start_offset, partition.error_code};
          if (!partition.records->empty()) got_records.insert(name);
        }
      }
      id = response.session_id;
      epoch = id == 0 ? 0 : epoch + 1;
      sent = wanted;

      for (const auto& [name, offset] : wanted) {
        const auto told = read(cluster, {name, {}, {.partition = name.partition, .fetch_offset = offset}});
        ASSERT_EQ(known[name].high_watermark, told.high_watermark) << to_string(name) << " in round " << round;
        ASSERT_EQ(known[name].log_start, told.log_start_offset) << to_string(name) << " in round " << round;
        ASSERT_EQ(known[name].code, told.error_code) << to_string(name) << " in round " << round;
        ASSERT_EQ(got_records.contains(name), !told.records->empty()) << to_string(name) << " in round " << round;
      }
      for (const TopicPartition& name : got_records) {
        if (random.one_in(2)) wanted[name] = cluster[name].high_watermark;
      }
    }
  }
}

}  // namespace
}  // namespace acklab::broker

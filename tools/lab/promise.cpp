#include "tools/lab/promise.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "broker/config.h"
#include "broker/config_description.h"
#include "producer/config.h"
#include "tools/lab/threats.h"

namespace acklab::lab {

using producer::ProducerConfig;
using protocol::Acks;
using protocol::Duration;
using protocol::failure;
using protocol::Result;

namespace {

// One clause of the contract, applied to one producer.
struct Clause {
  bool permitted;
  std::string why;
};

struct Case {
  ProducerConfig producer;
  int replicas = 1;
  int min_insync_replicas = 1;  // no more than there are replicas
  Duration producer_id_expiration{};
  std::string sends_again;  // why the application itself does; empty: it does not
  std::string lets_go;      // why the log may drop what was written; empty: it may not
  Threats threats;
};

Clause lost_write(const Case& one) {
  const Threats& threats = one.threats;
  switch (one.producer.acks) {
    case Acks::none:
      return {false, "acks=0, so nothing is ever acknowledged"};
    case Acks::leader:
      if (!threats.moves_leadership.empty()) {
        return {true, fmt::format("acks=1 and a fault that may move leadership ({})", threats.moves_leadership)};
      }
      if (!threats.leader_forgets.empty()) {
        return {true, fmt::format("acks=1 and a fault that may cost the leader its unflushed tail ({})", threats.leader_forgets)};
      }
      return {false, "acks=1, and no fault moves leadership or costs the leader its unflushed tail"};
    case Acks::all:
      break;
  }
  if (!threats.unclean.empty()) {
    return {true, fmt::format("acks=all, but a replica that is not in sync may be elected ({})", threats.unclean)};
  }
  if (threats.forgetting_replicas >= one.min_insync_replicas) {
    return {true,
            fmt::format("acks=all with {} in-sync replicas at least, and {} of {} replicas may lose what they had not flushed",
                        one.min_insync_replicas, threats.forgetting_replicas, one.replicas)};
  }
  // The last in-sync replica is elected whatever it has left (KIP-966 calls it the last replica standing).
  if (threats.forgetting_replicas > 0 && threats.absent_replicas >= one.replicas) {
    return {true, fmt::format(
                      "acks=all, but all of {} replicas may drop out of sync one after the other, and the last may lose what it "
                      "had not flushed",
                      one.replicas)};
  }
  return {false, fmt::format("acks=all, and a record survives while fewer than {} of {} replicas lose data; here at most {} do",
                             one.min_insync_replicas, one.replicas, threats.forgetting_replicas)};
}

Clause unanswered_loss(const Case& one) {
  if (one.producer.acks == Acks::none) return {true, "acks=0, so nothing is promised"};
  return {false, "every producer asks for answers"};
}

// The first fault of those that there is.
std::string first_of(std::initializer_list<std::string> faults) {
  for (const std::string& fault : faults) {
    if (!fault.empty()) return fault;
  }
  return {};
}

// A leader recognises what it has, as long as it remembers who sent it. It forgets a producer that was silent for
// producer.id.expiration.ms, and what is sent again after that is a stranger's news (hazard P7).
Clause idempotent_and(std::string_view promised, const Case& one) {
  const Threats& threats = one.threats;
  const std::string fault = first_of({threats.loses_answer, threats.breaks_connection, threats.refuses, threats.moves_leadership,
                                      threats.delays_commit, threats.overtakes});
  if (fault.empty() || one.producer_id_expiration >= one.producer.delivery_timeout + threats.leap) {
    return {false, fmt::format("idempotence: a leader {}", promised)};
  }
  if (one.producer_id_expiration >= one.producer.delivery_timeout) {
    return {true,
            fmt::format("idempotence, but a clock leaps so far ({}) that by producer.id.expiration.ms a leader may forget the "
                        "producer while a batch is still to be sent again ({})",
                        threats.forgets_producers, fault)};
  }
  return {true, fmt::format("idempotence, but producer.id.expiration.ms is below delivery.timeout.ms, so a leader may forget the "
                            "producer while a batch is still to be sent again ({})",
                            fault)};
}

// A record is appended twice if it was appended, the producer does not know, and sends it again.
Clause duplicate(const Case& one) {
  if (one.producer.acks == Acks::none) return {false, "acks=0, so nothing is sent twice"};
  if (!one.sends_again.empty()) return {true, one.sends_again};
  if (one.producer.enable_idempotence) return idempotent_and("recognises what it has", one);
  if (one.producer.retries == 0) return {false, "retries=0, so nothing is sent twice"};
  const Threats& threats = one.threats;
  const bool several_in_flight = one.producer.max_in_flight > 1;
  if (const std::string fault = first_of({threats.loses_answer, several_in_flight ? threats.breaks_connection : ""});
      !fault.empty()) {
    return {true, fmt::format("no idempotence and a fault that may lose an answer ({})", fault)};
  }
  if (const std::string fault = first_of({threats.moves_leadership, threats.delays_commit});
      !fault.empty() && one.producer.acks == Acks::all) {
    return {true, fmt::format("no idempotence, acks=all and a fault that may end the wait for replication after the append ({})",
                              fault)};
  }
  return {false, "no fault makes a producer send again what was appended"};
}

// Records change their order if one is sent again, or arrives late, after a later one.
Clause nonmonotonic_send(const Case& one) {
  if (!one.sends_again.empty()) return {true, one.sends_again};
  if (one.producer.enable_idempotence) return idempotent_and("refuses a batch out of sequence", one);
  const Threats& threats = one.threats;
  if (!threats.overtakes.empty()) {
    return {true,
            fmt::format("no idempotence and a fault that may let a new connection overtake an old one ({})", threats.overtakes)};
  }
  if (one.producer.acks == Acks::none) {
    const std::string fault = first_of({threats.moves_leadership, threats.loses_answer, threats.breaks_connection});
    if (!fault.empty()) return {true, fmt::format("acks=0 and a fault that may change the connection ({})", fault)};
    return {false, "acks=0, and no fault changes the connection"};
  }
  // A broker serves one request of a connection after the other. When the first waits for replication, and the producer gives the
  // connection up, those behind it are served all the same, after what a new connection brought.
  if (one.producer.acks == Acks::all && one.producer.max_in_flight > 1 && !threats.delays_commit.empty()) {
    return {true,
            fmt::format("no idempotence, {} requests in flight and a fault that may let one time out before the others ({})",
                        one.producer.max_in_flight, threats.delays_commit)};
  }
  if (one.producer.retries == 0) return {false, "retries=0, so nothing is sent again"};
  if (one.producer.max_in_flight == 1) return {false, "one request in flight: what is sent again comes before what follows"};
  const std::string fault =
      first_of({threats.loses_answer, threats.breaks_connection, threats.refuses, threats.moves_leadership});
  if (!fault.empty()) {
    return {true, fmt::format("no idempotence, {} requests in flight and a fault that may make one be sent again ({})",
                              one.producer.max_in_flight, fault)};
  }
  return {false, "no fault makes a producer send anything again"};
}

// A record that was appended twice and acknowledged where its second copy lay is read at its first, if only the second was lost: two
// lawful mishaps in a row. The answer to the first copy was lost, the second was acknowledged by a leader that alone had it, and the
// next leader had only the first.
Clause inconsistent_offsets(const Case& one) {
  const Clause twice = duplicate(one);
  if (!twice.permitted) return {false, "nothing is appended twice, so no other copy can be found"};
  const Clause lost = lost_write(one);
  if (!lost.permitted) return {false, "what was acknowledged stays where it was acknowledged"};
  return {true,
          fmt::format("a record may be there twice ({}) and lose the copy that was acknowledged ({})", twice.why, lost.why)};
}

// Whoever checks the checksum does not take what rots for what was written; but until somebody else leads it cannot be read.
Clause unseen(const Case& one) {
  if (!one.threats.rots.empty())
    return {true, fmt::format("a fault that may make unreadable what is committed ({})", one.threats.rots)};
  // Faults are lifted before the last read, and then everything must come back.
  return {false, "never permitted, unless something rots"};
}

Clause removed(const Case& one) {
  if (one.lets_go.empty()) return {false, "what is written stays: neither retention nor compaction comes so soon"};
  return {true, one.lets_go};
}

// What no configuration permits: not even acks=0 lets a broker or a producer lie.
Clause never(const Case&) { return {false, "never permitted"}; }

struct Rule {
  Anomaly anomaly;
  Clause (*apply)(const Case&);
};
constexpr Rule contract[] = {{Anomaly::lost_write, lost_write},
                             {Anomaly::unanswered_loss, unanswered_loss},
                             {Anomaly::duplicate, duplicate},
                             {Anomaly::nonmonotonic_send, nonmonotonic_send},
                             {Anomaly::unseen, unseen},
                             {Anomaly::inconsistent_offsets, inconsistent_offsets},
                             {Anomaly::g1a, never},
                             {Anomaly::broken_invariant, never},
                             {Anomaly::corrupted, never},
                             {Anomaly::removed, removed}};

// Without any fault a follower may have to wait before it fetches: a leader that has not yet heard of its election sends it away for
// replica.fetch.backoff.ms. Twice that leaves time for the fetch itself. A producer with less patience sends again what is appended.
bool outwaits_replication(const ProducerConfig& producer, const broker::BrokerConfig& config) {
  return producer.request_timeout >= 2 * config.replica_fetch_backoff;
}

std::string sends_again(const ScenarioProducer& producer) {
  if (producer.copies > 1) return fmt::format("the application itself sends every record {} times", producer.copies);
  return producer.resend ? "the application itself sends again what it has no answer for" : "";
}

// How a topic's configuration may take what it has accepted. Records are as old as the clocks of producer and broker differ.
std::string lets_go(const broker::TopicConfig& topic, const ScenarioProducer& producer, Duration longest) {
  if (topic.cleanup_policy.compacts && producer.keys > 0) return "cleanup.policy=compact: of each key the latest record stays";
  if (!topic.cleanup_policy.deletes) return {};
  if (topic.retention_bytes >= 0) return fmt::format("retention.bytes={}", topic.retention_bytes);
  if (topic.retention.count() >= 0 && topic.retention <= longest) {
    return fmt::format("retention.ms={}, and by some clock that may pass", topic.retention.count());
  }
  return {};
}

std::vector<Case> cases(const Scenario& scenario, const protocol::Era& era) {
  const broker::BrokerConfig cluster = broker::altered({}, scenario.set);
  std::vector<Case> all;
  for (std::size_t i = 0; i < scenario.producers.size(); ++i) {
    const ScenarioProducer& producer = scenario.producers[i];
    // Neither can fail for a scenario that was read from a file; one that was made by hand fails when it is run.
    const auto config = ProducerConfig::from(producer.set, era);
    const auto topic = std::find_if(scenario.topics.begin(), scenario.topics.end(),
                                    [&](const ScenarioTopic& each) { return each.name == producer.topic; });
    if (!config || topic == scenario.topics.end()) continue;
    Threats threats = lab::threats(scenario, *topic, client_id(scenario, i), era);
    if (threats.delays_commit.empty() && topic->replicas > 1 && !outwaits_replication(*config, cluster)) {
      threats.delays_commit = "request.timeout.ms is below twice replica.fetch.backoff.ms";
    }
    const Duration longest = scenario.run_for + threats.leap;
    all.push_back({*config, topic->replicas, min_insync_replicas(topic->set, scenario.set, topic->replicas),
                   cluster.producer_id_expiration, sends_again(producer),
                   lets_go(cluster.of_topic(topic->set), producer, longest), std::move(threats)});
  }
  return all;
}

void add_once(std::vector<std::string>& lines, std::string line) {
  if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(std::move(line));
}

// An expectation that names what may go wrong is only honest where one of these may.
std::vector<Anomaly> meant_by(Expectation expectation) {
  switch (expectation) {
    case Expectation::loss_ok:
      return {Anomaly::lost_write, Anomaly::unanswered_loss, Anomaly::removed};
    case Expectation::dup_ok:
      return {Anomaly::duplicate};
    case Expectation::reorder_ok:
      return {Anomaly::nonmonotonic_send};
    default:
      return {};
  }
}

// The promises about some anomalies, in one line.
std::string promises_about(const std::vector<Anomaly>& anomalies, const Promise& promise) {
  std::vector<std::string> lines;
  for (const std::string& line : promise.promised) {
    for (const Anomaly anomaly : anomalies) {
      if (line.starts_with(fmt::format("no {}:", name(anomaly)))) lines.push_back(line);
    }
  }
  return fmt::format("{}", fmt::join(lines, "; "));
}

}  // namespace

int min_insync_replicas(const Settings& topic, const Settings& cluster, int replicas) {
  for (const Settings* settings : {&topic, &cluster}) {
    const auto found = settings->find("min.insync.replicas");
    if (found == settings->end()) continue;
    int number = 1;
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), number);
    return std::min(number, replicas);
  }
  return 1;
}

Promise promise(const Scenario& scenario, const protocol::Era& era) {
  const std::vector<Case> all = cases(scenario, era);
  Promise promise;
  for (const Rule& rule : contract) {
    std::vector<std::string> promised;
    for (const Case& one : all) {
      const Clause clause = rule.apply(one);
      if (clause.permitted) {
        promise.may_show.insert(rule.anomaly);
        add_once(promise.reasons, fmt::format("{}: {}", name(rule.anomaly), clause.why));
      } else {
        add_once(promised, fmt::format("no {}: {}", name(rule.anomaly), clause.why));
      }
    }
    if (promise.may_show.contains(rule.anomaly)) continue;
    promise.promised.insert(promise.promised.end(), promised.begin(), promised.end());
  }
  return promise;
}

std::set<Anomaly> allowed(Expectation expectation, const Promise& promise) {
  if (expectation == Expectation::safe) {
    return promise.may_show.contains(Anomaly::removed) ? std::set{Anomaly::removed} : std::set<Anomaly>{};
  }
  if (expectation != Expectation::violation) return promise.may_show;
  std::set<Anomaly> all;
  for (const Rule& rule : contract) all.insert(rule.anomaly);
  return all;
}

Result<void, std::string> check_expectation(const Scenario& scenario, const protocol::Era& era) {
  const Scenario::EraExpectation expected = scenario.expected(era);
  const Promise promised = promise(scenario, era);
  const auto refuse = [&](std::string_view what) {
    return failure(fmt::format("scenario {} under the rules of Kafka {}: {}", scenario.name, era.from, what));
  };

  const std::vector<Anomaly> meant = meant_by(expected.expect);
  const bool possible = std::any_of(meant.begin(), meant.end(), [&](Anomaly each) { return promised.may_show.contains(each); });
  if (!meant.empty() && !possible) {
    return refuse(fmt::format("verdict \"{}\" expects less than is promised ({}); expect \"safe\"", name(expected.expect),
                              promises_about(meant, promised)));
  }
  const std::set<Anomaly> permitted = allowed(expected.expect, promised);
  for (const Anomaly anomaly : expected.must) {
    if (permitted.contains(anomaly)) continue;
    if (expected.expect == Expectation::safe) {
      return refuse(
          fmt::format("must names {}, but the verdict is \"safe\"; leave must out, or expect what may happen", name(anomaly)));
    }
    return refuse(fmt::format("must names {}, which is promised not to happen ({}); leave it out", name(anomaly),
                              promises_about({anomaly}, promised)));
  }
  return {};
}

}  // namespace acklab::lab

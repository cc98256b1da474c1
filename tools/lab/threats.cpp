#include "tools/lab/threats.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace acklab::lab {

using broker::Fault;
using broker::Target;
using broker::Verb;
using broker::VerbKind;

namespace {

constexpr std::int16_t produce_key = 0;
constexpr std::int16_t fetch_key = 1;

// Collects the threats to one producer, fault by fault.
class Assessment {
 public:
  Assessment(const Scenario& scenario, const ScenarioTopic& topic, std::string_view client, const protocol::Era& era)
      : scenario_(scenario), topic_(topic), client_(client), era_(era) {}

  Threats of_all_faults() {
    for (const Fault& fault : scenario_.faults) {
      switch (kind(fault.verb)) {
        case VerbKind::link:
          add_link(fault);
          break;
        case VerbKind::request:
          add_request(fault);
          break;
        case VerbKind::partition:
          add_election(fault);
          break;
        case VerbKind::node:
          fault.verb == Verb::clock_jump ? add_leap(fault) : add_node(fault);
          break;
        case VerbKind::disk:
          add_disk(fault);
          break;
        case VerbKind::nothing:
          break;
      }
    }
    threats_.forgetting_replicas = forgetting_.at_most(topic_.replicas);
    threats_.absent_replicas = absent_.at_most(topic_.replicas);
    // The setting alone harms nobody: somebody in sync has to be out of reach.
    if (threats_.unclean.empty() && replicated() && threats_.absent_replicas > 0 && elects_uncleanly()) {
      threats_.unclean = "unclean.leader.election.enable";
    }
    return threats_;
  }

 private:
  static void note(std::string& threat, const Fault& fault) {
    if (threat.empty()) threat = fault.id;
  }

  bool replicated() const { return topic_.replicas > 1; }

  static bool is_broker(const Target& target) {
    using enum Target::Kind;
    return target.kind == broker || target.kind == leader || target.kind == followers || target.kind == all ||
           target.kind == killed;
  }

  // Whether a target means all of this topic that has one leader: a topic of one partition.
  bool means_only_partition(const Target& target) const {
    return topic_.partitions == 1 && target.partition.topic == topic_.name;
  }
  bool may_lead(const Target& target) const {
    return is_broker(target) && !(target.kind == Target::Kind::followers && means_only_partition(target));
  }
  bool may_follow(const Target& target) const {
    return is_broker(target) && replicated() && !(target.kind == Target::Kind::leader && means_only_partition(target));
  }

  // What ends or stops a node. A restart harms nobody: it does nothing to the living; nor does it harm to go on.
  void add_node(const Fault& fault) {
    if (fault.verb == Verb::restart || fault.verb == Verb::resume) return;
    if (fault.verb == Verb::pause) add_pause(fault);
    add_end(fault);
    if (fault.verb == Verb::power_loss && is_broker(fault.target) && !flushes_each_record()) add_loss(fault);
  }

  void add_end(const Fault& fault) {
    const Target& target = fault.target;
    // When the controller comes back, a broker that it does not hear in time is fenced.
    if (replicated() && (may_lead(target) || target.kind == Target::Kind::controller)) note(threats_.moves_leadership, fault);
    if (may_follow(target) || target.kind == Target::Kind::controller) note(threats_.delays_commit, fault);
    if (may_lead(target)) note(threats_.loses_answer, fault);
    if (is_broker(target)) add(absent_, target);
    if (target.kind == Target::Kind::controller) add_any(absent_);
  }

  // What was sent to a broker that stands still waits in its kernel; its client may have come back by then. A producer that stands still
  // finds all its requests timed out when it goes on.
  void add_pause(const Fault& fault) {
    const Target& target = fault.target;
    const bool of_producer = target.kind == Target::Kind::client && target.client == client_;
    if (may_lead(target) || of_producer) note(threats_.overtakes, fault);
    if (of_producer) note(threats_.loses_answer, fault);
  }

  // Timers do not notice, and so nobody is fenced or gives up. But how long a producer was silent is told by wall clocks: the broker's,
  // and the producer's, which its batches bear.
  void add_leap(const Fault& fault) {
    note(threats_.forgets_producers, fault);
    threats_.leap += std::chrono::abs(fault.by.value_or(protocol::Duration::zero()));
  }

  // A node whose disk fails ends as if it were killed; one whose disk is slow stands still for a while.
  void add_disk(const Fault& fault) {
    if (fault.verb == Verb::mend_disk) return;
    if (fault.verb == Verb::corrupt) return add_rot(fault);
    if (fault.verb == Verb::slow_disk && may_lead(fault.target)) note(threats_.overtakes, fault);
    add_end(fault);
    // What a failed flush should have written is lost, but who flushes each record has not answered for it yet.
    if (fault.verb == Verb::fail_flush && is_broker(fault.target) && !flushes_each_record()) add_loss(fault);
  }

  // No flush helps. A replica that opens its log again may cut it before the rot; until then it cannot be read there.
  void add_rot(const Fault& fault) {
    if (fault.target.partition.topic != topic_.name) return;
    note(threats_.rots, fault);
    note(threats_.delays_commit, fault);
    add(absent_, fault.target);
    add_loss(fault);
  }

  void add_loss(const Fault& fault) {
    if (may_lead(fault.target)) note(threats_.leader_forgets, fault);
    add(forgetting_, fault.target);
  }

  // An operator's command to the controller.
  void add_election(const Fault& fault) {
    if (!replicated() || fault.target.partition.topic != topic_.name) return;
    note(threats_.moves_leadership, fault);
    if (fault.verb == Verb::unclean_election) note(threats_.unclean, fault);
  }

  // How many replicas of one partition some targets may mean, all in all.
  struct Replicas {
    std::set<protocol::BrokerId> brokers;  // by name: one that is meant twice is still one
    int others = 0;

    int at_most(int replicas) const { return std::min(others + static_cast<int>(brokers.size()), replicas); }
  };

  void add(Replicas& replicas, const Target& target) const {
    switch (target.kind) {
      case Target::Kind::broker:
        replicas.brokers.insert(target.broker);
        return;
      case Target::Kind::leader:
        ++replicas.others;
        return;
      case Target::Kind::followers:
        replicas.others += means_only_partition(target) ? topic_.replicas - 1 : topic_.replicas;
        return;
      default:
        replicas.others += topic_.replicas;
        return;
    }
  }
  void add_any(Replicas& replicas) const { replicas.others += topic_.replicas; }

  // A topic's setting stands before the cluster's, and that before the era's.
  bool elects_uncleanly() const {
    for (const Settings* settings : {&topic_.set, &scenario_.set}) {
      const auto found = settings->find("unclean.leader.election.enable");
      if (found != settings->end()) return found->second == "true";
    }
    return era_.unclean_election_by_default;
  }

  bool flushes_each_record() const {
    const auto own = topic_.set.find("flush.messages");
    if (own != topic_.set.end()) return own->second == "1";
    const auto common = scenario_.set.find("log.flush.interval.messages");
    return common != scenario_.set.end() && common->second == "1";
  }

  void add_link(const Fault& fault) {
    if (fault.verb == Verb::heal) return;
    add_link(fault, fault.link.from, fault.link.to);
    add_link(fault, fault.link.to, fault.link.from);
  }

  void add_link(const Fault& fault, const Target& a, const Target& b) {
    const bool holds_bytes = fault.verb != Verb::reset;  // cut, stalled or slow
    if (a.kind == Target::Kind::client && a.client == client_ && may_lead(b)) {
      note(threats_.loses_answer, fault);
      if (holds_bytes) note(threats_.overtakes, fault);
    }
    // A broker that the controller does not hear is fenced.
    if (a.kind == Target::Kind::controller && holds_bytes) {
      if (may_lead(b) && replicated()) note(threats_.moves_leadership, fault);
      if (may_follow(b)) note(threats_.delays_commit, fault);
      if (is_broker(b)) add(absent_, b);
    }
    // Whichever leads, all that it does not hear leave the ISR.
    if (is_broker(a) && is_broker(b) && replicated()) {
      note(threats_.delays_commit, fault);
      add_any(absent_);
    }
  }

  void add_request(const Fault& fault) {
    const std::int16_t api = fault.request.api_key.value_or(produce_key);
    const bool drops = fault.verb != Verb::error_on_nth;  // or keeps so long that the client gives up
    const bool keeps = fault.verb == Verb::delay || fault.verb == Verb::hold_answer;
    const bool of_producer = fault.request.client.empty() || fault.request.client == client_;
    const bool of_follower = api == fetch_key && fault.request.client != client_;
    if (of_follower && replicated()) {
      note(threats_.delays_commit, fault);
      add_any(absent_);
    }
    if (!of_producer) return;
    // What was kept may be served after what a new connection carried.
    if (keeps && api != fetch_key) note(threats_.overtakes, fault);
    if (api != produce_key) {
      // The same connection may carry Produce requests.
      if (drops && api != fetch_key) note(threats_.loses_answer, fault);
      return;
    }
    if (fault.request.partition && fault.request.partition->topic != topic_.name) return;
    if (fault.verb == Verb::error_on_nth) note(threats_.refuses, fault);
    if (fault.verb == Verb::drop_before_apply) note(threats_.breaks_connection, fault);
    if (fault.verb == Verb::drop_after_append || fault.verb == Verb::drop_answer || keeps) note(threats_.loses_answer, fault);
  }

  const Scenario& scenario_;
  const ScenarioTopic& topic_;
  std::string_view client_;
  const protocol::Era& era_;
  Threats threats_;
  Replicas forgetting_;
  Replicas absent_;
};

}  // namespace

Threats threats(const Scenario& scenario, const ScenarioTopic& topic, std::string_view client, const protocol::Era& era) {
  return Assessment(scenario, topic, client, era).of_all_faults();
}

}  // namespace acklab::lab

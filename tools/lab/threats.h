// What a fault plan may do, at worst, to one producer's records in one topic. Between the faults of a scenario and its promise: whom
// "leader:orders-0" will mean, and how long a stall will last, is not known before the run, so whatever could happen counts.
#pragma once

#include <string>
#include <string_view>

#include "tools/lab/scenario.h"

namespace acklab::lab {

struct Threats {
  // Each names the first fault that may do it, or a setting; empty: none may.
  std::string moves_leadership;   // another replica may be elected
  std::string unclean;            // a replica that is not in sync may be elected
  std::string leader_forgets;     // the leader may lose what it had not flushed
  std::string loses_answer;       // a request may be carried out without the producer's hearing of it
  std::string breaks_connection;  // one request is not carried out, but those behind and before it lose their answers with it
  std::string delays_commit;      // an acks=all request may run out of time after its append
  std::string refuses;            // a request may be answered with an error
  std::string overtakes;          // what was sent over an old connection may arrive after what a new one carried
  std::string rots;               // what is committed may become unreadable where it is read
  std::string forgets_producers;  // a leap of a clock may make producers look silent for longer than they were

  protocol::Duration leap{0};   // how far clocks may leap, all in all
  int forgetting_replicas = 0;  // how many replicas of one partition may lose what they had not flushed, or what rots
  int absent_replicas = 0;      // how many may drop out of its ISR, these among them
};

Threats threats(const Scenario& scenario, const ScenarioTopic& topic, std::string_view client, const protocol::Era& era);

}  // namespace acklab::lab

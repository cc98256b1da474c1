// A question to a broker: a rule of the protocol that can be seen from outside, and how one looks. It is data and one function, which
// asks and says in words what came; whether that is what Kafka answers is for the judge (judge.h), who only compares words.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace acklab::conform {

class Witness;

struct Question {
  std::string_view id;        // "produce.empty-batch"
  std::string_view rule;      // one sentence
  std::string_view source;    // the KIP or the page of Kafka's documentation that has the rule
  std::string_view expected;  // what Kafka answers: an error's name, "connection closed", a value
  std::string (*ask)(Witness&);
  std::string_view formerly{};  // what older Kafkas answered, where that differs; right as well
};

struct Section {
  std::string_view title;
  std::span<const Question> questions;
};

// What a question throws that cannot be put to this broker, and why.
struct NotAsked {
  std::string why;
};

// What a question throws when already a step before the point went wrong: that is what came instead.
struct Unexpected {
  std::string seen;
};

}  // namespace acklab::conform

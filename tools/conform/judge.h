// Puts a question and compares what was seen with what Kafka answers. Whatever the broker does costs the question, not the program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/conform/question.h"

namespace acklab::conform {

enum class Verdict { agrees, differs, not_asked };
std::string_view name(Verdict verdict);

struct Judgement {
  const Question* question = nullptr;
  Verdict verdict = Verdict::not_asked;
  std::string seen;  // what came, or why it was not asked
};

Judgement judge(const Question& question, Witness& witness);

struct Tally {
  int agree = 0;
  int differ = 0;
  int not_asked = 0;
};
Tally tally(const std::vector<Judgement>& judgements);

}  // namespace acklab::conform

#include "tools/conform/judge.h"

namespace acklab::conform {
namespace {

Verdict verdict(const Question& question, std::string_view seen) {
  const bool right = seen == question.expected || (!question.formerly.empty() && seen == question.formerly);
  return right ? Verdict::agrees : Verdict::differs;
}

}  // namespace

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::agrees:
      return "agrees";
    case Verdict::differs:
      return "differs";
    case Verdict::not_asked:
      return "not asked";
  }
  return "";
}

Judgement judge(const Question& question, Witness& witness) {
  try {
    std::string seen = question.ask(witness);
    const Verdict judged = verdict(question, seen);
    return {&question, judged, std::move(seen)};
  } catch (NotAsked& not_asked) {
    return {&question, Verdict::not_asked, std::move(not_asked.why)};
  } catch (Unexpected& unexpected) {
    return {&question, Verdict::differs, std::move(unexpected.seen)};
  }
}

Tally tally(const std::vector<Judgement>& judgements) {
  Tally tally;
  for (const Judgement& judgement : judgements) {
    switch (judgement.verdict) {
      case Verdict::agrees:
        ++tally.agree;
        break;
      case Verdict::differs:
        ++tally.differ;
        break;
      case Verdict::not_asked:
        ++tally.not_asked;
        break;
    }
  }
  return tally;
}

}  // namespace acklab::conform

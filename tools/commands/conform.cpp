// acklab conform: our conformance questions, put to any Kafka-compatible broker.

#include <chrono>
#include <cstdio>
#include <memory>
#include <sstream>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "tools/commands/colours.h"
#include "tools/commands/command.h"
#include "tools/commands/network.h"
#include "tools/conform/judge.h"
#include "tools/conform/sections.h"
#include "tools/conform/witness.h"
#include "tools/lab/progress.h"
#include "tools/lab/table.h"

namespace acklab {
namespace {

using conform::Judgement;
using conform::Question;
using conform::Tally;
using conform::Verdict;
using Json = nlohmann::ordered_json;

Json described(const conform::Section& section, const Question& question) {
  Json json{{"id", question.id},
            {"section", section.title},
            {"rule", question.rule},
            {"source", question.source},
            {"expected", question.expected}};
  if (!question.formerly.empty()) json["formerly"] = question.formerly;
  return json;
}

std::string expected(const Question& question) {
  std::string text(question.expected);
  if (!question.formerly.empty()) text += fmt::format(" (older ones: {})", question.formerly);
  return text;
}

// The verdicts stand first in their lines.
std::string coloured(const std::string& table) {
  constexpr std::string_view red = "\x1b[31m", green = "\x1b[32m", plain = "\x1b[0m";
  std::string text;
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line); text += '\n') {
    const bool agrees = line.starts_with(name(Verdict::agrees));
    const bool differs = line.starts_with(name(Verdict::differs));
    const std::size_t word = agrees ? name(Verdict::agrees).size() : differs ? name(Verdict::differs).size() : 0;
    if (word > 0) text += fmt::format("{}{}{}", agrees ? green : red, line.substr(0, word), plain);
    text += line.substr(word);
  }
  return text;
}

struct Conform {
  std::string bootstrap = "127.0.0.1:9092";
  std::string only;
  bool list = false;
  double timeout = 5;
  JsonOutput json;

  // The questions that are meant, each with its section.
  std::vector<std::pair<conform::Section, const Question*>> chosen() const {
    std::vector<std::pair<conform::Section, const Question*>> all;
    for (const conform::Section& section : conform::sections()) {
      for (const Question& question : section.questions) {
        if (question.id.find(only) != std::string_view::npos) all.emplace_back(section, &question);
      }
    }
    if (all.empty()) throw BadInput(fmt::format("--only {}: no question has that in its name; see acklab conform --list", only));
    return all;
  }

  void list_questions() {
    lab::Table table({"QUESTION", "RULE", "KAFKA ANSWERS", "SOURCE"});
    Json all = Json::array();
    for (const auto& [section, question] : chosen()) {
      table.row({std::string(question->id), std::string(question->rule), expected(*question), std::string(question->source)});
      all.push_back(described(section, *question));
    }
    if (!json.to_stdout()) std::fputs(table.text().c_str(), stdout);
    if (json.wanted()) json.write(all.dump());
  }

  void print(const std::vector<Judgement>& judgements) const {
    lab::Table table({"VERDICT", "QUESTION", "ANSWER"});
    for (const Judgement& one : judgements) table.row({std::string(name(one.verdict)), std::string(one.question->id), one.seen});
    std::fputs((colours_on_stdout() ? coloured(table.text()) : table.text()).c_str(), stdout);
    for (const Judgement& one : judgements) {
      if (one.verdict != Verdict::differs) continue;
      std::printf("\n%s\n", std::string(one.question->id).c_str());
      std::printf("  rule    %s\n", std::string(one.question->rule).c_str());
      std::printf("  source  %s\n", std::string(one.question->source).c_str());
      std::printf("  Kafka   %s\n", expected(*one.question).c_str());
      std::printf("  here    %s\n", one.seen.c_str());
    }
    const Tally tally = conform::tally(judgements);
    std::printf("\n%d agree, %d differ, %d not asked\n", tally.agree, tally.differ, tally.not_asked);
  }

  Json result(const std::vector<std::pair<conform::Section, const Question*>>& asked,
              const std::vector<Judgement>& judgements) const {
    Json questions = Json::array();
    for (std::size_t i = 0; i < judgements.size(); ++i) {
      Json one = described(asked[i].first, *asked[i].second);
      one["verdict"] = name(judgements[i].verdict);
      one[judgements[i].verdict == Verdict::not_asked ? "reason" : "seen"] = judgements[i].seen;
      questions.push_back(std::move(one));
    }
    const Tally tally = conform::tally(judgements);
    return {{"bootstrap", bootstrap},
            {"agree", tally.agree},
            {"differ", tally.differ},
            {"not_asked", tally.not_asked},
            {"questions", std::move(questions)}};
  }

  ExitCode run() {
    json.begin();
    const auto asked = chosen();
    if (list) {
      list_questions();
      return ExitCode::ok;
    }
    const conform::Witness::Options options{.patience = protocol::Duration(static_cast<std::int64_t>(timeout * 1e9)),
                                            .run = fmt::format("{:06x}", system_seed() & 0xffffff)};
    const std::atomic<bool>& interrupted = notice_interrupt();
    std::vector<Judgement> judgements;
    try {
      conform::Witness witness(parse_bootstrap(bootstrap), options);
      {
        lab::Progress progress("questions", static_cast<std::int64_t>(asked.size()), json.to_stdout());
        std::string gone;
        for (const auto& [section, question] : asked) {
          if (interrupted) break;
          judgements.push_back(gone.empty() ? conform::judge(*question, witness) : Judgement{question, Verdict::not_asked, gone});
          const bool suspect = gone.empty() && judgements.back().verdict == Verdict::differs;
          if (suspect && !witness.broker_answers()) gone = fmt::format("the broker answers no more since {}", question->id);
          progress.advance();
        }
      }
      if (const auto why = witness.delete_topics()) {
        std::fprintf(stderr, "acklab: the topics %s-%s-* could not be deleted: %s\n", std::string(conform::own_client_id).c_str(),
                     options.run.c_str(), why->c_str());
      }
    } catch (const conform::Unreachable& unreachable) {
      throw BadInput(fmt::format("{}; start a broker, or say with -b where one is", unreachable.why));
    }

    if (!json.to_stdout()) print(judgements);
    if (interrupted) std::fprintf(stderr, "acklab: interrupted after %zu of %zu questions\n", judgements.size(), asked.size());
    if (json.wanted()) {
      Json document = result(asked, judgements);
      document["interrupted"] = interrupted.load();
      json.write(document.dump());
    }
    if (interrupted) return ExitCode::interrupted;
    const Tally tally = conform::tally(judgements);
    if (tally.differ > 0) return ExitCode::unexpected;
    return tally.agree > 0 ? ExitCode::ok : ExitCode::proves_nothing;
  }
};

}  // namespace

void add_conform(CLI::App& program) {
  auto conform = std::make_shared<Conform>();
  CLI::App* command = program.add_subcommand(
      "conform", "questions of conformance to any Kafka-compatible broker: where does it not do what Kafka does?");
  command->add_option("-b,--bootstrap-server", conform->bootstrap, "the broker to ask, and where its cluster is learned of")
      ->type_name("HOST:PORT,...")
      ->capture_default_str();
  command->add_option("--only", conform->only, "only the questions with this in their names")->type_name("PATTERN");
  command->add_flag("--list", conform->list, "the questions, what Kafka answers, and where that is written; asks nobody");
  command->add_option("--timeout", conform->timeout, "seconds to wait for an answer before there is none")
      ->check(CLI::Range(0.1, 600.0))
      ->capture_default_str();
  conform->json.add_to(*command);
  command->callback([conform] {
    if (const ExitCode code = conform->run(); code != ExitCode::ok) throw Exit{code};
  });
}

}  // namespace acklab

// The page that explains scenario files must not drift away from the reader.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/paths.h"
#include "tools/lab/scenario.h"

namespace acklab::lab {
namespace {

std::string page() {
  std::ifstream file(std::string(tests::source_dir) + "/tools/lab/scenarios/FORMAT.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> examples() {
  const std::string text = page();
  const std::string fence = "```toml\n";
  std::vector<std::string> blocks;
  for (std::size_t at = text.find(fence); at != std::string::npos; at = text.find(fence, at)) {
    at += fence.size();
    blocks.push_back(text.substr(at, text.find("```", at) - at));
  }
  return blocks;
}

// A piece of a file, made whole.
std::string completed(std::string piece) {
  if (!piece.starts_with("name")) piece = "name = \"example\"\n" + piece;
  if (piece.find("[[topic]]") == std::string::npos) piece += "[[topic]]\nname = \"orders\"\n";
  if (piece.find("[[producer]]") == std::string::npos) piece += "[[producer]]\n";
  return piece;
}

TEST(ScenarioFormat, EveryExampleOfThePageIsRead) {
  ASSERT_GE(examples().size(), 8U);

  for (const std::string& example : examples()) {
    const auto scenario = parse_scenario(completed(example), "FORMAT.md");
    EXPECT_TRUE(scenario.has_value()) << scenario.error() << "\n" << example;
  }
}

TEST(ScenarioFormat, ThePageNamesEveryVerbVerdictAndAnomaly) {
  const std::string text = page();
  std::vector<std::string_view> words;
  for (const std::string_view verb : broker::verb_names()) words.push_back(verb);
  for (int i = 0; i <= static_cast<int>(Expectation::violation); ++i) words.push_back(name(static_cast<Expectation>(i)));
  for (int i = 0; i < anomaly_count; ++i) words.push_back(name(static_cast<Anomaly>(i)));

  for (const std::string_view word : words) EXPECT_THAT(text, testing::HasSubstr("`" + std::string(word) + "`"));
}

}  // namespace
}  // namespace acklab::lab

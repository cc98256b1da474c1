#include "tools/lab/lesson.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "tools/lab/lesson_acks.h"
#include "tools/lab/promise.h"

namespace acklab::lab {
namespace {

using testing::HasSubstr;

std::size_t widest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t widest = 0;
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, line.size());
  return widest;
}

TEST(LessonPages, BreakParagraphsBetweenWordsAndIndentWhatFollows) {
  const std::string word(40, 'x');

  EXPECT_EQ(wrapped("one two"), "one two\n");
  EXPECT_EQ(wrapped(word + " " + word + " " + word), word + " " + word + "\n" + word + "\n");
  EXPECT_EQ(wrapped(word + " " + word + " " + word, 2), word + " " + word + "\n  " + word + "\n");
  EXPECT_EQ(wrapped(std::string(150, 'y') + " z"), std::string(150, 'y') + "\nz\n") << "a word that is too long stays whole";
}

// ---- Acks

TEST(LessonAcks, EveryScenarioPromisesWhatItsRowSays) {
  for (const LeaderStop stop : leader_stops()) {
    for (const int min_insync_replicas : {1, 2}) {
      for (const std::string acks : {"0", "1", "all"}) {
        const Scenario scenario = acks_scenario({stop, acks, min_insync_replicas}, 1);
        const std::set<Anomaly> may_show = promise(scenario, protocol::newest_era()).may_show;

        // Only what drops out of the ISR before it forgets can cost what acks=all promised.
        const bool may_lose = acks == "1" || (acks == "all" && (stop == LeaderStop::cut_off_power_loss ||
                                                                (stop == LeaderStop::power_loss && min_insync_replicas == 1)));
        EXPECT_EQ(may_show.contains(Anomaly::lost_write), may_lose) << scenario.name;
        EXPECT_EQ(may_show.contains(Anomaly::unanswered_loss), acks == "0") << scenario.name;
      }
    }
  }
}

TEST(LessonAcks, AFewSeedsAreJudgedRowByRow) {
  LessonOptions options;
  options.seeds = {1, 3};
  options.quiet = true;

  const LessonResult result = lesson_acks(options);

  EXPECT_EQ(result.judgement, Judgement::as_expected) << result.reason;
  ASSERT_EQ(result.rows.size(), 4 * leader_stops().size());
  for (const LessonRow& row : result.rows) {
    const RecordCounts& records = row.summary.records;
    EXPECT_EQ(row.summary.runs, 3) << row.label;
    EXPECT_EQ(records.sent, records.acked + records.unanswered + records.failed + records.unknown) << row.label;
    if (row.settings.at("acks") == "0") {
      EXPECT_EQ(records.acked, 0) << row.label;
    }
  }
  EXPECT_GT(result.rows.front().summary.records.missing.unanswered, 0) << "acks=0 while the leader is killed";
  EXPECT_LE(widest_line(lesson_acks_text(options, result)), 120u);
}

TEST(LessonAcks, TellsWhatIsLostWhenTheLeaderIsKilled) {
  LessonOptions options;
  options.seeds = {2, 2};  // acklab lesson acks --seed 2
  options.quiet = true;

  const LessonResult result = lesson_acks(options);

  EXPECT_THAT(result.told_record, HasSubstr("acknowledged at offset"));
  ASSERT_FALSE(result.story.empty());
  EXPECT_EQ(result.story.back(), "The same seed with acks=all and min.insync.replicas=2: 0 acknowledged records lost.");
}

TEST(LessonAcks, AnEraThatElectsUncleanlyMayLoseWhatAllAcknowledged) {
  const Scenario scenario = acks_scenario({LeaderStop::kill, "all", 2}, 1);

  EXPECT_EQ(expectation_of_promise(scenario, protocol::newest_era()), Expectation::dup_ok);
  EXPECT_EQ(expectation_of_promise(scenario, *protocol::era_of("0.10")), Expectation::loss_ok);
}

}  // namespace
}  // namespace acklab::lab

#include "tools/lab/lesson.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "producer/config.h"
#include "tools/lab/lesson_acks.h"
#include "tools/lab/lesson_batching.h"
#include "tools/lab/lesson_idempotence.h"
#include "tools/lab/lesson_requirements.h"
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
  ASSERT_EQ(result.rows.size(), 6 * leader_stops().size());
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

// ---- Idempotence

TEST(LessonIdempotence, EveryScenarioPromisesWhatItsRowSays) {
  for (const Repetition repetition : repetitions()) {
    for (const int in_flight : {1, 5}) {
      const bool application = repetition == Repetition::sent_twice || repetition == Repetition::after_time_out;
      const Scenario plain = idempotence_scenario({repetition, false, in_flight}, 1);
      const Scenario idempotent = idempotence_scenario({repetition, true, in_flight}, 1);

      const std::set<Anomaly> plain_may = promise(plain, protocol::newest_era()).may_show;
      const std::set<Anomaly> idempotent_may = promise(idempotent, protocol::newest_era()).may_show;

      EXPECT_EQ(plain_may.contains(Anomaly::duplicate), repetition != Repetition::refused) << plain.name;
      EXPECT_EQ(plain_may.contains(Anomaly::nonmonotonic_send), application || in_flight > 1) << plain.name;
      EXPECT_EQ(idempotent_may.contains(Anomaly::duplicate), application) << idempotent.name;
      EXPECT_FALSE(idempotent_may.contains(Anomaly::lost_write)) << idempotent.name;
    }
  }
}

TEST(LessonIdempotence, RetriesShowWithoutItAndTheApplicationsOwnShowAlways) {
  LessonOptions options;
  options.seeds = {1, 2};  // acklab lesson idempotence --seeds 1..2
  options.quiet = true;

  const LessonResult result = lesson_idempotence(options);

  EXPECT_EQ(result.judgement, Judgement::as_expected) << result.reason;
  for (const LessonRow& row : result.rows) {
    const RecordCounts& records = row.summary.records;
    EXPECT_EQ(records.lost, 0) << row.label;
    const bool application = row.label.starts_with("sent-twice") || row.label.starts_with("after-time-out");
    const bool refused = row.label.starts_with("refused");
    const bool idempotent = row.settings.at("enable.idempotence") == "true";
    const bool several = row.settings.at("max.in.flight.requests.per.connection") == "5";
    EXPECT_EQ(records.duplicated > 0, application || (!idempotent && !refused)) << row.label;
    if (!application) {
      EXPECT_EQ(records.reordered > 0, !idempotent && several) << row.label;
    }
  }
  EXPECT_THAT(result.told_record, HasSubstr("at offsets"));
  EXPECT_EQ(result.story.back(), "The same seed with enable.idempotence=true: 0 records duplicated.");
  EXPECT_LE(widest_line(lesson_idempotence_text(options, result)), 120u);
}

TEST(LessonIdempotence, ARecordThatTheApplicationSendsTwiceIsThereTwiceAndNothingElseIs) {
  const Scenario scenario = idempotence_scenario({Repetition::sent_twice, true, 5}, 1);

  const Verdict verdict = run(scenario, {.seed = 1}).verdict;

  EXPECT_EQ(verdict.records.sent, 1000);
  EXPECT_EQ(verdict.records.acked, 1000);
  EXPECT_EQ(verdict.records.duplicated, 1000);
}

TEST(LessonIdempotence, TriesEachRequirement) {
  const std::vector<Requirement> all = idempotence_requirements({}, protocol::newest_era());

  const auto answer = [&](const std::string& settings) {
    for (const Requirement& each : all) {
      std::string text;
      for (const auto& [key, value] : each.settings) text += key + "=" + value + " ";
      if (text == settings) return std::string(each.accepted ? "accepted: " : "refused: ") + each.answer;
    }
    return "nobody tried " + settings;
  };
  EXPECT_THAT(answer("acks=1 enable.idempotence=true "), HasSubstr("refused: enable.idempotence=true needs acks=all"));
  EXPECT_THAT(answer("acks=1 "), HasSubstr("accepted: accepted, and idempotence is off without a word"));
  EXPECT_THAT(answer("enable.idempotence=true retries=0 "), HasSubstr("refused: "));
  EXPECT_THAT(answer("enable.idempotence=true max.in.flight.requests.per.connection=5 "), HasSubstr("accepted: "));
  EXPECT_THAT(answer("enable.idempotence=true max.in.flight.requests.per.connection=6 "), HasSubstr("refused: "));
  EXPECT_THAT(answer("acks=all enable.idempotence=true "), HasSubstr("100 of 100 records failed, 0 acknowledged"));
}

// ---- Batching

TEST(LessonBatching, EveryRowsSettingsAreAccepted) {
  for (const BatchingCase& one : batching_cases()) {
    const auto config = producer::ProducerConfig::from(one.settings);
    EXPECT_TRUE(config.has_value()) << one.label << ": " << config.error();
  }
}

TEST(LessonBatching, MeasuresWhatEachRowIsAbout) {
  LessonOptions options;
  options.records = 2000;
  options.quiet = true;

  const LessonResult result = lesson_batching(options);

  EXPECT_EQ(result.judgement, Judgement::as_expected) << result.reason;
  ASSERT_EQ(result.rows.size(), batching_cases().size());
  for (const LessonRow& row : result.rows) {
    ASSERT_TRUE(row.load.has_value()) << row.label;
    EXPECT_EQ(row.summary.records.acked, options.records) << row.label;
    EXPECT_GT(row.load->wire_bytes, 0) << row.label;
  }
  const auto load = [&](std::string_view label) -> const LoadMeasurement& {
    return *std::ranges::find(result.rows, label, &LessonRow::label)->load;
  };
  const LoadMeasurement& single = load("no batching");
  const LoadMeasurement& batched = load("batching");
  EXPECT_EQ(load("sync send").requests, options.records);
  EXPECT_EQ(single.requests, options.records);
  EXPECT_DOUBLE_EQ(single.records_per_batch, 1);
  EXPECT_LT(batched.requests, single.requests / 10);
  EXPECT_LT(batched.wire_bytes, single.wire_bytes);
  for (const CodecClaim& claim : codec_claims()) EXPECT_GT(load("batching, " + std::string(claim.codec)).ratio, 1.5);
  EXPECT_THAT(lesson_batching_text(options, result), HasSubstr("lesson: saves"));
}

}  // namespace
}  // namespace acklab::lab

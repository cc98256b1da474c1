#include "protocol/error_code.h"

#include <gtest/gtest.h>

namespace acklab::protocol {
namespace {

TEST(ErrorCode, HasKafkasName) {
  EXPECT_EQ(name(ErrorCode::none), "NONE");
  EXPECT_EQ(name(ErrorCode::unknown_server_error), "UNKNOWN_SERVER_ERROR");
  EXPECT_EQ(name(ErrorCode::not_leader_or_follower), "NOT_LEADER_OR_FOLLOWER");
  EXPECT_EQ(name(ErrorCode::share_session_limit_reached), "SHARE_SESSION_LIMIT_REACHED");
}

TEST(ErrorCode, ThatKafkaDoesNotHaveIsUnknownAndFinal) {
  for (const int number : {-2, 61, 66, 130, 999, 32767}) {
    const auto code = static_cast<ErrorCode>(number);

    EXPECT_EQ(name(code), "UNKNOWN") << number;
    EXPECT_FALSE(retriable(code)) << number;
    EXPECT_FALSE(stale_metadata(code)) << number;
  }
}

TEST(ErrorCode, SaysWhetherARetryCanHelpAndWhetherMetadataIsStale) {
  struct Case {
    ErrorCode code;
    bool retriable;
    bool stale_metadata;
  };
  constexpr Case cases[] = {
      {ErrorCode::none, false, false},
      {ErrorCode::unknown_server_error, false, false},
      {ErrorCode::corrupt_message, true, false},
      {ErrorCode::unknown_topic_or_partition, true, true},
      {ErrorCode::leader_not_available, true, true},
      {ErrorCode::not_leader_or_follower, true, true},
      {ErrorCode::request_timed_out, true, false},
      {ErrorCode::message_too_large, false, false},
      {ErrorCode::network_exception, true, true},
      {ErrorCode::coordinator_not_available, true, false},
      {ErrorCode::not_enough_replicas, true, false},
      {ErrorCode::not_enough_replicas_after_append, true, false},
      {ErrorCode::invalid_required_acks, false, false},
      {ErrorCode::not_controller, true, false},
      {ErrorCode::out_of_order_sequence_number, false, false},
      {ErrorCode::duplicate_sequence_number, false, false},
      {ErrorCode::invalid_producer_epoch, false, false},
      {ErrorCode::kafka_storage_error, true, true},
      {ErrorCode::fenced_leader_epoch, true, true},
      {ErrorCode::unknown_leader_epoch, true, false},
      {ErrorCode::offset_not_available, true, false},
      {ErrorCode::producer_fenced, false, false},
      {ErrorCode::unknown_topic_id, true, true},
  };

  for (const Case& c : cases) {
    EXPECT_EQ(retriable(c.code), c.retriable) << name(c.code);
    EXPECT_EQ(stale_metadata(c.code), c.stale_metadata) << name(c.code);
  }
}

TEST(ErrorCode, StaleMetadataAlwaysMeansThatARetryCanHelp) {
  for (int number = -1; number < 200; ++number) {
    const auto code = static_cast<ErrorCode>(number);
    EXPECT_TRUE(retriable(code) || !stale_metadata(code)) << name(code);
  }
}

}  // namespace
}  // namespace acklab::protocol

// What a producer does about each error code that Kafka has, as the protocol's error reference says it: what the answer proves, whether
// it asks for metadata, the next step, and which type of error the application gets.
#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <variant>

#include "producer/retry.h"
#include "producer/send_error.h"

namespace acklab::producer {
namespace {

using protocol::Acks;
using protocol::ErrorCode;

// proof: "not" appended, "appended", or "?". step: of a batch with several records that may be sent again; without idempotence, with it,
// and with it when an earlier attempt left the batch in doubt.
constexpr const char* table = R"(
code name                                   proof acks=1, all  asks for step of a batch            error
                                                               metadata plain    idempot. in doubt
  -1 UNKNOWN_SERVER_ERROR                      ?        ?        -       give-up  give-up  give-up  rejected
   0 NONE                                      appended appended -       complete complete complete -
   1 OFFSET_OUT_OF_RANGE                       ?        ?        -       give-up  give-up  give-up  rejected
   2 CORRUPT_MESSAGE                           not      not      -       retry    retry    retry    retriable
   3 UNKNOWN_TOPIC_OR_PARTITION                not      ?        refresh retry    retry    retry    retriable
   4 INVALID_FETCH_SIZE                        ?        ?        -       give-up  give-up  give-up  rejected
   5 LEADER_NOT_AVAILABLE                      not      ?        refresh retry    retry    retry    retriable
   6 NOT_LEADER_OR_FOLLOWER                    not      ?        refresh retry    retry    retry    retriable
   7 REQUEST_TIMED_OUT                         ?        ?        -       retry    retry    retry    retriable
   8 BROKER_NOT_AVAILABLE                      ?        ?        -       give-up  give-up  give-up  rejected
   9 REPLICA_NOT_AVAILABLE                     ?        ?        refresh retry    retry    retry    retriable
  10 MESSAGE_TOO_LARGE                         not      not      -       split    split    split    rejected
  11 STALE_CONTROLLER_EPOCH                    ?        ?        -       give-up  give-up  give-up  rejected
  12 OFFSET_METADATA_TOO_LARGE                 ?        ?        -       give-up  give-up  give-up  rejected
  13 NETWORK_EXCEPTION                         ?        ?        refresh retry    retry    retry    retriable
  14 COORDINATOR_LOAD_IN_PROGRESS              ?        ?        -       retry    retry    retry    retriable
  15 COORDINATOR_NOT_AVAILABLE                 ?        ?        -       retry    retry    retry    retriable
  16 NOT_COORDINATOR                           ?        ?        -       retry    retry    retry    retriable
  17 INVALID_TOPIC_EXCEPTION                   not      not      -       give-up  give-up  give-up  rejected
  18 RECORD_LIST_TOO_LARGE                     not      not      -       give-up  give-up  give-up  rejected
  19 NOT_ENOUGH_REPLICAS                       not      not      -       retry    retry    retry    retriable
  20 NOT_ENOUGH_REPLICAS_AFTER_APPEND          ?        ?        -       retry    retry    retry    retriable
  21 INVALID_REQUIRED_ACKS                     not      not      -       give-up  give-up  give-up  rejected
  22 ILLEGAL_GENERATION                        not      not      -       give-up  give-up  give-up  abortable
  23 INCONSISTENT_GROUP_PROTOCOL               ?        ?        -       give-up  give-up  give-up  rejected
  24 INVALID_GROUP_ID                          ?        ?        -       give-up  give-up  give-up  rejected
  25 UNKNOWN_MEMBER_ID                         ?        ?        -       give-up  give-up  give-up  abortable
  26 INVALID_SESSION_TIMEOUT                   ?        ?        -       give-up  give-up  give-up  rejected
  27 REBALANCE_IN_PROGRESS                     ?        ?        -       give-up  give-up  give-up  rejected
  28 INVALID_COMMIT_OFFSET_SIZE                ?        ?        -       give-up  give-up  give-up  rejected
  29 TOPIC_AUTHORIZATION_FAILED                not      not      -       give-up  give-up  give-up  rejected
  30 GROUP_AUTHORIZATION_FAILED                ?        ?        -       give-up  give-up  give-up  abortable
  31 CLUSTER_AUTHORIZATION_FAILED              not      not      -       fatal    fatal    fatal    fatal
  32 INVALID_TIMESTAMP                         not      not      -       give-up  give-up  give-up  rejected
  33 UNSUPPORTED_SASL_MECHANISM                ?        ?        -       give-up  give-up  give-up  rejected
  34 ILLEGAL_SASL_STATE                        ?        ?        -       give-up  give-up  give-up  rejected
  35 UNSUPPORTED_VERSION                       not      not      -       fatal    fatal    fatal    fatal
  36 TOPIC_ALREADY_EXISTS                      ?        ?        -       give-up  give-up  give-up  rejected
  37 INVALID_PARTITIONS                        not      not      -       give-up  give-up  give-up  rejected
  38 INVALID_REPLICATION_FACTOR                ?        ?        -       give-up  give-up  give-up  rejected
  39 INVALID_REPLICA_ASSIGNMENT                ?        ?        -       give-up  give-up  give-up  rejected
  40 INVALID_CONFIG                            ?        ?        -       give-up  give-up  give-up  rejected
  41 NOT_CONTROLLER                            ?        ?        -       retry    retry    retry    retriable
  42 INVALID_REQUEST                           not      not      -       give-up  give-up  give-up  rejected
  43 UNSUPPORTED_FOR_MESSAGE_FORMAT            not      not      -       give-up  give-up  give-up  rejected
  44 POLICY_VIOLATION                          ?        ?        -       give-up  give-up  give-up  rejected
  45 OUT_OF_ORDER_SEQUENCE_NUMBER              not      not      -       give-up  rename   give-up  rejected
  46 DUPLICATE_SEQUENCE_NUMBER                 appended appended -       complete complete complete -
  47 INVALID_PRODUCER_EPOCH                    not      not      -       give-up  rename   give-up  rejected
  48 INVALID_TXN_STATE                         not      not      -       give-up  give-up  give-up  abortable
  49 INVALID_PRODUCER_ID_MAPPING               not      not      -       fatal    fatal    fatal    fatal
  50 INVALID_TRANSACTION_TIMEOUT               ?        ?        -       fatal    fatal    fatal    fatal
  51 CONCURRENT_TRANSACTIONS                   ?        ?        -       retry    retry    retry    retriable
  52 TRANSACTION_COORDINATOR_FENCED            ?        ?        -       give-up  give-up  give-up  rejected
  53 TRANSACTIONAL_ID_AUTHORIZATION_FAILED     not      not      -       fatal    fatal    fatal    fatal
  54 SECURITY_DISABLED                         not      not      -       give-up  give-up  give-up  rejected
  55 OPERATION_NOT_ATTEMPTED                   ?        ?        -       give-up  give-up  give-up  rejected
  56 KAFKA_STORAGE_ERROR                       ?        ?        refresh retry    retry    retry    retriable
  57 LOG_DIR_NOT_FOUND                         ?        ?        -       give-up  give-up  give-up  rejected
  58 SASL_AUTHENTICATION_FAILED                not      not      -       give-up  give-up  give-up  rejected
  59 UNKNOWN_PRODUCER_ID                       not      not      -       give-up  rename   give-up  rejected
  60 REASSIGNMENT_IN_PROGRESS                  ?        ?        -       give-up  give-up  give-up  rejected
  67 INVALID_PRINCIPAL_TYPE                    ?        ?        -       give-up  give-up  give-up  rejected
  68 NON_EMPTY_GROUP                           ?        ?        -       give-up  give-up  give-up  rejected
  69 GROUP_ID_NOT_FOUND                        ?        ?        -       give-up  give-up  give-up  rejected
  70 FETCH_SESSION_ID_NOT_FOUND                ?        ?        -       retry    retry    retry    retriable
  71 INVALID_FETCH_SESSION_EPOCH               ?        ?        -       retry    retry    retry    retriable
  72 LISTENER_NOT_FOUND                        ?        ?        refresh retry    retry    retry    retriable
  73 TOPIC_DELETION_DISABLED                   ?        ?        -       give-up  give-up  give-up  rejected
  74 FENCED_LEADER_EPOCH                       ?        ?        refresh retry    retry    retry    retriable
  75 UNKNOWN_LEADER_EPOCH                      ?        ?        -       retry    retry    retry    retriable
  76 UNSUPPORTED_COMPRESSION_TYPE              not      not      -       give-up  give-up  give-up  rejected
  77 STALE_BROKER_EPOCH                        ?        ?        -       give-up  give-up  give-up  rejected
  78 OFFSET_NOT_AVAILABLE                      ?        ?        -       retry    retry    retry    retriable
  79 MEMBER_ID_REQUIRED                        ?        ?        -       give-up  give-up  give-up  rejected
  80 PREFERRED_LEADER_NOT_AVAILABLE            ?        ?        refresh retry    retry    retry    retriable
  81 GROUP_MAX_SIZE_REACHED                    ?        ?        -       give-up  give-up  give-up  rejected
  82 FENCED_INSTANCE_ID                        ?        ?        -       give-up  give-up  give-up  abortable
  83 ELIGIBLE_LEADERS_NOT_AVAILABLE            ?        ?        refresh retry    retry    retry    retriable
  84 ELECTION_NOT_NEEDED                       ?        ?        refresh retry    retry    retry    retriable
  85 NO_REASSIGNMENT_IN_PROGRESS               ?        ?        -       give-up  give-up  give-up  rejected
  86 GROUP_SUBSCRIBED_TO_TOPIC                 ?        ?        -       give-up  give-up  give-up  rejected
  87 INVALID_RECORD                            not      not      -       give-up  give-up  give-up  rejected
  88 UNSTABLE_OFFSET_COMMIT                    ?        ?        -       retry    retry    retry    retriable
  89 THROTTLING_QUOTA_EXCEEDED                 ?        ?        -       retry    retry    retry    retriable
  90 PRODUCER_FENCED                           not      not      -       fatal    fatal    fatal    fatal
  91 RESOURCE_NOT_FOUND                        ?        ?        -       give-up  give-up  give-up  rejected
  92 DUPLICATE_RESOURCE                        ?        ?        -       give-up  give-up  give-up  rejected
  93 UNACCEPTABLE_CREDENTIAL                   ?        ?        -       give-up  give-up  give-up  rejected
  94 INCONSISTENT_VOTER_SET                    ?        ?        -       give-up  give-up  give-up  rejected
  95 INVALID_UPDATE_VERSION                    ?        ?        -       give-up  give-up  give-up  rejected
  96 FEATURE_UPDATE_FAILED                     ?        ?        -       give-up  give-up  give-up  rejected
  97 PRINCIPAL_DESERIALIZATION_FAILURE         ?        ?        -       give-up  give-up  give-up  rejected
  98 SNAPSHOT_NOT_FOUND                        ?        ?        -       give-up  give-up  give-up  rejected
  99 POSITION_OUT_OF_RANGE                     ?        ?        -       give-up  give-up  give-up  rejected
 100 UNKNOWN_TOPIC_ID                          not      not      refresh retry    retry    retry    retriable
 101 DUPLICATE_BROKER_REGISTRATION             ?        ?        -       give-up  give-up  give-up  rejected
 102 BROKER_ID_NOT_REGISTERED                  ?        ?        -       give-up  give-up  give-up  rejected
 103 INCONSISTENT_TOPIC_ID                     ?        ?        refresh retry    retry    retry    retriable
 104 INCONSISTENT_CLUSTER_ID                   ?        ?        -       give-up  give-up  give-up  rejected
 105 TRANSACTIONAL_ID_NOT_FOUND                ?        ?        -       give-up  give-up  give-up  rejected
 106 FETCH_SESSION_TOPIC_ID_ERROR              ?        ?        -       retry    retry    retry    retriable
 107 INELIGIBLE_REPLICA                        ?        ?        -       give-up  give-up  give-up  rejected
 108 NEW_LEADER_ELECTED                        ?        ?        -       give-up  give-up  give-up  rejected
 109 OFFSET_MOVED_TO_TIERED_STORAGE            ?        ?        -       give-up  give-up  give-up  rejected
 110 FENCED_MEMBER_EPOCH                       ?        ?        -       give-up  give-up  give-up  rejected
 111 UNRELEASED_INSTANCE_ID                    ?        ?        -       give-up  give-up  give-up  rejected
 112 UNSUPPORTED_ASSIGNOR                      ?        ?        -       give-up  give-up  give-up  rejected
 113 STALE_MEMBER_EPOCH                        ?        ?        -       give-up  give-up  give-up  rejected
 114 MISMATCHED_ENDPOINT_TYPE                  ?        ?        -       give-up  give-up  give-up  rejected
 115 UNSUPPORTED_ENDPOINT_TYPE                 ?        ?        -       give-up  give-up  give-up  rejected
 116 UNKNOWN_CONTROLLER_ID                     ?        ?        -       give-up  give-up  give-up  rejected
 117 UNKNOWN_SUBSCRIPTION_ID                   ?        ?        -       give-up  give-up  give-up  rejected
 118 TELEMETRY_TOO_LARGE                       ?        ?        -       give-up  give-up  give-up  rejected
 119 INVALID_REGISTRATION                      ?        ?        -       give-up  give-up  give-up  rejected
 120 TRANSACTION_ABORTABLE                     not      not      -       give-up  give-up  give-up  abortable
 121 INVALID_RECORD_STATE                      ?        ?        -       give-up  give-up  give-up  rejected
 122 SHARE_SESSION_NOT_FOUND                   ?        ?        -       retry    retry    retry    retriable
 123 INVALID_SHARE_SESSION_EPOCH               ?        ?        -       retry    retry    retry    retriable
 124 FENCED_STATE_EPOCH                        ?        ?        -       give-up  give-up  give-up  rejected
 125 INVALID_VOTER_KEY                         ?        ?        -       give-up  give-up  give-up  rejected
 126 DUPLICATE_VOTER                           ?        ?        -       give-up  give-up  give-up  rejected
 127 VOTER_NOT_FOUND                           ?        ?        -       give-up  give-up  give-up  rejected
 128 INVALID_REGULAR_EXPRESSION                ?        ?        -       give-up  give-up  give-up  rejected
 129 REBOOTSTRAP_REQUIRED                      ?        ?        -       give-up  give-up  give-up  rejected
 133 SHARE_SESSION_LIMIT_REACHED               ?        ?        -       retry    retry    retry    retriable
)";

struct Row {
  int code = 0;
  std::string name, proof_leader, proof_all, metadata, plain, idempotent, in_doubt, error;
};

std::map<int, Row> rows() {
  std::map<int, Row> all;
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    Row row;
    if (!(words >> row.code)) continue;  // a heading
    words >> row.name >> row.proof_leader >> row.proof_all >> row.metadata >> row.plain >> row.idempotent >> row.in_doubt >>
        row.error;
    all[row.code] = row;
  }
  return all;
}

std::string word(Proof proof) { return proof == Proof::appended ? "appended" : proof == Proof::not_appended ? "not" : "?"; }

std::string word(Step step) {
  switch (step) {
    case Step::complete:
      return "complete";
    case Step::retry:
      return "retry";
    case Step::rename:
      return "rename";
    case Step::split:
      return "split";
    case Step::give_up:
      return "give-up";
    case Step::fatal:
      return "fatal";
  }
  return "";
}

std::string word(const SendError& error) {
  struct Words {
    std::string operator()(RetriableError) const { return "retriable"; }
    std::string operator()(RejectedError) const { return "rejected"; }
    std::string operator()(AbortableError) const { return "abortable"; }
    std::string operator()(FatalError) const { return "fatal"; }
  };
  return std::visit(Words(), error);
}

TEST(ErrorTable, HasEveryCodeThatKafkaHas) {
  const std::map<int, Row> all = rows();
  for (int code = -1; code <= 200; ++code) {
    const std::string name(protocol::name(ErrorCode(code)));
    EXPECT_EQ(all.contains(code), name != "UNKNOWN") << code << " " << name;
    if (all.contains(code)) {
      EXPECT_EQ(all.at(code).name, name);
    }
  }
}

TEST(ErrorTable, EveryCodeLeadsToTheActionNamedForIt) {
  const Situation plain{.records = 3};
  const Situation idempotent{.idempotent = true, .records = 3};
  const Situation in_doubt{.indefinite = true, .idempotent = true, .records = 3};
  const ProducerConfig config;
  for (const auto& [code, row] : rows()) {
    const Answer answer = Answer::of(ErrorCode(code));

    EXPECT_EQ(word(proof_of(answer, Acks::none)), "?") << row.name;
    EXPECT_EQ(word(proof_of(answer, Acks::leader)), row.proof_leader) << row.name;
    EXPECT_EQ(word(proof_of(answer, Acks::all)), row.proof_all) << row.name;
    EXPECT_EQ(asks_for_metadata(answer), row.metadata == "refresh") << row.name;
    EXPECT_EQ(word(next_step(answer, plain, config)), row.plain) << row.name;
    EXPECT_EQ(word(next_step(answer, idempotent, config)), row.idempotent) << row.name;
    EXPECT_EQ(word(next_step(answer, in_doubt, config)), row.in_doubt) << row.name;
    if (row.error != "-") {
      EXPECT_EQ(word(send_error(ErrorCode(code))), row.error) << row.name;
    }
  }
}

TEST(ErrorTable, ABatchOfOneRecordIsNotSplit) {
  EXPECT_EQ(next_step(Answer::of(ErrorCode::message_too_large), {.records = 1}, {}), Step::give_up);
}

TEST(ErrorTable, ASplitIsNoRetryAndNeedsNone) {
  ProducerConfig config;
  config.retries = 0;

  EXPECT_EQ(next_step(Answer::of(ErrorCode::message_too_large), {.records = 2}, config), Step::split);
  EXPECT_EQ(next_step(Answer::of(ErrorCode::message_too_large), {.expired = true, .records = 2}, config), Step::give_up);
}

ProducerConfig of_era(std::string_view version) {
  ProducerConfig config;
  config.era = *protocol::era_of(version);
  return config;
}

TEST(ErrorTable, OldErasTreatTheRefusalOfANameInTheirWay) {
  const Situation certain{.idempotent = true};
  const Situation in_doubt{.indefinite = true, .idempotent = true};
  const Situation log_start_passed{.indefinite = true, .idempotent = true, .log_start_passed = true};
  struct Case {
    ErrorCode code;
    Situation situation;
    std::string before_2_5, until_2_7, until_4_0, newest;
  };
  const Case cases[] = {
      {ErrorCode::out_of_order_sequence_number, certain, "give-up", "rename", "rename", "rename"},
      {ErrorCode::out_of_order_sequence_number, in_doubt, "give-up", "rename", "rename", "give-up"},
      {ErrorCode::unknown_producer_id, certain, "give-up", "rename", "rename", "rename"},
      {ErrorCode::unknown_producer_id, in_doubt, "give-up", "rename", "rename", "give-up"},
      {ErrorCode::unknown_producer_id, log_start_passed, "rename", "rename", "rename", "give-up"},
      {ErrorCode::invalid_producer_epoch, certain, "fatal", "fatal", "rename", "rename"},
  };
  for (const Case& one : cases) {
    const Answer answer = Answer::of(one.code);
    EXPECT_EQ(word(next_step(answer, one.situation, of_era("2.4"))), one.before_2_5) << name(one.code);
    EXPECT_EQ(word(next_step(answer, one.situation, of_era("2.6"))), one.until_2_7) << name(one.code);
    EXPECT_EQ(word(next_step(answer, one.situation, of_era("3.9"))), one.until_4_0) << name(one.code);
    EXPECT_EQ(word(next_step(answer, one.situation, of_era("4.1"))), one.newest) << name(one.code);
  }
}

TEST(ErrorTable, AnOutcomeTellsTheTypeOfItsError) {
  const Outcome acked{.kind = Outcome::Kind::acked};
  const Outcome unknown{.kind = Outcome::Kind::unknown, .code = ErrorCode::request_timed_out};
  const Outcome fenced{.kind = Outcome::Kind::failed, .code = ErrorCode::producer_fenced};

  EXPECT_FALSE(acked.error());
  EXPECT_TRUE(std::holds_alternative<RetriableError>(*unknown.error()));
  EXPECT_TRUE(std::holds_alternative<FatalError>(*fenced.error()));
}

}  // namespace
}  // namespace acklab::producer

// AddPartitionsToTxn (key 24): partitions that a transaction is about to write to. The coordinator remembers where to put markers
// (KIP-98).
//
// Versions: 2 PRODUCER_FENCED; 3 flexible; 4 from brokers, who ask for several transactions whether a partition is in them (KIP-890);
// 5 TRANSACTION_ABORTABLE. Clients end with version 3, whose fields have names of their own since.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct AddPartitionsToTxnRequest {
  static constexpr MessageInfo info{24, 0, 5, 3};

  struct Topic {
    std::string name;
    std::vector<std::int32_t> partitions;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,       "Name",       since(0));
      field(self.partitions, "Partitions", since(0));
    }
  };

  struct Transaction {
    std::string transactional_id;
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    bool verify_only = false;
    std::vector<Topic> topics;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.transactional_id, "TransactionalId", since(4));
      field(self.producer_id,      "ProducerId",      since(4));
      field(self.producer_epoch,   "ProducerEpoch",   since(4));
      field(self.verify_only,      "VerifyOnly",      since(4));
      field(self.topics,           "Topics",          since(4));
    }
  };

  std::vector<Transaction> transactions;
  std::string v3_and_below_transactional_id;
  std::int64_t v3_and_below_producer_id = 0;
  std::int16_t v3_and_below_producer_epoch = 0;
  std::vector<Topic> v3_and_below_topics;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.transactions,                  "Transactions",              since(4));
    field(self.v3_and_below_transactional_id, "V3AndBelowTransactionalId", since(0).until(3));
    field(self.v3_and_below_producer_id,      "V3AndBelowProducerId",      since(0).until(3));
    field(self.v3_and_below_producer_epoch,   "V3AndBelowProducerEpoch",   since(0).until(3));
    field(self.v3_and_below_topics,           "V3AndBelowTopics",          since(0).until(3));
  }
};

struct AddPartitionsToTxnResponse {
  static constexpr MessageInfo info{24, 0, 5, 3};

  struct PartitionResult {
    std::int32_t partition_index = 0;
    ErrorCode partition_error_code = ErrorCode::none;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_index,      "PartitionIndex",     since(0));
      field(self.partition_error_code, "PartitionErrorCode", since(0));
    }
  };

  struct TopicResult {
    std::string name;
    std::vector<PartitionResult> results_by_partition;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,                 "Name",               since(0));
      field(self.results_by_partition, "ResultsByPartition", since(0));
    }
  };

  struct TransactionResult {
    std::string transactional_id;
    std::vector<TopicResult> topic_results;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.transactional_id, "TransactionalId", since(4));
      field(self.topic_results,    "TopicResults",    since(4));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<TransactionResult> results_by_transaction;
  std::vector<TopicResult> results_by_topic_v3_and_below;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms,              "ThrottleTimeMs",           since(0));
    field(self.error_code,                    "ErrorCode",                since(4));
    field(self.results_by_transaction,        "ResultsByTransaction",     since(4));
    field(self.results_by_topic_v3_and_below, "ResultsByTopicV3AndBelow", since(0).until(3));
  }
};

}  // namespace acklab::protocol

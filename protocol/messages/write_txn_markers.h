// WriteTxnMarkers (key 27): from the transaction coordinator to the leaders of a transaction's partitions: write that it was committed, or
// aborted (KIP-98).
//
// Versions: 1 flexible; 2 version of the transaction protocol, so that a marker of an old epoch can be told (KIP-1228).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct WriteTxnMarkersRequest {
  static constexpr MessageInfo info{27, 0, 2, 1};

  struct Topic {
    std::string name;
    std::vector<std::int32_t> partition_indexes;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,              "Name",             since(0));
      field(self.partition_indexes, "PartitionIndexes", since(0));
    }
  };

  struct Marker {
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    bool transaction_result = false;
    std::vector<Topic> topics;
    std::int32_t coordinator_epoch = 0;
    std::int8_t transaction_version = 0;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.producer_id,         "ProducerId",         since(0));
      field(self.producer_epoch,      "ProducerEpoch",      since(0));
      field(self.transaction_result,  "TransactionResult",  since(0));
      field(self.topics,              "Topics",             since(0));
      field(self.coordinator_epoch,   "CoordinatorEpoch",   since(0));
      field(self.transaction_version, "TransactionVersion", since(2));
    }
  };

  std::vector<Marker> markers;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.markers, "Markers", since(0));
  }
};

struct WriteTxnMarkersResponse {
  static constexpr MessageInfo info{27, 0, 2, 1};

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_index, "PartitionIndex", since(0));
      field(self.error_code,      "ErrorCode",      since(0));
    }
  };

  struct Topic {
    std::string name;
    std::vector<Partition> partitions;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,       "Name",       since(0));
      field(self.partitions, "Partitions", since(0));
    }
  };

  struct Marker {
    std::int64_t producer_id = 0;
    std::vector<Topic> topics;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.producer_id, "ProducerId", since(0));
      field(self.topics,      "Topics",     since(0));
    }
  };

  std::vector<Marker> markers;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.markers, "Markers", since(0));
  }
};

}  // namespace acklab::protocol

// What a partition knows of its producers, as of an offset: Kafka's .snapshot, so that a log is not replayed from its start. Pure.
//
//   0  version  int16   1
//   2  crc      uint32  CRC-32C of everything behind it
//   6  count    int32
//
// and for each producer
//
//    0  producerId             int64
//    8  producerEpoch          int16
//   10  lastSequence           int32  -1: nothing is remembered of this epoch
//   14  lastOffset             int64
//   22  offsetDelta            int32  first offset of that batch = lastOffset - offsetDelta, and the same for sequences
//   26  timestamp              int64  of its last batch, also if that was a transaction's marker
//   34  coordinatorEpoch       int32  of the coordinator that wrote its last marker; -1: there was none
//   38  currentTxnFirstOffset  int64  where its open transaction began; -1: there is none
//
// Only the newest of the five batches that are remembered goes into it, so after a restart a late retry of an older one is a gap
// (OUT_OF_ORDER_SEQUENCE_NUMBER) and no duplicate. That is Kafka's format and Kafka's behaviour.
#pragma once

#include <span>
#include <string>

#include "protocol/result.h"
#include "protocol/wire/slice.h"
#include "storage/producer_states.h"

namespace acklab::storage {

protocol::Slice encode_snapshot(const ProducerStates& states);
// The error says what is wrong with it.
protocol::Result<ProducerStates, std::string> decode_snapshot(std::span<const std::byte> bytes);

}  // namespace acklab::storage

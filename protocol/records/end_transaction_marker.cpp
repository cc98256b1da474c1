#include "protocol/records/end_transaction_marker.h"

#include "protocol/wire/big_endian.h"

namespace acklab::protocol {

namespace {

constexpr std::size_t key_size = 4;
constexpr std::size_t value_size = 6;
constexpr std::size_t behind_version = 2;

}  // namespace

std::optional<EndTransactionMarker> end_transaction_marker(const RecordBatch& batch) {
  if (!batch.header().control()) return std::nullopt;
  const auto records = read_records(batch);
  if (!records || records->empty()) return std::nullopt;
  const Record& record = records->front();
  if (!record.key || record.key->size() < key_size || !record.value || record.value->size() < value_size) return std::nullopt;

  const auto type =
      static_cast<EndTransactionMarker::Type>(load_big_endian<std::int16_t>(record.key->view().data() + behind_version));
  if (type != EndTransactionMarker::Type::abort && type != EndTransactionMarker::Type::commit) return std::nullopt;
  return EndTransactionMarker{type, load_big_endian<std::int32_t>(record.value->view().data() + behind_version)};
}

}  // namespace acklab::protocol

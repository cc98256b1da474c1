#include "storage/producer_snapshot.h"

#include <fmt/format.h>

#include <utility>

#include "protocol/records/crc32c.h"
#include "protocol/wire/big_endian.h"

namespace acklab::storage {

using protocol::failure;
using protocol::load_big_endian;
using protocol::store_big_endian;

namespace {

constexpr std::int16_t version = 1;
constexpr std::size_t crc_at = 2;
constexpr std::size_t count_at = 6;
constexpr std::size_t header_size = 10;
constexpr std::size_t entry_size = 46;
constexpr std::int64_t none = -1;

std::byte* store(std::byte* to, std::int64_t id, const ProducerStates::Producer& producer) {
  const RememberedBatch last = producer.batches.empty() ? RememberedBatch{} : producer.batches.back();
  to = store_big_endian(to, id);
  to = store_big_endian(to, producer.epoch.value);
  to = store_big_endian(to, last.last_sequence.value);
  to = store_big_endian(to, last.last_offset.value);
  to = store_big_endian(to, static_cast<std::int32_t>(last.last_offset - last.first_offset));
  to = store_big_endian(to, producer.timestamp);
  to = store_big_endian(to, producer.coordinator_epoch);
  return store_big_endian(to, producer.transaction_start.value_or(protocol::Offset{none}).value);
}

void load(const std::byte* from, ProducerStates& states) {
  ProducerStates::Producer producer;
  producer.epoch = {load_big_endian<std::int16_t>(from + 8)};
  producer.timestamp = load_big_endian<std::int64_t>(from + 26);
  producer.coordinator_epoch = load_big_endian<std::int32_t>(from + 34);
  const protocol::Offset transaction_start{load_big_endian<std::int64_t>(from + 38)};
  if (transaction_start.known()) producer.transaction_start = transaction_start;
  const auto last_sequence = load_big_endian<std::int32_t>(from + 10);
  const auto last_offset = load_big_endian<std::int64_t>(from + 14);
  const auto delta = load_big_endian<std::int32_t>(from + 22);
  if (last_offset >= 0) {
    const auto first_sequence = static_cast<std::uint32_t>(last_sequence) - static_cast<std::uint32_t>(delta);
    producer.batches.push_back({.first_sequence = {static_cast<std::int32_t>(first_sequence & 0x7fffffffU)},
                                .last_sequence = {last_sequence},
                                .first_offset = {last_offset - delta},
                                .last_offset = {last_offset},
                                .timestamp = producer.timestamp});
  }
  states.restore(load_big_endian<std::int64_t>(from), std::move(producer));
}

}  // namespace

protocol::Slice encode_snapshot(const ProducerStates& states) {
  protocol::MutableBuffer buffer(header_size + states.producers().size() * entry_size);
  const std::span<std::byte> bytes = buffer.span();
  std::byte* to = store_big_endian(bytes.data() + count_at, static_cast<std::int32_t>(states.producers().size()));
  for (const auto& [id, producer] : states.producers()) to = store(to, id, producer);
  store_big_endian(bytes.data(), version);
  store_big_endian(bytes.data() + crc_at, protocol::crc32c(bytes.subspan(count_at)));
  return std::move(buffer).freeze();
}

protocol::Result<ProducerStates, std::string> decode_snapshot(std::span<const std::byte> bytes) {
  if (bytes.size() < header_size) return failure(fmt::format("{} bytes are no snapshot", bytes.size()));
  const auto found_version = load_big_endian<std::int16_t>(bytes.data());
  if (found_version != version) return failure(fmt::format("version {} is not {}", found_version, version));
  if (load_big_endian<std::uint32_t>(bytes.data() + crc_at) != protocol::crc32c(bytes.subspan(count_at))) {
    return failure(std::string("the checksum does not match"));
  }
  const auto count = load_big_endian<std::int32_t>(bytes.data() + count_at);
  if (count < 0 || bytes.size() != header_size + static_cast<std::size_t>(count) * entry_size) {
    return failure(fmt::format("{} entries do not fill {} bytes", count, bytes.size()));
  }
  ProducerStates states;
  for (auto rest = bytes.subspan(header_size); !rest.empty(); rest = rest.subspan(entry_size)) load(rest.data(), states);
  return states;
}

}  // namespace acklab::storage

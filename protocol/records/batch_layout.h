// Where the fields of a batch header lie (the drawing is in record_batch.h), for those who read or patch one in place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "protocol/records/record_batch.h"
#include "protocol/records/record_walk.h"

namespace acklab::protocol {

inline constexpr std::size_t base_offset_at = 0;
inline constexpr std::size_t batch_length_at = 8;
inline constexpr std::size_t leader_epoch_at = 12;
inline constexpr std::size_t magic_at = 16;
inline constexpr std::size_t crc_at = 17;
inline constexpr std::size_t attributes_at = 21;  // the checksum covers everything from here on
inline constexpr std::size_t last_offset_delta_at = 23;
inline constexpr std::size_t base_timestamp_at = 27;
inline constexpr std::size_t max_timestamp_at = 35;
inline constexpr std::size_t producer_id_at = 43;
inline constexpr std::size_t producer_epoch_at = 51;
inline constexpr std::size_t base_sequence_at = 53;
inline constexpr std::size_t records_count_at = 57;

inline constexpr std::int32_t smallest_batch_length = batch_header_size - batch_prefix_size;

// The fields as they are; what they claim is for the caller to judge.
BatchHeader load_batch_header(std::span<const std::byte, batch_header_size> bytes);

// The whole header, as it is.
void store_batch_header(std::span<std::byte, batch_header_size> bytes, const BatchHeader& header);
// The checksum of a whole batch, into its header.
void store_crc(std::span<std::byte> batch);

// These wrap instead of overflowing: both numbers may come from a stranger.
inline std::int64_t wrapping_sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
inline std::int64_t wrapping_difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

inline std::int64_t timestamp_of(const BatchHeader& header, const RecordView& record) {
  return wrapping_sum(header.base_timestamp, record.timestamp_delta);
}

}  // namespace acklab::protocol

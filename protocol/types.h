// Kafka's numbers, each with a type of its own, so that an offset is never added to an epoch or compared with a broker id.
// On the wire they are plain integers; handlers wrap and unwrap them.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

namespace acklab::protocol {

// An identity or an epoch: it can be compared and copied, not calculated with. -1 means "none" for all of them.
template <class Tag, class Rep>
struct Number {
  Rep value = -1;

  friend constexpr auto operator<=>(const Number&, const Number&) = default;
  constexpr bool known() const { return value >= 0; }
  constexpr Number next() const { return Number{static_cast<Rep>(value + 1)}; }
};

using BrokerId = Number<struct BrokerIdTag, std::int32_t>;
// Grows by one at every election of a partition; a log position is (epoch, offset) (KIP-101).
using LeaderEpoch = Number<struct LeaderEpochTag, std::int32_t>;
// Grows by one at every change of leader, ISR or assignment of a partition (KIP-497).
using PartitionEpoch = Number<struct PartitionEpochTag, std::int32_t>;
// Names one incarnation of a broker: a restarted broker registers again and gets a higher one (KIP-903).
using BrokerEpoch = Number<struct BrokerEpochTag, std::int64_t>;
using ProducerId = Number<struct ProducerIdTag, std::int64_t>;
using ProducerEpoch = Number<struct ProducerEpochTag, std::int16_t>;

// The position of a record in a partition's log. -1 means "none".
struct Offset {
  std::int64_t value = -1;

  friend constexpr auto operator<=>(const Offset&, const Offset&) = default;
  constexpr bool known() const { return value >= 0; }
  constexpr Offset& operator+=(std::int64_t records) {
    value += records;
    return *this;
  }
  friend constexpr Offset operator+(Offset offset, std::int64_t records) { return {offset.value + records}; }
  friend constexpr Offset operator-(Offset offset, std::int64_t records) { return {offset.value - records}; }
  friend constexpr std::int64_t operator-(Offset a, Offset b) { return a.value - b.value; }
};

// Sequence numbers of an idempotent producer count records of one partition and wrap from 2^31-1 to 0 (semantics of KIP-98).
struct Sequence {
  std::int32_t value = -1;

  friend constexpr auto operator<=>(const Sequence&, const Sequence&) = default;
  constexpr bool known() const { return value >= 0; }
  friend constexpr Sequence operator+(Sequence sequence, std::int32_t records) {
    const auto sum = static_cast<std::uint32_t>(sequence.value) + static_cast<std::uint32_t>(records);
    return {static_cast<std::int32_t>(sum & 0x7fffffffU)};
  }
};

struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;

  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
  friend bool operator==(const TopicPartition&, const TopicPartition&) = default;
};

// "orders-0", as Kafka names the directory of a partition.
std::string to_string(const TopicPartition& partition);

// 16 raw bytes; all zero means "none".
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
  constexpr bool is_zero() const { return bytes == std::array<std::uint8_t, 16>{}; }
};

// 22 characters of URL-safe base64 without padding, as Kafka prints topic ids.
std::string to_string(const Uuid& uuid);

enum class Acks : std::int16_t { none = 0, leader = 1, all = -1 };

// Which election an operator asks for (ElectLeaders). Preferred: leadership goes back to the first replica of the assignment.
// Unclean: a partition without a leader gets one, even if that one lacks committed records.
enum class Election : std::int8_t { preferred = 0, unclean = 1 };

}  // namespace acklab::protocol

// Producers that are wrong on purpose, to show what each rule is for and that the checker sees it broken. Never chosen but by the
// setting acklab.unsafe.variant; every output about a run with one of them says so.
//
// Each promises what its configuration promises (idempotence, an honest outcome) and breaks it at one named place:
//
//   no-sequence-numbers      its batches have no names, so a broker cannot tell a retry from news: duplicates (RecordBuffer::take).
//   renumber-on-retry        a batch gets a new sequence each time it goes back: duplicates (RecordBuffer::put_back).
//   more-than-5-in-flight    takes max.in.flight.requests.per.connection above 5 and believes a broker that refuses a batch which it
//                            no longer remembers: duplicates (RecordBuffer, next_step).
//   treats-unknown-as-failed says "failed" of what may be in the log: G1a (ending).
//   reorders-on-retry        a batch that was refused goes to the end of its queue: nonmonotonic-send (RecordBuffer::put_back).
//   bumps-every-partition    a gap on one partition renumbers all of them, also what is in doubt (librdkafka #4953): duplicates on
//                            the innocent (Core::give_identities).
//   keeps-sequence-on-bump   goes on with its sequence in a new epoch. Brokers refuse it (hazard P6): safe, and nothing gets through
//                            (PartitionSequences::start).
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace acklab::producer {

enum class UnsafeVariant {
  none,
  no_sequence_numbers,
  renumber_on_retry,
  more_than_five_in_flight,
  treats_unknown_as_failed,
  reorders_on_retry,
  bumps_every_partition,
  keeps_sequence_on_bump,
};

inline constexpr std::string_view unsafe_prefix = "acklab.unsafe.";  // of every setting for experiments only
inline constexpr std::string_view unsafe_variant_key = "acklab.unsafe.variant";

std::string_view name(UnsafeVariant variant);  // "renumber-on-retry"
std::optional<UnsafeVariant> unsafe_variant_named(std::string_view name);
std::span<const std::string_view> unsafe_variant_names();  // "none" is the first

}  // namespace acklab::producer

#include "protocol/era.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <climits>
#include <cstddef>
#include <iterator>
#include <optional>

namespace acklab::protocol {

namespace {

// The rules before everything that later eras changed.
constexpr Era oldest{.from = "0.10",
                     .strict_min_isr = false,
                     .isr_join_at_epoch_start = false,
                     .unclean_election_by_default = true,
                     .message_max_bytes = 1'000'012,
                     .bounds_future_timestamps = false,
                     .unknown_producer_may_start_anywhere = false,
                     .idempotent_in_flight = 1,
                     .bumps_epoch = false,
                     .renumbers_batches_in_doubt = false,
                     .old_epoch_is_fatal = true,
                     .linger_ms = 0,
                     .acks_all_by_default = false,
                     .idempotence_by_default = false};

constexpr Era next(Era before, std::string_view from) {
  before.from = from;
  return before;
}

// Each era is the one before it with something changed. Those that change none of the rules above stand here all the same,
// because a scenario may name any of them ("before 0.11") and is compared by `from`.
constexpr auto history = [] {
  const Era v0_10 = oldest;
  Era v0_11 = next(v0_10, "0.11");
  v0_11.unclean_election_by_default = false;
  Era v1_0 = next(v0_11, "1.0");
  v1_0.idempotent_in_flight = 5;
  const Era v2_0 = next(v1_0, "2.0");
  Era v2_1 = next(v2_0, "2.1");
  v2_1.isr_join_at_epoch_start = true;
  const Era v2_4 = next(v2_1, "2.4");
  Era v2_5 = next(v2_4, "2.5");
  v2_5.message_max_bytes = 1'048'588;
  v2_5.unknown_producer_may_start_anywhere = true;
  v2_5.bumps_epoch = true;
  v2_5.renumbers_batches_in_doubt = true;
  Era v2_7 = next(v2_5, "2.7");
  v2_7.old_epoch_is_fatal = false;
  // KIP-679 meant both defaults, but a mistake left idempotence off in 3.0.0 and 3.1.0; 3.0.1 and 3.1.1 mended it (KAFKA-13598).
  Era v3_0 = next(v2_7, "3.0");
  v3_0.acks_all_by_default = true;
  Era v3_0_1 = next(v3_0, "3.0.1");
  v3_0_1.idempotence_by_default = true;
  const Era v3_1 = next(v3_0, "3.1");
  const Era v3_1_1 = next(v3_0_1, "3.1.1");
  const Era v3_5 = next(v3_1_1, "3.5");
  Era v3_7 = next(v3_5, "3.7");
  v3_7.strict_min_isr = true;
  Era v4_0 = next(v3_7, "4.0");
  v4_0.bounds_future_timestamps = true;
  v4_0.linger_ms = 5;
  v4_0.renumbers_batches_in_doubt = false;
  const Era v4_1 = next(v4_0, "4.1");
  return std::to_array<Era>(
      {v0_10, v0_11, v1_0, v2_0, v2_1, v2_4, v2_5, v2_7, v3_0, v3_0_1, v3_1, v3_1_1, v3_5, v3_7, v4_0, v4_1});
}();

// Compared part by part; parts that are not given are zero.
using Version = std::array<int, 4>;

// {2, 4, 1, 0} of "2.4.1"; nothing unless it is two to four numbers with dots between them ("0.10.2.1": four until 1.0).
std::optional<Version> parse(std::string_view text) {
  Version version{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t part = 0; part < version.size(); ++part) {
    const auto [stop, error] = std::from_chars(at, end, version[part]);
    if (error != std::errc() || version[part] < 0) return std::nullopt;
    if (stop == end) return part >= 1 ? std::optional(version) : std::nullopt;
    if (*stop != '.') return std::nullopt;
    at = stop + 1;
  }
  return std::nullopt;
}

// Whether Kafka ever had this version, as far as we go back. The newest major version may still grow.
bool existed(const Version& version) {
  static constexpr std::array<int, 5> last_minor = {11, 1, 8, 9, INT_MAX};
  const auto [major, minor, patch, fourth] = version;
  if (major >= static_cast<int>(last_minor.size())) return false;
  if (major == 0 && minor < 10) return false;
  if (major > 0 && fourth > 0) return false;
  return minor <= last_minor[static_cast<std::size_t>(major)];
}

}  // namespace

std::span<const Era> eras() { return history; }

const Era& newest_era() { return history.back(); }

Result<Era, std::string> era_of(std::string_view version) {
  const std::optional<Version> wanted = parse(version);
  if (!wanted || !existed(*wanted)) {
    return failure(fmt::format("unknown Kafka version \"{}\": accepted is any from {} on, such as \"0.11\", \"2.4.1\" or \"{}\"",
                               version, oldest.from, newest_era().from));
  }
  const auto later = std::find_if(history.begin(), history.end(), [&](const Era& era) { return *parse(era.from) > *wanted; });
  return *std::prev(later);
}

}  // namespace acklab::protocol

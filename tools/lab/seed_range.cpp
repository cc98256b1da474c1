#include "tools/lab/seed_range.h"

#include <charconv>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace acklab::lab {

using protocol::failure;
using protocol::Result;

namespace {

template <class Number>
std::optional<Number> parsed(std::string_view digits) {
  Number value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

}  // namespace

Result<Shard, std::string> Shard::parse(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto mine = parsed<int>(std::string_view(text).substr(0, slash));
  const auto all = slash == std::string::npos ? std::nullopt : parsed<int>(std::string_view(text).substr(slash + 1));
  if (!mine || !all || *mine < 1 || *all < *mine || *all > max_shards)
    return failure(fmt::format("--shard \"{}\": write this machine's number and how many there are, from 1/4 to 4/4", text));
  return Shard{*mine, *all};
}

std::string Shard::text() const { return fmt::format("{}/{}", number, of); }

Result<SeedRange, std::string> SeedRange::parse(const std::string& text) {
  const std::size_t dots = text.find("..");
  const auto first = parsed<std::uint64_t>(std::string_view(text).substr(0, dots));
  const auto last = dots == std::string::npos ? first : parsed<std::uint64_t>(std::string_view(text).substr(dots + 2));
  if (!first || !last || *last < *first || *last > max_seed)
    return failure(fmt::format("--seeds \"{}\": write one seed (7) or a range (1..200), up to {}", text, max_seed));
  return SeedRange{*first, *last};
}

Result<SeedRange, std::string> SeedRange::part(const Shard& shard) const {
  const SeedRange part{first + step * static_cast<std::uint64_t>(shard.number - 1), last,
                       step * static_cast<std::uint64_t>(shard.of)};
  if (part.count() == 0)
    return failure(
        fmt::format("--shard {}: nothing is left for it of {} seeds; use at most {} shards", shard.text(), count(), count()));
  return part;
}

}  // namespace acklab::lab

#include "producer/unsafe_variant.h"

#include <algorithm>
#include <array>

namespace acklab::producer {
namespace {

// In the order of the enumerators.
constexpr std::array names = std::to_array<std::string_view>(
    {"none", "no-sequence-numbers", "renumber-on-retry", "more-than-5-in-flight", "treats-unknown-as-failed", "reorders-on-retry",
     "bumps-every-partition", "keeps-sequence-on-bump"});

}  // namespace

std::string_view name(UnsafeVariant variant) { return names[static_cast<std::size_t>(variant)]; }

std::optional<UnsafeVariant> unsafe_variant_named(std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<UnsafeVariant>(found - names.begin());
}

std::span<const std::string_view> unsafe_variant_names() { return names; }

}  // namespace acklab::producer

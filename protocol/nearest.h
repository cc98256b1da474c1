// "Did you mean ...?": the known word that is nearest to a mistyped one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace acklab::protocol {

// The candidate that the fewest insertions, deletions and replacements turn `word` into (Levenshtein), the first of equals; empty if
// there are no candidates.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace acklab::protocol

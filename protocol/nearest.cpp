#include "protocol/nearest.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace acklab::protocol {

namespace {

std::size_t distance(std::string_view a, std::string_view b) {
  // One row of the usual table: row[j] is the distance between the part of `a` seen so far and the first j characters of `b`.
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t best_distance = 0;
  for (const std::string_view candidate : candidates) {
    const std::size_t candidate_distance = distance(word, candidate);
    if (!best.empty() && candidate_distance >= best_distance) continue;
    best = candidate;
    best_distance = candidate_distance;
  }
  return best;
}

}  // namespace acklab::protocol

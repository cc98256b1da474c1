// Two measurements taken in turn, and what their pairs say: only such ratios mean anything on a machine that is shared.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace acklab::lab {

inline double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// The median of the pairs' own ratios: what the machine did to one of a pair it mostly did to the other.
inline double median_of_ratios(const std::vector<double>& ours, const std::vector<double>& theirs) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) ratios.push_back(ours[i] / std::max(theirs[i], 1e-12));
  return median(ratios);
}

// A line of a benchmark's table.
struct BenchLine {
  std::string what;
  std::string unit;  // of both
  std::string peer;  // what it is compared with
  std::vector<double> ours;
  std::vector<double> theirs;  // in pairs with `ours`
  std::string aim;             // for people: "at most 1.3"

  double ratio() const { return median_of_ratios(ours, theirs); }
};

// Takes both in turn; who goes first alternates.
template <class Ours, class Theirs>
void measure_pairs(BenchLine& line, int pairs, Ours ours, Theirs theirs) {
  for (int pair = 0; pair < pairs; ++pair) {
    if (pair % 2 == 0) line.theirs.push_back(theirs());
    line.ours.push_back(ours());
    if (pair % 2 != 0) line.theirs.push_back(theirs());
  }
}

}  // namespace acklab::lab

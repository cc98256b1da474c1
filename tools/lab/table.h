// Aligned text tables for people: text to the left, numbers to the right.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace acklab::lab {

class Table {
 public:
  explicit Table(std::vector<std::string> header) : header_(std::move(header)) {}

  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  // Columns whose cells all look like numbers are aligned to the right. Every line ends with a newline; nothing ends with spaces.
  std::string text(const std::string& indent = "") const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

// 1234567 as "1,234,567".
std::string grouped(std::int64_t number);

}  // namespace acklab::lab

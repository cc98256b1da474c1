#include "tools/lab/table.h"

#include <algorithm>
#include <cstdint>

namespace acklab::lab {
namespace {

bool numeric(const std::string& cell) {
  return cell.empty() || cell == "-" ||
         (cell.find_first_of("0123456789") == 0 && cell.find_first_not_of("0123456789.,%/ ms") == std::string::npos);
}

}  // namespace

std::string Table::text(const std::string& indent) const {
  std::vector<std::size_t> widths(header_.size());
  std::vector<bool> right(header_.size(), true);
  for (std::size_t column = 0; column < header_.size(); ++column) {
    widths[column] = header_[column].size();
    for (const auto& row : rows_) {
      widths[column] = std::max(widths[column], row[column].size());
      right[column] = right[column] && numeric(row[column]);
    }
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text = indent;
    for (std::size_t column = 0; column < cells.size(); ++column) {
      const std::string pad(widths[column] - cells[column].size(), ' ');
      if (column > 0) text += "  ";
      text += right[column] ? pad + cells[column] : cells[column] + pad;
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text + "\n";
  };
  std::string text = line(header_);
  for (const auto& row : rows_) text += line(row);
  return text;
}

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (std::int64_t at = static_cast<std::int64_t>(digits.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

}  // namespace acklab::lab

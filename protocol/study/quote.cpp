#include "protocol/study/quote.h"

#include <algorithm>

#include <fmt/format.h>

namespace acklab::protocol {

std::string quoted(const Slice& bytes) {
  const std::size_t shown = std::min(bytes.size(), longest_quote);
  std::string text = "\"";
  for (const char c : bytes.text().substr(0, shown)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text += '\\';
      text += c;
    } else if (byte >= 0x20 && byte != 0x7f && byte < 0x80) {
      text += c;
    } else {
      text += fmt::format("\\x{:02x}", byte);
    }
  }
  text += '"';
  if (shown < bytes.size()) text += fmt::format(" ... of {} bytes", bytes.size());
  return text;
}

std::string hex_of(const Slice& bytes, std::string_view between) {
  std::string text;
  for (const std::byte byte : bytes.view()) {
    text += fmt::format("{}{:02x}", text.empty() ? "" : between, std::to_integer<int>(byte));
  }
  return text;
}

}  // namespace acklab::protocol

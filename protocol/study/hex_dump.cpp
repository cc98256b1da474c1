#include "protocol/study/hex_dump.h"

#include <algorithm>

#include <fmt/format.h>

#include "protocol/study/quote.h"

namespace acklab::protocol {
namespace {

constexpr std::size_t bytes_a_line = 8;
constexpr std::size_t most_lines = 4;  // of bytes for one field; what follows is left out

class Dump {
 public:
  explicit Dump(const DumpStyle& style) : style_(style) {}

  void parts(const std::vector<Part>& parts, std::size_t depth) {
    for (const Part& part : parts) {
      lines(part, depth);
      this->parts(part.parts, depth + 1);
    }
  }
  std::string take() { return std::move(text_); }

 private:
  void lines(const Part& part, std::size_t depth) {
    const std::string meaning = std::string(2 * depth, ' ') + meaning_of(part);
    std::size_t at = 0;
    do {
      const std::size_t count = std::min(bytes_a_line, part.bytes.size() - at);
      const bool left_out = at / bytes_a_line == most_lines - 1 && at + count < part.bytes.size();
      line(part, at, left_out ? "..." : hex_of(part.bytes.part(at, count), " "), at == 0 ? meaning : "");
      if (left_out) break;
      at += count;
    } while (at < part.bytes.size());
    if (!part.fault.empty())
      line(part, 0, "", std::string(2 * depth, ' ') + paint("1;31", "^ cannot be read: " + part.fault), false);
  }

  std::string meaning_of(const Part& part) const {
    std::string text = paint("36", part.name);
    if (!part.value.empty()) text += " = " + part.value;
    if (style_.types == DumpStyle::Types::shown && !part.type.empty()) text += paint("2", "  : " + type_of(part));
    if (!part.note.empty()) text += paint(part.note.starts_with(does_not_match) ? "1;31" : "32", "  (" + part.note + ")");
    return text;
  }

  static std::string type_of(const Part& part) {
    return part.versions.empty() ? part.type : part.type + ", in versions " + part.versions;
  }

  void line(const Part& part, std::size_t at, const std::string& bytes, const std::string& meaning, bool place = true) {
    constexpr std::size_t bytes_width = 3 * bytes_a_line;
    const bool has_bytes = place && !part.bytes.empty();
    const std::string where = has_bytes ? fmt::format("{}{:04x}", part.unpacked ? "~" : " ", part.offset + at) : "     ";
    std::string line = paint("2", where) + "  " + bytes;
    if (!meaning.empty()) line += std::string(bytes.size() < bytes_width ? bytes_width - bytes.size() : 1, ' ') + meaning;
    text_ += line + "\n";
  }

  std::string paint(const char* colour, const std::string& text) const {
    if (style_.colours == DumpStyle::Colours::none || text.empty()) return text;
    return fmt::format("\x1b[{}m{}\x1b[0m", colour, text);
  }

  DumpStyle style_;
  std::string text_;
};

}  // namespace

std::string hex_dump(const std::vector<Part>& parts, const DumpStyle& style) {
  Dump dump(style);
  dump.parts(parts, 0);
  return dump.take();
}

}  // namespace acklab::protocol

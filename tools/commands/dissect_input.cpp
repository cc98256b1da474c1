#include "tools/commands/dissect_input.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include "protocol/wire/slice.h"
#include "tools/commands/command.h"

namespace acklab {

using protocol::Slice;

namespace {

// Bytes; whoever has more is told so.
constexpr std::size_t most_of_file = (std::size_t{1} << 31) - 1;  // what a segment may have
constexpr std::size_t most_of_stream = std::size_t{256} << 20;    // may have no end
constexpr std::size_t most_text = std::size_t{16} << 20;          // of a checkpoint; larger ones are taken for bytes

[[noreturn]] void refuse_more_than(std::size_t most, const std::string& from) {
  throw BadInput(fmt::format("{}: more than {} bytes are too many; give a part of them", from, most));
}

// Digits with anything between them that hex is written with; nothing if there is something else.
std::optional<std::string> bytes_of_hex(std::string_view text) {
  std::string bytes;
  int high = -1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (std::isspace(c) || c == ':' || c == ',') continue;
    if (c == '0' && high < 0 && i + 1 < text.size() && (text[i + 1] == 'x' || text[i + 1] == 'X')) {
      ++i;
      continue;
    }
    if (!std::isxdigit(c)) return std::nullopt;
    const int digit = std::isdigit(c) ? c - '0' : std::tolower(c) - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      bytes += static_cast<char>(high << 4 | digit);
      high = -1;
    }
  }
  if (high >= 0) return std::nullopt;
  return bytes;
}

bool is_text(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](unsigned char c) { return std::isprint(c) || std::isspace(c); });
}
bool stands_in_hex(unsigned char c) {
  return std::isxdigit(c) || std::isspace(c) || c == ':' || c == ',' || c == 'x' || c == 'X';
}

// What is wrong with digits that were meant to be hex; nothing if they are bytes after all, for bytes of Kafka's are not all printable.
std::optional<std::string> fault_of_hex(std::string_view text) {
  if (!is_text(text)) return std::nullopt;
  const auto other = std::find_if_not(text.begin(), text.end(), stands_in_hex);
  if (other == text.end()) return "these hex digits are not in pairs; is one missing at the end?";
  return fmt::format("this is text, but not hex, at character {}: '{}'; give pairs of hex digits, or the bytes themselves",
                     other - text.begin() + 1, *other);
}

Slice read_stream(std::istream& in, const std::string& from) {
  std::string text;
  constexpr std::size_t step = 1u << 20;
  while (in) {
    if (text.size() > most_of_stream) refuse_more_than(most_of_stream, from);
    const std::size_t before = text.size();
    text.resize(before + step);
    in.read(text.data() + before, step);
    text.resize(before + static_cast<std::size_t>(in.gcount()));
  }
  return Slice::copy_of(text);
}

// In one piece of the file's size, for a segment may have a gigabyte. What is no plain file, a pipe for example, has no size.
Slice read_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file))
    throw BadInput(fmt::format("{}: cannot be read; name a file of bytes or of hex digits", file));
  if (!std::filesystem::is_regular_file(file)) return read_stream(in, file);
  const std::uintmax_t size = std::filesystem::file_size(file);
  if (size > most_of_file) refuse_more_than(most_of_file, file);
  protocol::MutableBuffer bytes(static_cast<std::size_t>(size));
  in.read(reinterpret_cast<char*>(bytes.span().data()), static_cast<std::streamsize>(size));
  return std::move(bytes).freeze(static_cast<std::size_t>(in.gcount()));
}

// Whether text is one of Kafka's checkpoints, which may consist of digits as hex does: a version, how many lines follow, these lines.
bool is_checkpoint(std::string_view text) {
  if (text.size() > most_text) return false;
  std::istringstream lines{std::string(text)};
  std::string version;
  std::string count;
  if (!std::getline(lines, version) || version != "0" || !std::getline(lines, count)) return false;
  std::size_t follow = 0;
  for (std::string line; std::getline(lines, line); ++follow) {
    if (std::count(line.begin(), line.end(), ' ') == 0) return false;
  }
  return count == std::to_string(follow);
}

// What waits on standard input, of a file or a pipe, as far as some bytes can tell; whoever reads it next finds it all the same.
std::string peek_standard_input() {
  constexpr std::size_t enough = 4096;
  // Who stands before us in a pipe was started at the same time, and may be a little later.
  constexpr int patience_ms = 100;
  pollfd standard_input{STDIN_FILENO, POLLIN, 0};
  if (isatty(STDIN_FILENO) || poll(&standard_input, 1, patience_ms) <= 0) return "";

  std::string text(enough, '\0');
  ssize_t got = pread(STDIN_FILENO, text.data(), text.size(), lseek(STDIN_FILENO, 0, SEEK_CUR));
  if (int copy[2]; got < 0 && pipe(copy) == 0) {
    got = tee(STDIN_FILENO, copy[1], text.size(), SPLICE_F_NONBLOCK);
    if (got > 0) got = read(copy[0], text.data(), static_cast<std::size_t>(got));
    close(copy[0]);
    close(copy[1]);
  }
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

}  // namespace

bool is_standard_input(const std::string& file) { return file.empty() || file == "-"; }

Slice read_bytes(const std::string& file) {
  const std::string from = is_standard_input(file) ? "standard input" : file;
  const Slice read = is_standard_input(file) ? read_stream(std::cin, from) : read_file(file);
  const std::string_view text = read.text();
  if (is_checkpoint(text)) {
    throw BadInput(
        fmt::format("{} is text that can be read as it is: a checkpoint, a version, a number of lines, and those lines "
                    "(storage/FORMAT.md)",
                    from));
  }
  if (const auto bytes = bytes_of_hex(text)) return Slice::copy_of(*bytes);
  if (const auto fault = fault_of_hex(text)) throw BadInput(fmt::format("{}: {}", from, *fault));
  return read;
}

bool standard_input_has_bytes() {
  const std::string waiting = peek_standard_input();
  const auto is_digit = [](unsigned char c) { return std::isxdigit(c) != 0; };
  if (!is_text(waiting)) return true;
  return std::any_of(waiting.begin(), waiting.end(), is_digit) && std::all_of(waiting.begin(), waiting.end(), stands_in_hex);
}

}  // namespace acklab

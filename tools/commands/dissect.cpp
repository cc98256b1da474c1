// acklab dissect: bytes to fields, and the formats themselves.

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "protocol/messages/registry.h"
#include "protocol/nearest.h"
#include "protocol/study/capture_packets.h"
#include "protocol/study/dissect_frame.h"
#include "protocol/study/dissect_message.h"
#include "protocol/study/dissect_records.h"
#include "protocol/study/format_table.h"
#include "protocol/study/hex_dump.h"
#include "tools/commands/command.h"
#include "tools/commands/dissect_capture.h"
#include "tools/commands/parts_json.h"
#include "tools/lab/table.h"

namespace acklab {
namespace {

using Json = nlohmann::ordered_json;
using protocol::Api;
using protocol::Part;
using protocol::Schema;
using protocol::Slice;

constexpr std::size_t most_input = 256u << 20;  // bytes; larger files are told so

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

// What is wrong with digits that were meant to be hex; nothing if they are bytes after all, for bytes of Kafka's are not all printable.
std::optional<std::string> fault_of_hex(std::string_view text) {
  const auto printable = [](unsigned char c) { return std::isprint(c) || std::isspace(c); };
  if (!std::all_of(text.begin(), text.end(), printable)) return std::nullopt;
  const auto other = std::find_if(text.begin(), text.end(), [](unsigned char c) {
    return !std::isxdigit(c) && !std::isspace(c) && c != ':' && c != ',' && c != 'x' && c != 'X';
  });
  if (other == text.end()) return "these hex digits are not in pairs; is one missing at the end?";
  return fmt::format("this is text, but not hex, at character {}: '{}'; give pairs of hex digits, or the bytes themselves",
                     other - text.begin() + 1, *other);
}

// At most one byte more than can be taken.
std::string read_bounded(std::istream& in) {
  std::string text;
  constexpr std::size_t step = 1u << 20;
  while (in && text.size() <= most_input) {
    const std::size_t before = text.size();
    text.resize(before + step);
    in.read(text.data() + before, step);
    text.resize(before + static_cast<std::size_t>(in.gcount()));
  }
  return text;
}

// Whether text is one of Kafka's checkpoints, which may consist of digits as hex does: a version, how many lines follow, these lines.
bool is_checkpoint(const std::string& text) {
  std::istringstream lines(text);
  std::string version;
  std::string count;
  if (!std::getline(lines, version) || version != "0" || !std::getline(lines, count)) return false;
  std::size_t follow = 0;
  for (std::string line; std::getline(lines, line); ++follow) {
    if (std::count(line.begin(), line.end(), ' ') == 0) return false;
  }
  return count == std::to_string(follow);
}

// Whether bytes begin with a batch of magic 2 rather than with the size of a frame.
bool looks_like_records(std::string_view bytes) {
  constexpr std::size_t magic_at = 16;
  constexpr std::size_t crc_end = 21;
  return bytes.size() > crc_end && bytes[magic_at] == 2 && bytes.substr(0, 2) == std::string_view("\0\0", 2);
}

struct Dissect {
  std::string file;
  std::string as;
  std::string api;
  int version = -1;
  std::string diff;
  bool response = false;
  bool types = false;
  std::string frames;
  std::optional<std::size_t> connection;
  JsonOutput json;

  const Api& named_api() const {
    const auto same = [&](std::string_view name) {
      return std::equal(name.begin(), name.end(), api.begin(), api.end(),
                        [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
    };
    std::vector<std::string_view> names;
    for (const Api& one : protocol::apis()) {
      if (same(one.name) || api == std::to_string(one.key)) return one;
      names.push_back(one.name);
    }
    throw BadInput(fmt::format("--api {}: no such API; did you mean {}?", api, protocol::nearest(api, names)));
  }

  std::int16_t checked_version(const Schema& schema, int wanted) const {
    const auto& info = schema.info;
    if (wanted < info.first_version || wanted > info.last_version) {
      throw BadInput(
          fmt::format("{} has versions {} to {} here, not {}", schema.name, info.first_version, info.last_version, wanted));
    }
    return static_cast<std::int16_t>(wanted);
  }

  std::string read_input() const {
    std::string text;
    if (file.empty() || file == "-") {
      text = read_bounded(std::cin);
    } else {
      std::ifstream in(file, std::ios::binary);
      if (!in || std::filesystem::is_directory(file))
        throw BadInput(fmt::format("{}: cannot be read; name a file of bytes or of hex digits", file));
      text = read_bounded(in);
    }
    if (text.size() > most_input) throw BadInput(fmt::format("more than {} bytes are too many; give a part of them", most_input));
    if (is_checkpoint(text)) {
      throw BadInput(
          fmt::format("{} is text that can be read as it is: a checkpoint, a version, a number of lines, and those lines "
                      "(storage/FORMAT.md)",
                      file.empty() || file == "-" ? "standard input" : file));
    }
    if (auto bytes = bytes_of_hex(text)) {
      text = std::move(*bytes);
    } else if (const auto fault = fault_of_hex(text)) {
      throw BadInput(fmt::format("{}: {}", file.empty() || file == "-" ? "standard input" : file, *fault));
    }
    if (text.empty()) throw BadInput("dissect: no bytes; give hex digits on standard input, or a file");
    return text;
  }

  std::vector<Part> dissected(const std::string& bytes) const {
    const Slice all = Slice::copy_of(bytes);
    if (!api.empty() && as != "body") {
      if (!response) throw BadInput("--api with bytes: say --as body, or --response for a whole response frame");
      const Api& one = named_api();
      return protocol::dissect_response(all, {one.key, checked_version(one.response, version), 0});
    }
    if (as == "body") {
      if (api.empty()) throw BadInput("--as body: say of which message, as in --api Produce --version 9");
      const Schema& schema = response ? named_api().response : named_api().request;
      return protocol::dissect_message(schema, checked_version(schema, version), all);
    }
    const bool records = as == "records" || (as.empty() && looks_like_records(bytes));
    return records ? protocol::dissect_records(all) : protocol::dissect_request(all).parts;
  }

  protocol::DumpStyle style() const {
    using protocol::DumpStyle;
    const bool coloured = isatty(STDOUT_FILENO) && !std::getenv("NO_COLOR");
    return {.colours = coloured ? DumpStyle::Colours::ansi : DumpStyle::Colours::none,
            .types = types ? DumpStyle::Types::shown : DumpStyle::Types::hidden};
  }

  CaptureView capture_view() const {
    CaptureView view{
        .frames = {}, .every_frame = frames == "all", .connection = connection, .api_key = std::nullopt, .style = style()};
    if (!api.empty()) view.api_key = named_api().key;
    std::istringstream numbers(view.every_frame ? "" : frames);
    for (std::string number; std::getline(numbers, number, ',');) {
      std::size_t frame = 0;
      const auto end = std::from_chars(number.data(), number.data() + number.size(), frame);
      if (end.ec != std::errc{} || end.ptr != number.data() + number.size() || frame == 0) {
        throw BadInput(fmt::format("--frame {}: write numbers of messages, as in --frame 3,4, or all", frames));
      }
      view.frames.insert(frame);
    }
    return view;
  }

  void print_parts(const std::vector<Part>& parts) {
    if (json.wanted()) json.write(parts_json(parts));
    if (!json.to_stdout()) {
      std::fputs(protocol::hex_dump(parts, style()).c_str(), stdout);
    }
    if (const auto fault = protocol::first_fault(parts)) {
      std::fprintf(stderr, "acklab: byte %zu, %s: %s\n", fault->offset, fault->path.c_str(), fault->reason.c_str());
      throw Exit{ExitCode::unexpected};
    }
  }

  void print_format(const Schema& schema, std::int16_t of) {
    const auto rows = protocol::format_of(schema, of);
    if (json.wanted()) {
      Json list = Json::array();
      for (const auto& row : rows) {
        list.push_back({{"depth", row.depth},
                        {"name", row.name},
                        {"type", row.type},
                        {"versions", row.versions},
                        {"nullable", row.nullable},
                        {"tag", row.tag}});
      }
      json.write(Json{{"message", schema.name}, {"version", of}, {"fields", list}}.dump());
      if (json.to_stdout()) return;
    }
    std::printf("%s, version %d of %d to %d, %s\n", std::string(schema.name).c_str(), of, schema.info.first_version,
                schema.info.last_version, schema.info.flexible(of) ? "flexible" : "not flexible");
    lab::Table table({"field", "type", "in versions", "null in", "tag"});
    for (const auto& row : rows) {
      table.row({std::string(2 * row.depth, ' ') + row.name, row.type, row.versions, row.nullable, row.tag});
    }
    std::fputs(table.text("  ").c_str(), stdout);
  }

  void print_changes(const Schema& schema, std::int16_t from, std::int16_t to) {
    const auto changes = protocol::format_changes(schema, from, to);
    using Kind = protocol::FormatChange::Kind;
    const auto word = [](Kind kind) { return kind == Kind::added ? "added" : kind == Kind::removed ? "removed" : "changed"; };
    if (json.wanted()) {
      Json list = Json::array();
      for (const auto& change : changes) {
        list.push_back(
            {{"change", word(change.kind)}, {"path", change.path}, {"before", change.before}, {"after", change.after}});
      }
      json.write(Json{{"message", schema.name}, {"from", from}, {"to", to}, {"changes", list}}.dump());
      if (json.to_stdout()) return;
    }
    std::printf("%s, from version %d to %d:%s\n", std::string(schema.name).c_str(), from, to,
                changes.empty() ? " the same bytes" : "");
    for (const auto& change : changes) {
      const std::string type =
          change.kind == Kind::changed ? change.before + " -> " + change.after : change.before + change.after;
      std::printf("  %-8s %s: %s\n", word(change.kind), change.path.c_str(), type.c_str());
    }
  }

  void formats() {
    const Api& one = named_api();
    if (!diff.empty()) {
      int from = 0;
      int to = 0;
      char rest = 0;
      if (std::sscanf(diff.c_str(), "%d,%d%c", &from, &to, &rest) != 2) {
        throw BadInput("--diff " + diff + ": write two versions, as in --diff 8,9");
      }
      for (const Schema* schema : {&one.request, &one.response}) {
        print_changes(*schema, checked_version(*schema, from), checked_version(*schema, to));
      }
      return;
    }
    for (const Schema* schema : {&one.request, &one.response}) {
      print_format(*schema, version < 0 ? schema->info.last_version : checked_version(*schema, version));
    }
  }

  void run() {
    json.begin();
    const bool has_bytes = !file.empty() || !as.empty() || response;
    if (!api.empty() && !has_bytes) return formats();
    if (!diff.empty()) throw BadInput("--diff compares formats, not bytes; say --api NAME --diff 8,9 and name no file");
    const std::string bytes = read_input();
    if (as == "capture" || (as.empty() && protocol::looks_like_capture(Slice::copy_of(std::string_view(bytes).substr(0, 4))))) {
      if (version >= 0 || response)
        throw BadInput("--version and --response are not for captures: there each message says what it is");
      return print_capture(Slice::copy_of(bytes), capture_view(), json);
    }
    if (!frames.empty() || connection)
      throw BadInput("--frame and --connection are for captures (pcap, pcapng), and this is none");
    print_parts(dissected(bytes));
  }
};

}  // namespace

void add_dissect(CLI::App& program) {
  auto dissect = std::make_shared<Dissect>();
  CLI::App* command = program.add_subcommand(
      "dissect", "bytes to fields: hex on standard input, a segment, a capture; and the formats of messages");
  command->add_option("file", dissect->file,
                      "hex digits, or the bytes themselves, such as a segment (.log) or a capture (pcap); -: standard input");
  command->add_option("--as", dissect->as, "what the bytes are; without it, a capture, a request frame or records, as they look")
      ->check(CLI::IsMember({"request", "records", "body", "capture"}));
  command->add_option("--frame", dissect->frames, "of a capture: show the bytes of these messages, too: 3,4 or all")
      ->type_name("N");
  command->add_option("--connection", dissect->connection, "of a capture: only this connection")->type_name("N");
  command->add_flag("--response", dissect->response, "they are a response, to --api in --version");
  command->add_option("--api", dissect->api,
                      "an API by name or key; without bytes its format is printed; of a capture: only its messages");
  command->add_option("--version", dissect->version, "of the API; without it the newest");
  command->add_option("--diff", dissect->diff, "what changed between two versions of --api: 8,9");
  command->add_flag("--types", dissect->types, "how each field is written, too, and in which versions of its message it exists");
  dissect->json.add_to(*command);
  command->callback([dissect] { dissect->run(); });
}

}  // namespace acklab

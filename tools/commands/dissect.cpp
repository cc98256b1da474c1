// acklab dissect: bytes to fields, and the formats themselves.

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "protocol/messages/registry.h"
#include "protocol/nearest.h"
#include "protocol/study/dissect_frame.h"
#include "protocol/study/dissect_message.h"
#include "protocol/study/dissect_records.h"
#include "protocol/study/format_table.h"
#include "protocol/study/hex_dump.h"
#include "protocol/study/quote.h"
#include "tools/commands/command.h"
#include "tools/lab/table.h"

namespace acklab {
namespace {

using Json = nlohmann::ordered_json;
using protocol::Api;
using protocol::Part;
using protocol::Schema;
using protocol::Slice;

constexpr std::size_t most_input = 256u << 20;  // bytes; larger files are told so

Json json_of(const std::vector<Part>& parts) {
  Json list = Json::array();
  for (const Part& part : parts) {
    Json one{{"offset", part.offset}, {"name", part.name}};
    if (!part.bytes.empty()) one["hex"] = protocol::hex_of(part.bytes);
    if (!part.type.empty()) one["type"] = part.type;
    if (!part.value.empty()) one["value"] = part.value;
    if (!part.note.empty()) one["note"] = part.note;
    if (!part.fault.empty()) one["fault"] = part.fault;
    if (part.unpacked) one["unpacked"] = true;
    if (!part.parts.empty()) one["parts"] = json_of(part.parts);
    list.push_back(std::move(one));
  }
  return list;
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
      text.assign(std::istreambuf_iterator<char>(std::cin), {});
    } else {
      std::ifstream in(file, std::ios::binary);
      if (!in) throw BadInput(fmt::format("{}: cannot be read; name a file of bytes or of hex digits", file));
      text.assign(std::istreambuf_iterator<char>(in), {});
    }
    if (text.size() > most_input)
      throw BadInput(fmt::format("{} bytes are too many; at most {} are taken apart", text.size(), most_input));
    if (auto bytes = bytes_of_hex(text)) text = std::move(*bytes);
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
      const Schema& schema = response ? named_api().response : named_api().request;
      return protocol::dissect_message(schema, checked_version(schema, version), all);
    }
    const bool records = as == "records" || (as.empty() && looks_like_records(bytes));
    return records ? protocol::dissect_records(all) : protocol::dissect_request(all).parts;
  }

  void print_parts(const std::vector<Part>& parts) {
    if (json.wanted()) json.write(json_of(parts).dump());
    if (!json.to_stdout()) {
      const protocol::DumpStyle style{.colours = isatty(STDOUT_FILENO) && !std::getenv("NO_COLOR")
                                                     ? protocol::DumpStyle::Colours::ansi
                                                     : protocol::DumpStyle::Colours::none,
                                      .types = types ? protocol::DumpStyle::Types::shown : protocol::DumpStyle::Types::hidden};
      std::fputs(protocol::hex_dump(parts, style).c_str(), stdout);
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
    print_parts(dissected(read_input()));
  }
};

}  // namespace

void add_dissect(CLI::App& program) {
  auto dissect = std::make_shared<Dissect>();
  CLI::App* command =
      program.add_subcommand("dissect", "bytes to fields: hex on standard input, or a file; and the formats of messages");
  command->add_option("file", dissect->file, "hex digits, or the bytes themselves, such as a segment (.log); -: standard input");
  command->add_option("--as", dissect->as, "what the bytes are; without it, a request frame or records, as they look")
      ->check(CLI::IsMember({"request", "records", "body"}));
  command->add_flag("--response", dissect->response, "they are a response, to --api in --version");
  command->add_option("--api", dissect->api, "an API by name or key; without bytes its format is printed");
  command->add_option("--version", dissect->version, "of the API; without it the newest");
  command->add_option("--diff", dissect->diff, "what changed between two versions of --api: 8,9");
  command->add_flag("--types", dissect->types, "how each field is written, too");
  dissect->json.add_to(*command);
  command->callback([dissect] { dissect->run(); });
}

}  // namespace acklab

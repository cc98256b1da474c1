// acklab dissect: bytes to fields, and the formats themselves.

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>
#include <optional>
#include <sstream>
#include <string_view>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "protocol/study/capture_packets.h"
#include "protocol/study/dissect_frame.h"
#include "protocol/study/dissect_message.h"
#include "protocol/study/dissect_records.h"
#include "storage/dissect_log_file.h"
#include "storage/segment_files.h"
#include "tools/commands/colours.h"
#include "tools/commands/command.h"
#include "tools/commands/dissect_capture.h"
#include "tools/commands/dissect_formats.h"
#include "tools/commands/dissect_input.h"
#include "tools/commands/parts_output.h"

namespace acklab {
namespace {

using protocol::Api;
using protocol::Part;
using protocol::Slice;

// Whether bytes begin with a batch of magic 2 rather than with the size of a frame.
bool looks_like_records(const Slice& bytes) {
  constexpr std::size_t magic_at = 16;
  constexpr std::size_t crc_end = 21;
  return bytes.size() > crc_end && bytes.text()[magic_at] == 2 && bytes.text().substr(0, 2) == std::string_view("\0\0", 2);
}

struct Dissect {
  std::string file;
  std::string as;
  std::string api;
  std::optional<int> version;
  std::string diff;
  bool response = false;
  bool types = false;
  std::string frames;
  std::optional<std::int64_t> connection;
  JsonOutput json;

  void run() {
    json.begin();
    const bool has_bytes = !file.empty() || !as.empty() || response;
    if (!api.empty() && !has_bytes) return formats();
    if (!diff.empty()) throw BadInput("--diff compares formats, not bytes; say --api NAME --diff 8,9 and name no file");
    const Slice bytes = read_bytes(file);
    const auto log_file = this->log_file();
    if (bytes.empty() && !log_file && !is_segment())
      throw BadInput("dissect: no bytes; give hex digits on standard input, or a file");
    if (as == "capture" || (as.empty() && !log_file && protocol::looks_like_capture(bytes))) {
      if (version || response)
        throw BadInput("--version and --response are not for captures: there each message says what it is");
      return print_capture(bytes, capture_view(), json);
    }
    if (!frames.empty() || connection)
      throw BadInput("--frame and --connection are for captures (pcap, pcapng), and this is none");
    if (version && api.empty()) throw BadInput("--version: say of which API, as in --api Produce --version 9");
    PartsOutput output(style(), json);
    if (log_file) {
      storage::dissect_log_file(*log_file, bytes, [&](Part part) { output.show({std::move(part)}); });
    } else {
      show(bytes, output);
    }
    output.end();
  }

 private:
  void formats() {
    if (standard_input_has_bytes()) {
      throw BadInput("--api alone shows a format and takes no bytes; say with them --as body, or --response for a whole frame");
    }
    const Api& one = api_named(api);
    diff.empty() ? print_formats(one, version, json) : print_changes(one, diff, json);
  }

  // One of those that lie beside segments, by what was said of it or by its name.
  std::optional<storage::NamedLogFile> log_file() const {
    if (response || !api.empty()) return std::nullopt;
    const auto named = storage::log_file_of_name(std::filesystem::path(file).filename().native());
    if (as.empty()) return named;
    auto said = storage::log_file_of_name("." + as);
    if (said && named) said->base = named->base;
    return said;
  }

  // By its name, for it may be empty, cut in the first batch, or begin with a message set.
  bool is_segment() const {
    const std::string name = std::filesystem::path(file).filename().native();
    return as.empty() && !response && api.empty() && storage::base_of_segment_name(name).has_value();
  }

  void show(const Slice& bytes, PartsOutput& output) const {
    if (as == "body") {
      if (api.empty()) throw BadInput("--as body: say of which message, as in --api Produce --version 9");
      const auto& schema = response ? api_named(api).response : api_named(api).request;
      return output.show(protocol::dissect_message(schema, version_of(schema, version), bytes));
    }
    if (response) {
      if (api.empty()) throw BadInput("--response: say to what, as in --response --api Produce --version 9");
      const Api& one = api_named(api);
      const protocol::FrameKind request{one.key, version_of(one.response, version), 0};
      return show_frames(bytes, output, [&](const Slice& frame, std::size_t offset) {
        return protocol::dissect_response(frame, request, offset);
      });
    }
    if (!api.empty()) throw BadInput("--api with bytes: say --as body, or --response for a whole response frame");
    if (as == "records" || is_segment() || (as.empty() && looks_like_records(bytes))) {
      return protocol::dissect_each_batch(bytes, [&](Part batch) { output.show({std::move(batch)}); });
    }
    show_frames(bytes, output,
                [](const Slice& frame, std::size_t offset) { return protocol::dissect_request(frame, offset).parts; });
  }

  // Several frames are a part each.
  static void show_frames(const Slice& bytes, PartsOutput& output, const auto& dissected) {
    std::size_t at = 0;
    for (std::size_t index = 0; at < bytes.size(); ++index) {
      const Slice frame = protocol::first_frame(bytes.from(at));
      if (frame.size() == bytes.size()) return output.show(dissected(frame, 0));
      Part part;
      part.offset = at;
      part.name = fmt::format("frame[{}]", index);
      part.parts = dissected(frame, at);
      output.show({std::move(part)});
      at += frame.size();
    }
  }

  protocol::DumpStyle style() const {
    using protocol::DumpStyle;
    return {.colours = colours_on_stdout() ? DumpStyle::Colours::ansi : DumpStyle::Colours::none,
            .types = types ? DumpStyle::Types::shown : DumpStyle::Types::hidden};
  }

  CaptureView capture_view() const {
    CaptureView view{
        .frames = {}, .every_frame = frames == "all", .connection = connection, .api_key = std::nullopt, .style = style()};
    if (!api.empty()) view.api_key = api_named(api).key;
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
};

}  // namespace

void add_dissect(CLI::App& program) {
  auto dissect = std::make_shared<Dissect>();
  CLI::App* command = program.add_subcommand(
      "dissect", "bytes to fields: hex on standard input, the files of a log, a capture; and the formats of messages");
  command->add_option("file", dissect->file,
                      "hex digits, or the bytes themselves, such as a segment (.log), what lies beside it (.index, .snapshot) or "
                      "a capture (pcap); -: standard input");
  command
      ->add_option(
          "--as", dissect->as,
          "what the bytes are; without it what their file's name says, or a capture, a request frame or records, as they look")
      ->check(CLI::IsMember({"request", "records", "body", "capture", "index", "timeindex", "txnindex", "snapshot"}));
  command->add_option("--frame", dissect->frames, "of a capture: show the bytes of these messages, too: 3,4 or all")
      ->type_name("N");
  command->add_option("--connection", dissect->connection, "of a capture: only this connection")->type_name("N");
  command->add_flag("--response", dissect->response, "they are a response, to --api in --version");
  command->add_option("--api", dissect->api,
                      "an API by name or key; without bytes its format is printed; of a capture: only its messages");
  command->add_option("--version", dissect->version, "of the API; without it the newest")->type_name("N");
  command->add_option("--diff", dissect->diff, "what changed between two versions of --api: 8,9");
  command->add_flag("--types", dissect->types, "how each field is written, too, and in which versions of its message it exists");
  dissect->json.add_to(*command);
  command->footer(
      "Exit code: 0 if all could be read, 1 if not (the last line says where and why), 2 if it cannot be done as it was asked "
      "for.");
  command->callback([dissect] { dissect->run(); });
}

}  // namespace acklab

#include "tools/commands/parts_json.h"

#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "protocol/study/quote.h"

namespace acklab {
namespace {

// Text at once, and no tree of values first, which would take many times the memory of the parts.
class PartsText {
 public:
  void list(const std::vector<protocol::Part>& parts) {
    text_ += '[';
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i > 0) text_ += ',';
      one(parts[i]);
    }
    text_ += ']';
  }
  void one(const protocol::Part& part) {
    text_ += fmt::format(R"({{"offset":{},"name":{})", part.offset, quoted(part.name));
    if (!part.bytes.empty()) member("hex", protocol::hex_of(part.bytes));
    member("type", part.type);
    member("versions", part.versions);
    member("value", part.value);
    member("note", part.note);
    member("fault", part.fault);
    if (part.unpacked) text_ += R"(,"unpacked":true)";
    if (!part.parts.empty()) {
      text_ += R"(,"parts":)";
      list(part.parts);
    }
    text_ += '}';
  }
  std::string take() { return std::move(text_); }

 private:
  static std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }

  void member(std::string_view name, const std::string& value) {
    if (!value.empty()) text_ += fmt::format(R"(,"{}":{})", name, quoted(value));
  }

  std::string text_;
};

}  // namespace

std::string parts_json(const std::vector<protocol::Part>& parts) {
  PartsText text;
  text.list(parts);
  return text.take();
}

std::string part_json(const protocol::Part& part) {
  PartsText text;
  text.one(part);
  return text.take();
}

}  // namespace acklab

#include "tools/commands/parts_json.h"

#include <nlohmann/json.hpp>

#include "protocol/study/quote.h"

namespace acklab {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const std::vector<protocol::Part>& parts) {
  Json list = Json::array();
  for (const protocol::Part& part : parts) {
    Json one{{"offset", part.offset}, {"name", part.name}};
    if (!part.bytes.empty()) one["hex"] = protocol::hex_of(part.bytes);
    if (!part.type.empty()) one["type"] = part.type;
    if (!part.versions.empty()) one["versions"] = part.versions;
    if (!part.value.empty()) one["value"] = part.value;
    if (!part.note.empty()) one["note"] = part.note;
    if (!part.fault.empty()) one["fault"] = part.fault;
    if (part.unpacked) one["unpacked"] = true;
    if (!part.parts.empty()) one["parts"] = json_of(part.parts);
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace

std::string parts_json(const std::vector<protocol::Part>& parts) { return json_of(parts).dump(); }

}  // namespace acklab

// Our declarations against Kafka's own definitions, field by field, in every version that both have. The definitions are not ours to
// copy: ACKLAB_KAFKA_SOURCE names a checkout of Kafka. A checkout knows the versions of its day: Kafka 3.9 has most of the old ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "protocol/messages/registry.h"
#include "protocol/study/kind_name.h"

namespace acklab::protocol {
namespace {

using Json = nlohmann::json;

constexpr std::int16_t first_key_of_ours = 20'000;

// "0+", "3-5", "7", "none".
struct Versions {
  int first = 0;
  int last = -1;

  static Versions of(const std::string& text) {
    if (text.empty() || text == "none") return {};
    const int first = std::stoi(text);
    if (text.ends_with('+')) return {first, Spec::never};
    const auto dash = text.find('-');
    return {first, dash == std::string::npos ? first : std::stoi(text.substr(dash + 1))};
  }
  bool has(int version) const { return version >= first && version <= last; }
};

// After 4.3 Kafka gave one field another name, which no byte shows. Ours is the older one.
std::string our_name(const std::string& message, const std::string& field) {
  const bool renamed = message == "TxnOffsetCommitRequest" && field == "GenerationIdOrMemberEpoch";
  return renamed ? "GenerationId" : field;
}

// One line for each field that a version has, in the order of the wire; tagged fields by tag behind the others.
using Lines = std::vector<std::string>;

struct Line {
  std::string path, type;
  bool nullable = false;
  int tag = -1;
};

void put(const Line& line, Lines& body, std::map<int, Lines>& tagged, const Lines& children) {
  std::string text = line.path + ": " + line.type;
  if (line.nullable) text += ", may be null";
  Lines& to = line.tag >= 0 ? tagged[line.tag] : body;
  if (line.tag >= 0) text += ", tag " + std::to_string(line.tag);
  to.push_back(text);
  to.insert(to.end(), children.begin(), children.end());
}

Lines joined(Lines body, const std::map<int, Lines>& tagged) {
  for (const auto& [tag, lines] : tagged) body.insert(body.end(), lines.begin(), lines.end());
  return body;
}

// --- ours ---

// As Kafka's definitions spell it.
std::string type_name(Kind kind) { return kind == Kind::boolean ? "bool" : std::string(name(kind)); }

Lines ours(const std::vector<Field>& fields, std::int16_t version, const std::string& path) {
  Lines body;
  std::map<int, Lines> tagged;
  for (const Field& field : fields) {
    if (!field.spec.present(version)) continue;
    const std::string here = path + std::string(field.name);
    const bool array = field.kind == Kind::array;
    const Line line{.path = here,
                    .type = array ? "array of " + type_name(field.element) : type_name(field.kind),
                    .nullable = field.spec.may_be_null(version),
                    .tag = field.spec.tag_id};
    put(line, body, tagged, ours(field.children, version, here + "."));
  }
  return joined(std::move(body), tagged);
}

// --- Kafka's ---

std::string text(const Json& object, const char* key, const char* otherwise = "") {
  return object.value(key, std::string(otherwise));
}

// Some are written as text.
int number(const Json& value) { return value.is_string() ? std::stoi(value.get<std::string>()) : value.get<int>(); }

class Definition {
 public:
  explicit Definition(const Json& json) : json_(json) {
    for (const Json& structure : json.value("commonStructs", Json::array()))
      common_[text(structure, "name")] = structure["fields"];
  }

  Versions versions() const { return Versions::of(text(json_, "validVersions")); }
  bool flexible(int version) const { return Versions::of(text(json_, "flexibleVersions", "none")).has(version); }
  std::string name() const { return text(json_, "name"); }
  Lines lines(int version) const { return lines(json_["fields"], version, ""); }

 private:
  Lines lines(const Json& fields, int version, const std::string& path) const {
    Lines body;
    std::map<int, Lines> tagged;
    for (const Json& field : fields) {
      if (!Versions::of(text(field, "versions")).has(version)) continue;
      const std::string here = path + our_name(name(), text(field, "name"));
      std::string element = text(field, "type");
      const bool array = element.starts_with("[]");
      if (array) element.erase(0, 2);
      const Json* const children = fields_of(field, element);
      if (children) element = "structure";
      if (element == "records") element = "bytes";
      const bool is_tagged = field.contains("tag") && Versions::of(text(field, "taggedVersions")).has(version);
      const Line line{.path = here,
                      .type = (array ? "array of " : "") + element,
                      .nullable = Versions::of(text(field, "nullableVersions", "none")).has(version),
                      .tag = is_tagged ? number(field["tag"]) : -1};
      put(line, body, tagged, children ? lines(*children, version, here + ".") : Lines{});
    }
    return joined(std::move(body), tagged);
  }
  const Json* fields_of(const Json& field, const std::string& type) const {
    if (field.contains("fields")) return &field["fields"];
    const auto found = common_.find(type);
    return found == common_.end() ? nullptr : &found->second;
  }

  Json json_;
  std::map<std::string, Json> common_;
};

// By key, and "request" or "response".
using Definitions = std::map<std::pair<int, std::string>, Definition>;

Definitions read_definitions(const std::filesystem::path& folder) {
  Definitions all;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream file(entry.path());
    const Json json = Json::parse(file, nullptr, true, /*ignore_comments=*/true);
    if (json.contains("apiKey")) all.emplace(std::pair(json["apiKey"].get<int>(), text(json, "type")), Definition(json));
  }
  return all;
}

// How many versions were compared.
int compare(const Schema& schema, const Definition& kafka) {
  EXPECT_EQ(schema.name, kafka.name());
  int compared = 0;
  for (std::int16_t version = schema.info.first_version; version <= schema.info.last_version; ++version) {
    if (!kafka.versions().has(version)) continue;
    ++compared;
    EXPECT_EQ(schema.info.flexible(version), kafka.flexible(version)) << schema.name << " version " << version;
    EXPECT_THAT(ours(schema.fields, version, ""), testing::ElementsAreArray(kafka.lines(version)))
        << schema.name << " version " << version;
  }
  return compared;
}

TEST(KafkaDefinitions, SayTheSameAsOursFieldByField) {
  const char* const source = std::getenv("ACKLAB_KAFKA_SOURCE");
  if (!source) GTEST_SKIP() << "set ACKLAB_KAFKA_SOURCE to the folder of a checkout of github.com/apache/kafka";
  const Definitions definitions = read_definitions(std::filesystem::path(source) / "clients/src/main/resources/common/message");
  ASSERT_FALSE(definitions.empty());

  int compared = 0;
  for (const Api& api : apis()) {
    if (api.key >= first_key_of_ours) continue;
    for (const auto& [type, schema] : {std::pair("request", &api.request), std::pair("response", &api.response)}) {
      const auto kafka = definitions.find({api.key, type});
      ASSERT_NE(kafka, definitions.end()) << source << " has no " << api.name << " " << type;
      compared += compare(*schema, kafka->second);
    }
  }
  EXPECT_GT(compared, 0);
  std::printf("compared with Kafka's definitions: %d versions of %zu APIs\n", compared, apis().size());
}

}  // namespace
}  // namespace acklab::protocol

// ApiVersions: the one request that works before anything is known of a broker (KIP-35, KIP-511).
#include <algorithm>
#include <set>

#include "protocol/messages/api_versions.h"
#include "protocol/messages/produce.h"
#include "protocol/wire/big_endian.h"
#include "tools/conform/sections.h"
#include "tools/conform/witness.h"

namespace acklab::conform {

using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::ErrorCode;
using protocol::ProduceRequest;

namespace {

constexpr std::int16_t key = ApiVersionsRequest::info.api_key;
constexpr std::int16_t in_the_far_future = 127;
constexpr Versions flexible{3};

ApiVersionsRequest named(std::string name, std::string version) {
  ApiVersionsRequest request;
  request.client_software_name = std::move(name);
  request.client_software_version = std::move(version);
  return request;
}

ApiVersionsResponse ask_sound(const Witness& witness, Versions versions = {}) {
  const std::int16_t version = witness.version<ApiVersionsRequest>(versions);
  return sound("ApiVersions", witness.ask<ApiVersionsResponse>(witness.bootstrap(), named("acklab", "1"), version));
}

std::vector<std::tuple<int, int, int>> ranges(const ApiVersionsResponse& response) {
  std::vector<std::tuple<int, int, int>> all;
  for (const auto& api : response.api_keys) all.emplace_back(api.api_key, api.min_version, api.max_version);
  std::ranges::sort(all);
  return all;
}

std::string about_software(const Witness& witness, const std::string& name, const std::string& version) {
  const std::int16_t of = witness.version<ApiVersionsRequest>(flexible);
  return code(witness.ask<ApiVersionsResponse>(witness.bootstrap(), named(name, version), of));
}

enum class TagBuffer { in_header, missing };

// What a header of an unknown version, with these bytes behind it, is answered; in the layout of version 0, if anything.
Answer<ApiVersionsResponse> of_unknown_version(const Witness& witness, std::int16_t version, TagBuffer tags,
                                               const std::string& body) {
  std::string frame = protocol::request_header(key, version, tags == TagBuffer::in_header, 1, own_client_id) + body;
  std::string size(sizeof(std::int32_t), '\0');
  protocol::store_big_endian(reinterpret_cast<std::byte*>(size.data()), static_cast<std::int32_t>(frame.size()));
  Wire wire = witness.connect(witness.bootstrap());
  wire.send(size + frame);
  return receive<ApiVersionsResponse>(wire, 0, 1);
}

std::string with_range(const Witness& witness, const Answer<ApiVersionsResponse>& answer) {
  if (!answer) return answer.error();
  const auto offered = witness.offer().of(key);
  for (const auto& api : answer->api_keys) {
    if (api.api_key == key && offered && api.min_version == offered->first && api.max_version == offered->last) {
      return code(answer->error_code) + ", with the range of ApiVersions";
    }
  }
  return code(answer->error_code) + ", without the range of ApiVersions";
}

const Question questions[] = {
    {"api-versions.header", "The response header is version 0 in every version, so that any client can read it.", "KIP-511",
     "readable",
     [](Witness& witness) { return ask_sound(witness, flexible).api_keys.empty() ? "no APIs" : std::string("readable"); }},
    {"api-versions.lists-itself", "ApiVersions is in the list.", "KIP-35", "in the list",
     [](Witness& witness) { return std::string(witness.offer().of(key) ? "in the list" : "not in the list"); }},
    {"api-versions.ranges", "Each API is listed once, with a range that is not empty.", "KIP-35", "sound",
     [](Witness& witness) {
       std::set<int> seen;
       for (const auto& [api, first, last] : ranges(ask_sound(witness))) {
         if (!seen.insert(api).second) return fmt::format("API {} twice", api);
         if (first < 0 || last < first) return fmt::format("API {} in versions {} to {}", api, first, last);
       }
       return std::string("sound");
     }},
    {"api-versions.versions-agree", "Every version of the request gives the same list.", "KIP-35", "the same",
     [](Witness& witness) {
       const auto newest = ranges(ask_sound(witness));
       return std::string(ranges(ask_sound(witness, {0, 0})) == newest ? "the same" : "another list in version 0");
     }},
    {"api-versions.everywhere", "Every broker of a cluster gives the same list.", "KIP-35", "the same",
     [](Witness& witness) {
       const auto first = ranges(ask_sound(witness, {0, 0}));
       for (const auto& broker : witness.metadata().brokers) {
         const protocol::Address address{broker.host, static_cast<std::uint16_t>(broker.port)};
         const auto other = sound("ApiVersions", witness.ask<ApiVersionsResponse>(address, ApiVersionsRequest{}, 0));
         if (ranges(other) != first) return fmt::format("broker {} has another list", broker.node_id);
       }
       return std::string("the same");
     }},
    {"api-versions.again", "It may be asked again on the same connection, and the list is the same.", "KIP-35", "the same",
     [](Witness& witness) {
       Wire wire = witness.connect(witness.bootstrap());
       std::vector<ApiVersionsResponse> lists;
       for (std::int32_t turn = 0; turn < 2; ++turn) {
         wire.send(protocol::request_frame(ApiVersionsRequest{}, 0, turn, own_client_id).flatten().text());
         lists.push_back(sound("ApiVersions", receive<ApiVersionsResponse>(wire, 0, turn)));
       }
       return std::string(ranges(lists[0]) == ranges(lists[1]) ? "the same" : "another list");
     }},
    {"api-versions.unknown-version",
     "A version that the broker does not know is refused in version 0, with the range that it knows.", "KIP-511",
     "UNSUPPORTED_VERSION, with the range of ApiVersions",
     [](Witness& witness) {
       const std::string body(
           "\7acklab\2"
           "1\0",
           10);
       return with_range(witness, of_unknown_version(witness, in_the_far_future, TagBuffer::in_header, body));
     }},
    {"api-versions.unknown-body", "The body of an unknown version is not read, whatever it is.", "KIP-511",
     "UNSUPPORTED_VERSION, with the range of ApiVersions",
     [](Witness& witness) {
       return with_range(witness, of_unknown_version(witness, in_the_far_future, TagBuffer::in_header, "\xff\xff\xff\xff\xff"));
     }},
    {"api-versions.goes-on", "Such a refusal does not close the connection.", "KIP-511", "NONE",
     [](Witness& witness) {
       Wire wire = witness.connect(witness.bootstrap());
       const auto unknown = protocol::frame_request({key, in_the_far_future, 1, std::string(own_client_id)}, true, {});
       wire.send(unknown.flatten().text());
       sound("ApiVersions of an unknown version", receive<ApiVersionsResponse>(wire, 0, 1));
       wire.send(protocol::request_frame(ApiVersionsRequest{}, 0, 2, own_client_id).flatten().text());
       return code(receive<ApiVersionsResponse>(wire, 0, 2));
     }},
    {"api-versions.negative-version", "A negative version is an unknown one.", "recorded from Kafka 2.4",
     "UNSUPPORTED_VERSION, with the range of ApiVersions",
     [](Witness& witness) { return with_range(witness, of_unknown_version(witness, -1, TagBuffer::missing, "")); }},
    {"api-versions.no-tag-buffer", "The header of an unknown version has a tag buffer; without one the connection is closed.",
     "KIP-511; recorded from Kafka 2.4", "connection closed",
     [](Witness& witness) { return code(of_unknown_version(witness, in_the_far_future, TagBuffer::missing, "")); }},
    {"api-versions.software-name", "A name of letters, digits, dots and dashes is taken.", "KIP-511", "NONE",
     [](Witness& witness) { return about_software(witness, "my-client.2", "1.0-rc1"); }},
    {"api-versions.no-software-name", "The name of the client's software is not empty.", "KIP-511", "INVALID_REQUEST",
     [](Witness& witness) { return about_software(witness, "", "1"); }},
    {"api-versions.bad-software-name", "It has no other characters.", "KIP-511", "INVALID_REQUEST",
     [](Witness& witness) { return about_software(witness, "my client", "1"); }},
    {"api-versions.bad-software-version", "Nor has the version of the client's software, or a dash at its end.", "KIP-511",
     "INVALID_REQUEST", [](Witness& witness) { return about_software(witness, "client", "1-"); }},
    {"api-versions.supported-features", "Version 3 lists no feature that begins with version 0, which old clients cannot read.",
     "KIP-584", "none from 0",
     [](Witness& witness) {
       const auto answer = ask_sound(witness, {3, 3});
       for (const auto& feature : answer.supported_features.value_or(std::vector<ApiVersionsResponse::SupportedFeature>{})) {
         if (feature.min_version < 1) return feature.name + " from " + std::to_string(feature.min_version);
       }
       return std::string("none from 0");
     }},
    {"api-versions.finalized-features", "A feature that is finalized at level 0 is off, and not listed.", "KIP-584", "none at 0",
     [](Witness& witness) {
       const auto answer = ask_sound(witness, flexible);
       for (const auto& feature : answer.finalized_features.value_or(std::vector<ApiVersionsResponse::FinalizedFeature>{})) {
         if (feature.max_version_level < 1) return feature.name + " at " + std::to_string(feature.max_version_level);
       }
       return std::string("none at 0");
     }},
    {"api-versions.produce-from-0", "Produce is advertised from version 0 on; old librdkafka does not compress otherwise.",
     "KIP-896", "from 0",
     [](Witness& witness) {
       const auto offered = witness.offer().of(ProduceRequest::info.api_key);
       return offered ? fmt::format("from {}", offered->first) : std::string("not offered");
     }},
};

}  // namespace

std::span<const Question> api_versions() { return questions; }

}  // namespace acklab::conform

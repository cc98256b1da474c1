// What holds on every connection, whatever is asked on it: frames, headers, the order of answers, and what ends a connection.
#include <algorithm>
#include <limits>
#include <set>

#include "protocol/messages/api_versions.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/registry.h"
#include "protocol/wire/big_endian.h"
#include "tools/conform/fetch_call.h"
#include "tools/conform/list_offsets_call.h"
#include "tools/conform/produce_call.h"
#include "tools/conform/sections.h"

namespace acklab::conform {

using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;

namespace {

constexpr std::int16_t no_such_api = 32000;
constexpr std::int32_t beyond_request_limit = (100 << 20) + 1;  // socket.request.max.bytes, and one more
constexpr std::int64_t some_producer = 1;                       // nobody asks whether it was given out
constexpr std::int32_t mechanism_correlation = 1;

std::string int32(std::int32_t number) {
  std::string bytes(sizeof number, '\0');
  protocol::store_big_endian(reinterpret_cast<std::byte*>(bytes.data()), number);
  return bytes;
}
std::string framed(std::string_view payload) { return int32(static_cast<std::int32_t>(payload.size())) + std::string(payload); }

std::string api_versions_frame(std::int32_t correlation_id) {
  return std::string(protocol::request_frame(ApiVersionsRequest{}, 0, correlation_id, own_client_id).flatten().text());
}

// What comes back, said without looking inside.
std::string what_comes(Wire& wire) {
  const auto frame = wire.receive();
  return frame ? fmt::format("an answer of {} bytes", frame->size()) : std::string(words(frame.error()));
}
std::string answer_to(const Witness& witness, std::string_view bytes) {
  Wire wire = witness.connect(witness.bootstrap());
  wire.send(bytes);
  return what_comes(wire);
}

std::string correlation(const Witness& witness, std::int32_t id) {
  Wire wire = witness.connect(witness.bootstrap());
  wire.send(api_versions_frame(id));
  return code(receive<ApiVersionsResponse>(wire, 0, id));
}

std::set<std::tuple<int, std::string, int>> brokers_of(const MetadataResponse& metadata) {
  std::set<std::tuple<int, std::string, int>> all;
  for (const auto& broker : metadata.brokers) all.emplace(broker.node_id, broker.host, broker.port);
  return all;
}

// A header whose client id is null, and Metadata of no topics.
std::string without_client_id(std::int16_t version) {
  std::string header = protocol::request_header(MetadataRequest::info.api_key, version, false, 1, "");
  header.resize(header.size() - 2);  // the length of the client id
  header += "\xff\xff";
  return header + std::string(protocol::encode(MetadataRequest{}, version).flatten().text());
}

// An idempotent producer keeps five in flight, and a broker that swapped two would refuse them.
std::string produced_in_one_piece(Witness& witness) {
  constexpr std::int32_t in_flight = 5;
  const Place place = witness.place();
  const std::int16_t version = witness.version<ProduceRequest>({3, 12});
  std::string requests;
  for (std::int32_t sequence = 0; sequence < in_flight; ++sequence) {
    const ProduceRequest request = produce_request({{place, from_producer(draft(), some_producer, 0, sequence).bytes()}}, {});
    requests += protocol::request_frame(request, version, sequence, own_client_id).flatten().text();
  }
  Wire wire = witness.connect(place.broker);
  wire.send(requests);
  std::string offsets = "offsets";
  for (std::int32_t sequence = 0; sequence < in_flight; ++sequence) {
    const auto answer = accepted("Produce", only_partition(receive<ProduceResponse>(wire, version, sequence)));
    offsets += fmt::format(" {}", answer.base_offset);
  }
  return offsets;
}

const Question questions[] = {
    {"connection.segments", "A request may arrive in any pieces.", "protocol guide, network", "NONE",
     [](Witness& witness) {
       Wire wire = witness.connect(witness.bootstrap());
       for (const char byte : api_versions_frame(1)) wire.send(std::string_view(&byte, 1));
       return code(receive<ApiVersionsResponse>(wire, 0, 1));
     }},
    {"connection.two-at-once", "Several requests may arrive in one piece.", "protocol guide, network", "NONE, NONE",
     [](Witness& witness) {
       Wire wire = witness.connect(witness.bootstrap());
       wire.send(api_versions_frame(1) + api_versions_frame(2));
       const std::string first = code(receive<ApiVersionsResponse>(wire, 0, 1));
       return first + ", " + code(receive<ApiVersionsResponse>(wire, 0, 2));
     }},
    {"connection.negative-size", "A frame of negative size ends the connection.",
     "protocol guide, common request and response structure", "connection closed",
     [](Witness& witness) { return answer_to(witness, int32(-1)); }},
    {"connection.too-large", "So does one of more than socket.request.max.bytes.", "broker setting socket.request.max.bytes",
     "connection closed", [](Witness& witness) { return answer_to(witness, int32(beyond_request_limit)); }},
    {"connection.no-header", "And one that is too short for a header.", "protocol guide, request header", "connection closed",
     [](Witness& witness) { return answer_to(witness, framed(std::string_view("\0", 1))); }},
    {"connection.unknown-api", "And a request that does not exist.", "protocol guide, request header", "connection closed",
     [](Witness& witness) {
       return answer_to(witness, framed(protocol::request_header(no_such_api, 0, false, 1, own_client_id)));
     }},
    {"connection.unknown-version", "And a version that is not advertised, of any request but ApiVersions.", "KIP-35",
     "connection closed",
     [](Witness& witness) {
       const auto offered = witness.offer().of(MetadataRequest::info.api_key);
       const auto above = static_cast<std::int16_t>(offered->last + 1);
       return answer_to(witness, framed(protocol::request_header(MetadataRequest::info.api_key, above, true, 1, own_client_id) +
                                        std::string("\1\0\0\0\0", 5)));
     }},
    {"connection.negative-version", "And a negative version.", "KIP-35", "connection closed",
     [](Witness& witness) {
       return answer_to(witness,
                        framed(protocol::request_header(MetadataRequest::info.api_key, -1, false, 1, own_client_id) + int32(0)));
     }},
    {"connection.torn-body", "And a body that ends too early.", "protocol guide, protocol primitive types", "connection closed",
     [](Witness& witness) {
       const std::int16_t version = witness.version<MetadataRequest>({0, 8});
       return answer_to(
           witness, framed(protocol::request_header(MetadataRequest::info.api_key, version, false, 1, own_client_id) + int32(1)));
     }},
    {"connection.absurd-count", "And an array that claims to have more elements than there are bytes.",
     "protocol guide, protocol primitive types", "connection closed",
     [](Witness& witness) {
       const std::int16_t version = witness.version<MetadataRequest>({1, 8});
       const std::int32_t most = std::numeric_limits<std::int32_t>::max();
       return answer_to(
           witness,
           framed(protocol::request_header(MetadataRequest::info.api_key, version, false, 1, own_client_id) + int32(most)));
     }},
    {"connection.others-live", "What ends one connection leaves the others alone.", "protocol guide, network", "NONE",
     [](Witness& witness) {
       Wire wire = witness.connect(witness.bootstrap());
       answer_to(witness, int32(-1));
       wire.send(api_versions_frame(1));
       return code(receive<ApiVersionsResponse>(wire, 0, 1));
     }},
    {"connection.response-header", "A flexible response has a header of version 1, with a tag buffer.", "KIP-482", "readable",
     [](Witness& witness) {
       const std::int16_t version = witness.version<MetadataRequest>({MetadataRequest::info.flexible_since});
       const auto answer = witness.ask<MetadataResponse>(witness.bootstrap(), MetadataRequest{}, version);
       return answer ? std::string("readable") : answer.error();
     }},
    {"connection.no-client-id", "The client id may be null.", "protocol guide, request header", "readable",
     [](Witness& witness) {
       const std::int16_t version = witness.version<MetadataRequest>({0, 8});
       Wire wire = witness.connect(witness.bootstrap());
       wire.send(framed(without_client_id(version)));
       const auto answer = receive<MetadataResponse>(wire, version, 1);
       return answer ? std::string("readable") : answer.error();
     }},
    {"connection.correlation-0", "The correlation id comes back as it is: 0.", "protocol guide, request header", "NONE",
     [](Witness& witness) { return correlation(witness, 0); }},
    {"connection.correlation-negative", "The correlation id comes back as it is: the smallest of all.",
     "protocol guide, request header", "NONE",
     [](Witness& witness) { return correlation(witness, std::numeric_limits<std::int32_t>::min()); }},
    {"connection.correlation-twice", "The broker does not mind that an id is used again.", "protocol guide, request header",
     "NONE, NONE",
     [](Witness& witness) {
       Wire wire = witness.connect(witness.bootstrap());
       wire.send(api_versions_frame(7) + api_versions_frame(7));
       const std::string first = code(receive<ApiVersionsResponse>(wire, 0, 7));
       return first + ", " + code(receive<ApiVersionsResponse>(wire, 0, 7));
     }},
    {"connection.order", "Answers leave in the order of the requests: one that waits holds what is behind it.",
     "protocol guide, network", "Fetch, then ApiVersions",
     [](Witness& witness) {
       const Place place = witness.place();
       const std::int16_t version = witness.version<FetchRequest>({4, 12});
       const FetchRequest waits = fetch_request({{place, 0}}, {.max_wait_ms = 300});
       Wire wire = witness.connect(place.broker);
       wire.send(std::string(protocol::request_frame(waits, version, 1, own_client_id).flatten().text()) + api_versions_frame(2));
       sound("Fetch", receive<FetchResponse>(wire, version, 1));
       sound("ApiVersions", receive<ApiVersionsResponse>(wire, 0, 2));
       return std::string("Fetch, then ApiVersions");
     }},
    {"connection.pipelined", "Requests that wait for their turn are kept.", "protocol guide, network", "50 answers",
     [](Witness& witness) {
       constexpr std::int32_t count = 50;
       std::string requests;
       for (std::int32_t id = 0; id < count; ++id) requests += api_versions_frame(id);
       Wire wire = witness.connect(witness.bootstrap());
       wire.send(requests);
       for (std::int32_t id = 0; id < count; ++id) sound("ApiVersions", receive<ApiVersionsResponse>(wire, 0, id));
       return fmt::format("{} answers", count);
     }},
    {"connection.produce-order", "Produce requests that come in one piece are applied in that order.",
     "protocol guide, network; KIP-98", "offsets 0 1 2 3 4", produced_in_one_piece},
    {"connection.advertised", "Each broker that Metadata names can be reached where it says.", "KIP-103", "all reached",
     [](Witness& witness) {
       for (const auto& broker : witness.metadata().brokers) {
         const protocol::Address address{broker.host, static_cast<std::uint16_t>(broker.port)};
         const auto answer = witness.ask<ApiVersionsResponse>(address, ApiVersionsRequest{}, 0);
         if (!answer) return fmt::format("broker {} at {}: {}", broker.node_id, to_string(address), answer.error());
       }
       return std::string("all reached");
     }},
    {"connection.one-view", "All brokers name the same brokers.", "protocol guide, Metadata", "the same",
     [](Witness& witness) {
       const MetadataResponse view = witness.metadata();
       for (const auto& broker : view.brokers) {
         const protocol::Address address{broker.host, static_cast<std::uint16_t>(broker.port)};
         const auto other =
             sound("Metadata", witness.ask<MetadataResponse>(address, MetadataRequest{}, witness.version<MetadataRequest>()));
         if (brokers_of(other) != brokers_of(view)) return fmt::format("broker {} names others", broker.node_id);
       }
       return std::string("the same");
     }},
    {"connection.every-partition", "An answer has every partition that was asked for, under one entry for each topic.",
     "protocol guide, ListOffsets", "1 topic, partitions 2 0 1",
     [](Witness& witness) {
       auto places = witness.topic({.partitions = 3});
       std::ranges::rotate(places, places.begin() + 2);
       const auto answer = sound("ListOffsets", list_offsets(witness, places, earliest));
       std::string all = fmt::format("{} topic, partitions", answer.topics.size());
       for (const auto& topic : answer.topics) {
         for (const auto& partition : topic.partitions) all += fmt::format(" {}", partition.partition_index);
       }
       return all;
     }},
    {"connection.sasl-on-plain", "Where nobody has to say who he is, SaslHandshake is refused.", "KIP-43", "ILLEGAL_SASL_STATE",
     [](Witness& witness) {
       constexpr std::int16_t sasl_handshake = 17;
       if (!witness.offer().of(sasl_handshake)) throw NotAsked{"the broker does not offer SaslHandshake"};
       const std::string mechanism("\0\5PLAIN", 7);
       Wire wire = witness.connect(witness.bootstrap());
       wire.send(framed(protocol::request_header(sasl_handshake, 1, false, mechanism_correlation, own_client_id) + mechanism));
       const auto frame = wire.receive();
       if (!frame) return std::string(words(frame.error()));
       if (frame->size() < 6) return std::string("unreadable");
       return code(static_cast<protocol::ErrorCode>(protocol::load_big_endian<std::int16_t>(frame->data() + 4)));
     }},
};

}  // namespace

std::span<const Question> connections() { return questions; }

}  // namespace acklab::conform

#include "broker/control/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <limits>

#include <nlohmann/json.hpp>

#include "broker/control/openapi.h"
#include "broker/control/problem.h"
#include "protocol/nearest.h"

namespace acklab::broker {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view json_type = "application/json";
constexpr std::string_view id_mark = "{id}";

HttpResponse json(int status, const Json& body) {
  // Names may come from clients and need not be UTF-8; that must not cost the page.
  return {.status = status,
          .content_type = std::string(json_type),
          .body = body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"};
}

Json to_json(const FaultReport& fault) {
  return {{"id", fault.id},
          {"do", fault.verb},
          {"target", fault.target.empty() ? Json(nullptr) : Json(fault.target)},
          {"state", fault.state},
          {"planned", fault.planned},
          {"fired", fault.fired},
          {"struck", fault.struck},
          {"first_fired_ms", fault.first_fired ? Json(protocol::in_milliseconds(*fault.first_fired)) : Json(nullptr)}};
}

Json ids_of(protocol::BrokerSet brokers) {
  Json ids = Json::array();
  for (std::int32_t id = 0; id < std::numeric_limits<decltype(brokers.bits)>::digits; ++id) {
    if (brokers.contains({id})) ids.push_back(id);
  }
  return ids;
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = std::isalnum(byte) || c == '-' || c == '.' || c == '_' || c == '~';
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return encoded;
}

// What is no escape stands for itself.
std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) ? c - '0' : std::tolower(c) - 'a' + 10; };
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && std::isxdigit(static_cast<unsigned char>(text[i + 1])) &&
                        std::isxdigit(static_cast<unsigned char>(text[i + 2]));
    decoded += escape ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])) : text[i];
    if (escape) i += 2;
  }
  return decoded;
}

// The segment in the place of "{id}", or nothing for a path without one; none if the path is another one.
std::optional<std::string> match(std::string_view pattern, std::string_view path) {
  if (!pattern.ends_with(id_mark)) return pattern == path ? std::optional<std::string>("") : std::nullopt;
  const std::string_view prefix = pattern.substr(0, pattern.size() - id_mark.size());
  if (!path.starts_with(prefix)) return std::nullopt;
  const std::string_view segment = path.substr(prefix.size());
  if (segment.empty() || segment.find('/') != std::string_view::npos) return std::nullopt;
  return percent_decoded(segment);
}

bool is_json(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  std::transform(type.begin(), type.end(), type.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return type == json_type;
}

}  // namespace

struct Routes::Row {
  Name name;
  HttpResponse (Routes::*serve)(const HttpRequest&, const std::string&) const;
};

const Routes::Row Routes::rows[] = {
    {{"GET", "/"}, &Routes::index},
    {{"GET", "/metrics"}, &Routes::metrics},
    {{"GET", "/api/v1/cluster"}, &Routes::cluster},
    {{"GET", "/api/v1/faults"}, &Routes::list_faults},
    {{"POST", "/api/v1/faults"}, &Routes::plan_fault},
    {{"GET", "/api/v1/faults/{id}"}, &Routes::show_fault},
    {{"DELETE", "/api/v1/faults/{id}"}, &Routes::lift_fault},
    {{"GET", "/api/v1/openapi.json"}, &Routes::openapi},
};

std::vector<Routes::Name> Routes::names() {
  std::vector<Name> all;
  for (const Row& row : rows) all.push_back(row.name);
  return all;
}

HttpResponse Routes::operator()(const HttpRequest& request) const {
  const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
  std::string allowed;
  for (const Row& row : rows) {
    const auto id = match(row.name.path, path);
    if (!id) continue;
    if (row.name.method == request.method) return (this->*row.serve)(request, *id);
    allowed += (allowed.empty() ? "" : ", ") + std::string(row.name.method) + (row.name.method == "GET" ? ", HEAD" : "");
  }
  if (!allowed.empty()) {
    HttpResponse refused = problem(405, fmt::format("{} {}: this page takes {}", request.method, path, allowed));
    refused.headers["Allow"] = allowed;
    return refused;
  }
  std::vector<std::string_view> paths;
  for (const Row& row : rows) paths.push_back(row.name.path);
  return problem(404, fmt::format("there is no {}; did you mean {}? /api/v1/openapi.json lists all pages", path,
                                  protocol::nearest(path, paths)));
}

HttpResponse Routes::index(const HttpRequest&, const std::string&) const {
  return {.body =
              "acklab serves its cluster's state and faults at /api/v1/cluster, /api/v1/faults and /metrics; "
              "/api/v1/openapi.json describes them.\n"};
}

HttpResponse Routes::metrics(const HttpRequest&, const std::string&) const {
  return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = plane_.metrics()};
}

HttpResponse Routes::cluster(const HttpRequest&, const std::string&) const {
  const ClusterReport report = plane_.cluster();
  Json brokers = Json::array();
  for (const ClusterReport::Broker& broker : report.brokers) {
    brokers.push_back({{"id", broker.id},
                       {"address", broker.address},
                       {"alive", broker.alive},
                       {"paused", broker.paused},
                       {"usable", broker.usable}});
  }
  Json partitions = Json::array();
  for (const auto& [name, partition] : report.partitions) {
    partitions.push_back({{"topic", name.topic},
                          {"partition", name.partition},
                          {"leader", partition.leader.known() ? Json(partition.leader.value) : Json(nullptr)},
                          {"epoch", partition.epoch.value},
                          {"isr", ids_of(partition.isr)},
                          {"replicas", ids_of(partition.replicas)}});
  }
  return json(200, {{"controller", {{"alive", report.controller_alive}}}, {"brokers", brokers}, {"partitions", partitions}});
}

HttpResponse Routes::list_faults(const HttpRequest&, const std::string&) const {
  Json all = Json::array();
  for (const FaultReport& fault : plane_.faults.list()) all.push_back(to_json(fault));
  return json(200, all);
}

// The type is asked for not out of pedantry: a page of some web site can make a browser on this machine send a form or a text here, but
// not JSON.
HttpResponse Routes::plan_fault(const HttpRequest& request, const std::string&) const {
  if (!is_json(request.content_type)) {
    return problem(415, fmt::format("a fault is sent as {}, not as \"{}\"", json_type, request.content_type));
  }
  if (!Json::accept(request.body)) {
    return problem(400, R"(the body is no JSON; a fault is written like {"do": "kill", "target": "leader:orders-0"})");
  }
  auto fault = plane_.faults.read(request.body);
  if (!fault) return problem(422, fault.error());
  const std::vector<FaultReport> known = plane_.faults.list();
  if (known.size() >= max_faults) {
    return problem(409, fmt::format("{} faults were planned, which is all that a cluster remembers; restart it", max_faults));
  }
  if (!fault->id.empty() && find_fault(fault->id)) {
    return problem(409, fmt::format("there is a fault \"{}\" already; choose another id, or leave it out", fault->id));
  }
  const auto id = plane_.faults.inject(*std::move(fault));
  if (!id) return problem(422, id.error());
  const auto report = find_fault(*id);
  if (!report) return problem(500, fmt::format("fault \"{}\" was planned and is not known", *id));
  HttpResponse created = json(201, to_json(*report));
  created.headers["Location"] = "/api/v1/faults/" + percent_encoded(*id);
  return created;
}

HttpResponse Routes::show_fault(const HttpRequest&, const std::string& id) const {
  const auto report = find_fault(id);
  return report ? json(200, to_json(*report))
                : problem(404, fmt::format("there is no fault \"{}\"; GET /api/v1/faults lists all", id));
}

HttpResponse Routes::lift_fault(const HttpRequest& request, const std::string& id) const {
  if (!find_fault(id)) return show_fault(request, id);
  if (const auto lifted = plane_.faults.lift(id); !lifted) return problem(409, lifted.error());
  return show_fault(request, id);
}

HttpResponse Routes::openapi(const HttpRequest&, const std::string&) const {
  return {.content_type = std::string(json_type), .body = std::string(openapi_document)};
}

std::optional<FaultReport> Routes::find_fault(std::string_view id) const {
  const std::vector<FaultReport> all = plane_.faults.list();
  const auto found = std::find_if(all.begin(), all.end(), [&](const FaultReport& fault) { return fault.id == id; });
  return found == all.end() ? std::nullopt : std::optional(*found);
}

}  // namespace acklab::broker

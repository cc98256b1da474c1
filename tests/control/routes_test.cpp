// From a request to a status, over a fault desk that only remembers.

#include "broker/control/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "broker/control/openapi.h"

namespace acklab::broker {
namespace {

using nlohmann::json;
using protocol::failure;
using testing::HasSubstr;

class RoutesTest : public testing::Test {
 protected:
  HttpResponse ask(std::string method, std::string target, std::string body = {}, std::string type = {}) {
    return routes_(
        {.method = std::move(method), .target = std::move(target), .content_type = std::move(type), .body = std::move(body)});
  }
  HttpResponse post(std::string body) { return ask("POST", "/api/v1/faults", std::move(body), "application/json"); }

  std::vector<FaultReport> planned_;
  ClusterReport report_;
  Routes routes_{{.cluster = [this] { return report_; },
                  .metrics = [] { return std::string("up 1\n"); },
                  .faults = {.read = [](std::string_view text) -> protocol::Result<Fault, std::string> {
                               const json fault = json::parse(text);
                               if (!fault.is_object() || !fault.contains("do")) return failure(std::string("\"do\" is missing"));
                               Fault read;
                               read.id = fault.value("id", "");
                               read.target.client = fault.value("target", "");
                               return read;
                             },
                             .inject = [this](Fault fault) -> protocol::Result<std::string, std::string> {
                               if (fault.target.client == "nobody") return failure(std::string("nobody is called that"));
                               if (fault.id.empty()) fault.id = "fault-" + std::to_string(planned_.size() + 1);
                               planned_.push_back(
                                   {.id = fault.id, .verb = "kill", .target = "leader:orders-0", .state = "done", .fired = 1});
                               return fault.id;
                             },
                             .lift = [this](std::string_view id) -> protocol::Result<void, std::string> {
                               const auto found =
                                   std::find_if(planned_.begin(), planned_.end(), [&](const auto& f) { return f.id == id; });
                               if (found->state == "done") return failure(std::string("it is over"));
                               found->state = "lifted";
                               return {};
                             },
                             .list = [this] { return planned_; }}}};
};

TEST_F(RoutesTest, EveryBadRequestIsAProblemDocumentThatSaysWhatToDo) {
  struct Case {
    std::string method, target, body, type;
    int status;
    std::string detail;
  };
  const std::string json_type = "application/json";
  const std::string faults = "/api/v1/faults";
  planned_.push_back({.id = "there", .verb = "kill", .state = "done"});
  const Case cases[] = {
      {"GET", "/api/v1/clutser", "", "", 404, "did you mean /api/v1/cluster?"},
      {"GET", "", "", "", 404, "openapi.json"},
      {"GET", "http://elsewhere/metrics", "", "", 404, "openapi.json"},
      {"GET", "/api/v1/faults/", "", "", 404, "there is no"},
      {"GET", "/api/v1/faults/a/b", "", "", 404, "there is no"},
      {"POST", "/metrics", "", "", 405, "takes GET, HEAD"},
      {"PUT", faults, "", "", 405, "takes GET, HEAD, POST"},
      {"PATCH", faults + "/there", "", "", 405, "takes GET, HEAD, DELETE"},
      {"OPTIONS", "/api/v1/cluster", "", "", 405, "takes GET"},
      {"POST", faults, R"({"do": "kill"})", "", 415, "application/json"},
      {"POST", faults, R"({"do": "kill"})", "text/plain", 415, "text/plain"},
      {"POST", faults, R"({"do": "kill"})", "application/jsonp", 415, "application/jsonp"},
      {"POST", faults, "", json_type, 400, "no JSON"},
      {"POST", faults, R"({"do": "kill")", json_type, 400, "no JSON"},
      {"POST", faults, "\xff\xfe", json_type, 400, "no JSON"},
      {"POST", faults, "[]", json_type, 422, "\"do\" is missing"},
      {"POST", faults, "{}", json_type, 422, "\"do\" is missing"},
      {"POST", faults, R"({"do": "kill", "target": "nobody"})", json_type, 422, "nobody is called that"},
      {"POST", faults, R"({"do": "kill", "id": "there"})", json_type, 409, "already"},
      {"GET", faults + "/elsewhere", "", "", 404, "no fault \"elsewhere\""},
      {"DELETE", faults + "/elsewhere", "", "", 404, "no fault \"elsewhere\""},
      {"DELETE", faults + "/%65lsewhere%", "", "", 404, "no fault \"elsewhere%\""},
      {"DELETE", faults + "/%ff", "", "", 404, "no fault"},
      {"DELETE", faults + "/there", "", "", 409, "it is over"},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.method + " " + one.target + " " + one.body);

    const HttpResponse response = ask(one.method, one.target, one.body, one.type);

    EXPECT_EQ(response.status, one.status);
    EXPECT_EQ(response.content_type, "application/problem+json");
    const json problem = json::parse(response.body);
    EXPECT_EQ(problem.at("status"), one.status);
    EXPECT_EQ(problem.at("type"), "about:blank");
    EXPECT_FALSE(problem.at("title").get<std::string>().empty());
    EXPECT_THAT(problem.at("detail").get<std::string>(), HasSubstr(one.detail));
    EXPECT_EQ(response.headers.contains("Allow"), one.status == 405);
  }
}

TEST_F(RoutesTest, AFaultIsPlannedFoundAndLifted) {
  const HttpResponse created = post(R"({"do": "kill", "target": "leader:orders-0"})");

  ASSERT_EQ(created.status, 201) << created.body;
  EXPECT_EQ(created.headers.at("Location"), "/api/v1/faults/fault-1");
  const json status = json::parse(created.body);
  EXPECT_EQ(status.at("id"), "fault-1");
  EXPECT_EQ(status.at("do"), "kill");
  EXPECT_EQ(status.at("target"), "leader:orders-0");
  EXPECT_EQ(status.at("fired"), 1);
  EXPECT_EQ(status.at("first_fired_ms"), nullptr);
  EXPECT_EQ(json::parse(ask("GET", "/api/v1/faults").body), json::array({status}));
  EXPECT_EQ(json::parse(ask("GET", "/api/v1/faults/fault-1?verbose").body), status);

  planned_[0].state = "armed";
  const HttpResponse lifted = ask("DELETE", "/api/v1/faults/fault-1");

  EXPECT_EQ(lifted.status, 200);
  EXPECT_EQ(json::parse(lifted.body).at("state"), "lifted");
}

TEST_F(RoutesTest, TheLocationOfAFaultLeadsToItWhateverItsName) {
  const HttpResponse created =
      ask("POST", "/api/v1/faults", R"({"do": "kill", "id": "a/b c%?ü"})", "Application/JSON; charset=utf-8");

  ASSERT_EQ(created.status, 201) << created.body;
  const HttpResponse found = ask("GET", created.headers.at("Location"));
  EXPECT_EQ(json::parse(found.body).at("id"), "a/b c%?ü");
}

TEST_F(RoutesTest, AFaultTooManyIsRefused) {
  for (std::size_t i = 0; i < Routes::max_faults; ++i) planned_.push_back({.id = std::to_string(i)});

  EXPECT_EQ(post(R"({"do": "kill"})").status, 409);
  EXPECT_EQ(planned_.size(), Routes::max_faults);
}

TEST_F(RoutesTest, TheClusterIsShownAsTheReportHasIt) {
  report_.brokers = {{.id = 0, .address = "127.0.0.1:9092"},
                     {.id = 1, .address = "127.0.0.1:9093", .alive = false, .usable = false}};
  report_.partitions[{"orders", 0}] = {.leader = {0}, .epoch = {3}, .isr = {0b01}, .replicas = {0b11}};
  report_.partitions[{"or\xffphans", 1}] = {.leader = {}, .epoch = {1}, .isr = {0b10}, .replicas = {0b10}};

  const json shown = json::parse(ask("GET", "/api/v1/cluster").body);

  EXPECT_EQ(shown.at("controller"), json::parse(R"({"alive": true})"));
  EXPECT_EQ(shown.at("brokers"), json::parse(R"([
    {"id": 0, "address": "127.0.0.1:9092", "alive": true, "paused": false, "usable": true},
    {"id": 1, "address": "127.0.0.1:9093", "alive": false, "paused": false, "usable": false}])"));
  EXPECT_EQ(shown.at("partitions")[0], json::parse(R"(
    {"topic": "orders", "partition": 0, "leader": 0, "epoch": 3, "isr": [0], "replicas": [0, 1]})"));
  EXPECT_EQ(shown.at("partitions")[1].at("leader"), nullptr);
}

TEST_F(RoutesTest, TheOpenApiDocumentNamesTheRoutesAndNoOthers) {
  const HttpResponse response = ask("GET", "/api/v1/openapi.json");

  std::vector<std::string> described;
  const json paths = json::parse(response.body).at("paths");
  for (const auto& [path, methods] : paths.items()) {
    for (const auto& [method, operation] : methods.items()) {
      if (method != "parameters") described.push_back(method + " " + path);
    }
  }
  std::vector<std::string> served;
  for (const Routes::Name& name : Routes::names()) {
    std::string method(name.method);
    std::transform(method.begin(), method.end(), method.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    served.push_back(method + " " + std::string(name.path));
  }
  EXPECT_THAT(described, testing::UnorderedElementsAreArray(served));
}

TEST_F(RoutesTest, TheFirstPageAndTheMetricsAreText) {
  EXPECT_THAT(ask("GET", "/").body, HasSubstr("/api/v1/cluster"));
  EXPECT_THAT(ask("GET", "/metrics").content_type, HasSubstr("version=0.0.4"));
  EXPECT_EQ(ask("GET", "/metrics").body, "up 1\n");
}

}  // namespace
}  // namespace acklab::broker

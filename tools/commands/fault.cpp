// acklab fault: faults on a serving cluster. A client of its HTTP interface: what a verb or a target means is the server's to say.

#include <cstdio>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <nlohmann/json.hpp>

#include "tools/commands/command.h"
#include "tools/commands/http_client.h"

namespace acklab {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* faults_page = "/api/v1/faults";

std::string percent_encoded(const std::string& text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

// "fault-3: kill leader:orders-0: fired (broker 1)"
std::string line(const Json& fault) {
  const std::string target = fault.at("target").is_string() ? " " + fault.at("target").get<std::string>() : "";
  const auto fired = fault.at("fired").get<std::int64_t>();
  std::string fate = fired == 0   ? fault.at("state").get<std::string>()
                     : fired == 1 ? "fired"
                                  : fmt::format("fired {} times", fired);
  if (fired > 0 && fault.at("state") == "lifted") fate += ", lifted";
  const auto struck = fault.value("struck", std::vector<std::string>());
  if (!struck.empty()) fate += fmt::format(" ({})", fmt::join(struck, ", "));
  return fmt::format("{}: {}{}: {}", fault.at("id").get<std::string>(), fault.at("do").get<std::string>(), target, fate);
}

struct FaultCommand {
  std::string http = "http://127.0.0.1:8080";
  std::string verb, target, to;
  std::optional<std::string> id, code, by, latency, fires, fires_before;
  std::optional<std::int64_t> room, bandwidth;
  bool one_way = false;
  // When.
  std::optional<std::string> after_event, at, after, delay;
  std::optional<std::int64_t> records, batches;
  // Which requests.
  std::optional<std::string> api, partition, client;
  std::optional<std::int64_t> nth, times;
  JsonOutput output;

  // With the keys of a [[fault]] table; absent is absent.
  Json fault() const {
    Json when = Json::object();
    put(when, "event", after_event);
    put(when, "at", at);
    put(when, "records", records);
    put(when, "batches", batches);
    put(when, "after", after);
    put(when, "delay", delay);
    Json request = Json::object();
    put(request, "api", api);
    put(request, "partition", partition);
    put(request, "client", client);
    put(request, "nth", nth);
    put(request, "times", times);

    Json fault = {{"do", verb}};
    put(fault, "id", id);
    if (!to.empty()) {
      fault["target"] = {{"from", target}, {"to", to}};
    } else if (!target.empty()) {
      fault["target"] = target;
    }
    if (!when.empty()) fault["when"] = when;
    if (!request.empty()) fault["request"] = request;
    put(fault, "code", code);
    put(fault, "by", by);
    put(fault, "room", room);
    put(fault, "latency", latency);
    put(fault, "bandwidth", bandwidth);
    if (one_way) fault["one-way"] = true;
    put(fault, "fires", fires);
    if (fires_before) fault["fires"] = {{"before", *fires_before}};
    return fault;
  }

  void run() {
    output.begin();
    if (verb == "list") return list();
    if (verb == "lift") return lift();
    const Json wanted = fault();
    const Json made = ask("POST", faults_page, wanted.dump(-1, ' ', false, Json::error_handler_t::replace));
    show(made);
    if (wanted.contains("when") || made.at("fired") != 0 || made.at("state") != "done") return;
    std::fprintf(stderr, "acklab: %s has struck nobody: what %s means is in that state already, or there is nobody of the kind\n",
                 made.at("id").get<std::string>().c_str(), target.empty() ? verb.c_str() : target.c_str());
    throw Exit{ExitCode::proves_nothing};
  }

 private:
  template <class T>
  static void put(Json& object, const char* key, const std::optional<T>& value) {
    if (value) object[key] = *value;
  }

  void list() {
    if (!target.empty()) throw BadInput("fault list takes no target");
    const Json all = ask("GET", faults_page);
    if (output.wanted()) return output.write(all.dump());
    for (const Json& fault : all) std::printf("%s\n", line(fault).c_str());
  }

  void lift() {
    if (target.empty()) throw BadInput("fault lift: which one? acklab fault list shows their ids");
    show(ask("DELETE", std::string(faults_page) + "/" + percent_encoded(target)));
  }

  void show(const Json& fault) {
    if (output.wanted()) output.write(fault.dump());
    if (!output.to_stdout()) std::printf("%s\n", line(fault).c_str());
  }

  Json ask(const std::string& method, const std::string& page, const std::string& body = {}) const {
    const HttpAnswer answer = http_request(http, method, page, body);
    const Json json = Json::parse(answer.body, nullptr, false);
    if (json.is_discarded()) throw BadInput(fmt::format("{}: something else than acklab serve answers there", http));
    if (answer.status < 300) return json;
    throw BadInput(json.value("detail", fmt::format("{}{}: {}", http, page, answer.status)));
  }
};

}  // namespace

void add_fault(CLI::App& program) {
  auto fault = std::make_shared<FaultCommand>();
  CLI::App* command = program.add_subcommand("fault", "break a serving cluster: acklab fault kill leader:orders-0");
  command->add_option("verb", fault->verb, "what to do: kill, pause, cut, drop-answer, ...; or list, or lift")->required();
  command->add_option("target", fault->target, "whom: broker:2, leader:orders-0, controller, link:1>2, ...; of lift: an id");
  command->add_option("to", fault->to, "the other end of a link");
  command->add_option("--http", fault->http, "where the cluster is served")->type_name("URL")->capture_default_str();
  command->add_option("--id", fault->id, "a name for the fault; without it fault-1 and so on");

  const auto when = [&](auto&&... arguments) { return command->add_option(arguments...)->group("When (without any: at once)"); };
  when("--after-event", fault->after_event, "an event of the journal")->type_name("EVENT");
  when("--at", fault->at, "who must note it")->type_name("TARGET");
  when("--records", fault->records, "when that many records were counted")->type_name("N");
  when("--batches", fault->batches, "at the n-th such event")->type_name("N");
  when("--after", fault->after, "another fault, which must have fired")->type_name("ID");
  when("--delay", fault->delay, "so much later, as 300ms or 1.5s")->type_name("TIME");

  const auto which = [&](auto&&... arguments) {
    return command->add_option(arguments...)->group("Which requests (without any: Produce)");
  };
  which("--api", fault->api, "name or number")->type_name("NAME");
  which("--partition", fault->partition, "as orders-0")->type_name("TOPIC-PARTITION");
  which("--client", fault->client, "a client.id")->type_name("ID");
  which("--nth", fault->nth, "the first that is hit")->type_name("N");
  which("--times", fault->times, "how many in a row")->type_name("N");

  const auto how = [&](auto&&... arguments) { return command->add_option(arguments...)->group("How"); };
  how("--code", fault->code, "of error-on-nth: Kafka's name of the error")->type_name("NAME");
  how("--by", fault->by, "of delay, hold-answer and slow-disk: how long; of clock-jump: how far, also back")->type_name("TIME");
  how("--room", fault->room, "of disk-full: so many bytes are left")->type_name("BYTES");
  how("--latency", fault->latency, "of slow: so much later")->type_name("TIME");
  how("--bandwidth", fault->bandwidth, "of slow: so many bytes a second")->type_name("BYTES");
  command->add_flag("--one-way", fault->one_way, "of links: only what the first end sends to the second")->group("How");
  how("--fires", fault->fires, "always or sometimes")->type_name("WORD");
  how("--fires-before", fault->fires_before, "always before that Kafka version")->type_name("ERA")->excludes("--fires");
  fault->output.add_to(*command);
  command->callback([fault] { fault->run(); });
}

}  // namespace acklab

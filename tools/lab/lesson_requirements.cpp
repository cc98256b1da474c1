#include "tools/lab/lesson_requirements.h"

#include <fmt/format.h>

#include "producer/config.h"
#include "protocol/messages/init_producer_id.h"

namespace acklab::lab {
namespace {

constexpr std::string_view idempotence = "enable.idempotence";

// What the configuration says to these settings.
Requirement tried(std::string says, Settings settings, std::string whose, const protocol::Era& era) {
  const auto config = producer::ProducerConfig::from(settings, era);
  std::string answer = !config                      ? config.error()
                       : config->enable_idempotence ? "accepted, and idempotence is on"
                                                    : "accepted, and idempotence is off without a word";
  return {std::move(says), std::move(settings), config.has_value(), std::move(answer), std::move(whose)};
}

// A broker from before 0.11 does not know InitProducerId.
Requirement old_broker() {
  Scenario scenario;
  scenario.name = "lesson-broker-without-producer-ids";
  scenario.brokers = 1;
  scenario.topics = {{"orders", 1, 1, {}}};
  ScenarioProducer producer;
  producer.topic = "orders";
  producer.set = {{"acks", "all"}, {std::string(idempotence), "true"}};
  producer.records = 100;
  scenario.producers = {producer};
  broker::Fault unknown_api;
  unknown_api.id = "no-producer-ids";
  unknown_api.verb = broker::Verb::error_on_nth;
  unknown_api.request.api_key = protocol::InitProducerIdRequest::info.api_key;
  unknown_api.request.times = INT32_MAX;
  unknown_api.code = protocol::ErrorCode::unsupported_version;
  scenario.faults = {unknown_api};
  scenario.run_for = std::chrono::seconds(1);
  const RecordCounts records = run(scenario, {}).verdict.records;
  return {
      "version >= 0.11", producer.set, records.acked > 0,
      fmt::format("a broker that answers InitProducerId as one from before 0.11 does: {} of {} records failed, {} acknowledged",
                  records.failed, records.sent, records.acked),
      "Kafka's, since brokers know producer ids from 0.11 on. That one must configure it (config.Version) is sarama's: Kafka's "
      "client asks the broker what it knows"};
}

}  // namespace

std::vector<Requirement> idempotence_requirements(const Summary& five_in_flight, const protocol::Era& era) {
  const auto with = [](const std::string& key, const std::string& value) {
    return Settings{{std::string(idempotence), "true"}, {key, value}};
  };
  const std::string in_flight = "max.in.flight.requests.per.connection";
  std::vector<Requirement> all{
      tried("acks=all", with("acks", "1"), "Kafka's", era),
      tried("acks=all, where idempotence is only the default", {{"acks", "1"}}, "Kafka's, and easily overlooked", era),
      tried("retries > 0", with("retries", "0"), "Kafka's", era),
      tried("max in flight = 1", with(in_flight, "5"), "sarama's (Net.MaxOpenRequests); Kafka takes up to 5", era),
      tried("max in flight = 1", with(in_flight, "6"), "Kafka's is at most 5", era)};
  Requirement& five = all[3];
  if (five.accepted) {
    const RecordCounts& records = five_in_flight.records;
    five.answer += fmt::format("; in {} runs with retries: {} duplicated, {} out of order, {} lost", five_in_flight.runs,
                               records.duplicated, records.reordered, records.lost);
  }
  all.push_back(old_broker());
  return all;
}

}  // namespace acklab::lab

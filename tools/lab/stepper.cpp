#include "tools/lab/stepper.h"

#include <string_view>

#include <fmt/format.h>

#include "protocol/check.h"
#include "tools/lab/or_reject.h"

namespace acklab::lab {

using producer::BatchView;
using producer::PartitionView;
using producer::ProducerView;
using producer::WaitsFor;
using protocol::Cause;
using protocol::Duration;
using protocol::Entry;
using protocol::Event;
using protocol::Time;

namespace {

std::string several(auto count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : noun.ends_with("ch") ? "es" : "s");
}

std::string_view reason(Cause cause) {
  switch (cause) {
    case Cause::full:
      return "it is full";
    case Cause::linger:
      return "linger.ms has passed";
    case Cause::flush:
      return "the application flushes";
    case Cause::memory:
      return "other records wait for memory";
    case Cause::none:
    case Cause::retention:
    case Cause::delete_records:
      break;
  }
  return "it leaves";
}

std::string identity(protocol::ProducerId id, protocol::ProducerEpoch epoch, protocol::Sequence sequence) {
  return fmt::format("producer id {}, epoch {}, sequence {}", id.value, epoch.value, sequence.value);
}

std::string in_words(const Entry& entry, std::string_view topic) {
  const std::string records = several(entry.count, "record");
  const std::string batch = fmt::format("batch {}", entry.batch);
  const std::string partition = fmt::format("{}-{}", topic, entry.partition);
  const std::string code(protocol::name(entry.code));
  switch (entry.event) {
    case Event::queued:
      return fmt::format("queued: {} handed over for {}", records, topic);
    case Event::batched:
      return fmt::format("batched: {} put into {} of {}", records, batch, partition);
    case Event::sealed:
      return fmt::format("sealed: {} takes no more records, because {}", batch, reason(entry.cause));
    case Event::drained:
      if (!entry.producer.known()) return fmt::format("drained: {} is taken into a request", batch);
      return fmt::format("drained: {} is taken into a request, and named {}", batch,
                         identity(entry.producer, entry.producer_epoch, entry.sequence));
    case Event::sent:
      return fmt::format("sent: the request with {} leaves for {}", batch, protocol::to_string(entry.peer));
    case Event::retried:
      return fmt::format("retried: {} goes back after {}, for {:.0f} ms at least", batch, code,
                         protocol::in_milliseconds(entry.pause));
    case Event::split:
      return fmt::format("split: {} was too large for the broker, and is cut into {}", batch, entry.count);
    case Event::acked:
      return fmt::format("acked: {} is in the log, {} from offset {} on", batch, records, entry.offset.value);
    case Event::failed:
      return fmt::format("failed: {} with {}; certainly not in the log", records, code);
    case Event::unknown:
      return fmt::format("unknown: {} of {}, with {}; perhaps in the log, perhaps not", records, batch, code);
    case Event::unanswered:
      return fmt::format("unanswered: {} of {} were written, and nobody will say more", records, batch);
    case Event::expired:
      return fmt::format("expired: delivery.timeout.ms has passed for {}", batch);
    case Event::bumped:
      return fmt::format("bumped: {} goes on in epoch {}, from sequence 0", partition, entry.producer_epoch.value);
    case Event::cut:
      return fmt::format("cut: what the producer sends to {} does not arrive", protocol::to_string(entry.peer));
    case Event::healed:
      return "healed: it arrives again";
    case Event::reset:
      return fmt::format("reset: the connections to {} break", protocol::to_string(entry.peer));
    default:
      break;
  }
  return std::string(protocol::name(entry.event));
}

std::string in_words(const BatchView& batch, Time began) {
  constexpr std::array<std::string_view, 3> states{"open", "sealed", "in flight"};
  std::string line = fmt::format("batch {} {}: {}, {} bytes", batch.number, states[static_cast<std::size_t>(batch.state)],
                                 several(batch.records, "record"), batch.bytes);
  if (batch.sequence.known()) line += fmt::format("; {}", identity(batch.producer, batch.epoch, batch.sequence));
  if (batch.attempts > 0) line += fmt::format("; {}", several(batch.attempts, "attempt"));
  line += fmt::format("; waits for {}", name(batch.waits_for));
  if (batch.until != Time::max()) line += fmt::format(" until {:.3f} ms", protocol::in_milliseconds(batch.until - began));
  return line;
}

std::string in_words(const ProducerView& view, Time began) {
  std::string lines;
  const auto line = [&](int depth, const std::string& text) { lines += fmt::format("{:{}}{}\n", "", 14 + 2 * depth, text); };
  if (view.waiting_records > 0)
    line(0, several(view.waiting_records, "record") + " without a batch, for want of metadata or memory");
  for (const PartitionView& partition : view.partitions) {
    if (partition.batches.empty()) continue;
    const std::string leader = partition.leader.known() ? fmt::format("broker {}", partition.leader.value) : "nobody known";
    line(0, fmt::format("{}-{}, led by {}", partition.name.topic, partition.name.partition, leader));
    for (const BatchView& batch : partition.batches) line(1, in_words(batch, began));
  }
  line(0, fmt::format("{} of {} bytes of memory used; {} in flight", view.memory_used, view.buffer_memory,
                      several(view.requests_in_flight, "request")));
  return lines;
}

}  // namespace

class Stepper::Resident final : public protocol::Process {
 public:
  Resident(protocol::Runtime& runtime, std::vector<protocol::Address> bootstrap, producer::ProducerConfig config)
      : producer(runtime, std::move(bootstrap), std::move(config)) {}

  producer::Producer producer;
};

Stepper::Stepper(Options options) {
  ExperimentConfig config;
  config.brokers = options.brokers;
  config.seed = options.seed;
  config.watch = Watch::nothing;
  config.listener = [this](const Entry& entry, std::string_view of_topic) {
    if (entry.node != node || !resident_) return;
    steps_.push_back({entry, in_words(entry, of_topic), resident_->producer.view()});
  };
  experiment_ = std::make_unique<Experiment>(WorldKind::sim, std::move(config));
  experiment_->create_topic(topic, {.partitions = options.partitions, .replicas = options.brokers});
  const auto producer = or_reject(producer::ProducerConfig::from(options.set));
  experiment_->world().start(node, [this, &producer](protocol::Runtime& runtime) {
    auto resident = std::make_unique<Resident>(runtime, experiment_->cluster().bootstrap(), producer);
    resident_ = resident.get();
    return resident;
  });
  began_ = experiment_->world().now();
}

Stepper::~Stepper() = default;

void Stepper::send(const producer::ProducerRecord& record) {
  experiment_->world().ask(node, [&] {
    resident_->producer.send(record, [this](const producer::Outcome& outcome) { outcomes_.push_back(outcome); });
  });
}

void Stepper::send(const std::string& value) {
  producer::ProducerRecord record;
  record.topic = topic;
  record.value = value;
  send(record);
}

std::optional<Step> Stepper::step(Duration limit) {
  protocol::World& world = experiment_->world();
  if (!world.run_until([this] { return !steps_.empty(); }, world.now() + limit)) return std::nullopt;
  Step next = std::move(steps_.front());
  steps_.pop_front();
  return next;
}

std::vector<Step> Stepper::run_until(Event event, Duration limit) {
  std::vector<Step> taken;
  const Time until = experiment_->world().now() + limit;
  while (taken.empty() || taken.back().entry.event != event) {
    std::optional<Step> next = step(until - experiment_->world().now());
    if (!next) break;
    taken.push_back(*std::move(next));
  }
  return taken;
}

ProducerView Stepper::insides() {
  ProducerView view;
  experiment_->world().ask(node, [&] { view = resident_->producer.view(); });
  return view;
}

std::string Stepper::tell(const Step& step) const {
  return fmt::format("{:9.3f} ms  {}\n{}", protocol::in_milliseconds(step.entry.at - began_), step.words,
                     in_words(step.insides, began_));
}

}  // namespace acklab::lab

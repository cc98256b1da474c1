// A producer that a teacher drives event by event: it lives in a simulated world with a cluster of its own, and time passes only
// while the next event is awaited. Between two events nothing happens, so there is all the time one wants to look inside.
//
//   Stepper stepper({.set = {{"linger.ms", "20"}}});
//   stepper.send("one");
//   while (const auto step = stepper.step()) fmt::print("{}", stepper.tell(*step));
//
// producer/STEPPER.md shows what that prints.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "producer/producer.h"
#include "tools/lab/experiment.h"

namespace acklab::lab {

// One event of the producer's journal, and what its insides looked like at that moment.
struct Step {
  protocol::Entry entry;
  std::string words;  // the event in plain words
  producer::ProducerView insides;
};

class Stepper {
 public:
  struct Options {
    Settings set{};  // Kafka's producer keys
    int brokers = 1;
    int partitions = 1;
    std::uint64_t seed = 1;
  };
  static constexpr const char* topic = "orders";
  static constexpr protocol::NodeId node = protocol::NodeId::client(100);  // the producer's, for faults of its links

  explicit Stepper(Options options);
  ~Stepper();
  Stepper(const Stepper&) = delete;
  Stepper& operator=(const Stepper&) = delete;

  void send(const producer::ProducerRecord& record);
  void send(const std::string& value);  // to the topic above, without a key

  // Lets the world go on to the producer's next event. Nothing if none comes in that time.
  std::optional<Step> step(protocol::Duration limit = std::chrono::seconds(300));
  // Steps until an event of that kind; the last step is that event, unless it did not come.
  std::vector<Step> run_until(protocol::Event event, protocol::Duration limit = std::chrono::seconds(300));

  producer::ProducerView insides();
  // What the callbacks were told, in their order.
  const std::vector<producer::Outcome>& outcomes() const { return outcomes_; }

  // The event and the insides as lines of text; times are since the stepper began.
  std::string tell(const Step& step) const;

  // The world around it: faults, and all that an experiment can do.
  Experiment& experiment() { return *experiment_; }

 private:
  class Resident;

  std::deque<Step> steps_;  // that have happened and were not taken
  std::vector<producer::Outcome> outcomes_;
  Resident* resident_ = nullptr;
  protocol::Time began_{};
  std::unique_ptr<Experiment> experiment_;  // goes first: its world ends the producer
};

}  // namespace acklab::lab

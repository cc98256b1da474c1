// The application side of an experiment: a client node that hands numbered records to a producer, at a rate or as fast as the producer
// takes them, and writes down what it is told. Each record carries its number in the header `acklab.id`, so that equal lines of a file
// stay distinguishable.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "producer/producer.h"
#include "protocol/runtime/world.h"
#include "tools/lab/ledger.h"

namespace acklab::lab {

inline constexpr std::string_view id_header = "acklab.id";

// Where values come from: the lines of a file, over and over if there are fewer than records, or JSON orders made from a seed.
class Values {
 public:
  static Values generated(std::uint64_t seed);
  static Values lines(std::shared_ptr<const std::vector<std::string>> lines);

  std::string value(std::int64_t record) const;

 private:
  std::uint64_t seed_ = 0;
  std::shared_ptr<const std::vector<std::string>> lines_;
};

struct WorkloadConfig {
  producer::ProducerConfig producer;
  std::string topic;
  Values values = Values::generated(1);
  std::int64_t records = 1000;
  double rate = 0;  // records per second; 0: as fast as possible
  // Records have one of so many keys, in turn: k-0, k-1, ...; 0: none. See Ledger::compacted_key().
  std::int64_t keys = 0;
  // An application that is not told the outcome of a record sends it again, as many do. To the producer that is a new record, so
  // idempotence cannot help.
  bool resend = false;
  // An application that sends every record more than once is no different.
  int copies = 1;
};

// As fast as possible still means that an application holds a bounded number of records open.
inline constexpr std::size_t max_open_records = 10000;

// So often an application tries anew to have one record acknowledged.
inline constexpr int max_resends = 10;

class Workload final : public protocol::Process {
 public:
  // `ledger` outlives the node.
  Workload(protocol::Runtime& runtime, std::vector<protocol::Address> bootstrap, WorkloadConfig config, Ledger& ledger);

 private:
  void pump();
  void send_next();
  void send(std::size_t place);
  void told(std::size_t place, const producer::Outcome& outcome);

  protocol::Runtime& runtime_;
  WorkloadConfig config_;
  Ledger& ledger_;
  std::unique_ptr<producer::Producer> producer_;
  protocol::Time began_;
  std::int64_t next_ = 0;
  std::unique_ptr<protocol::Timer> timer_;
};

}  // namespace acklab::lab

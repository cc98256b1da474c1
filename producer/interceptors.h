// Interceptors see every record on its way in and every outcome on its way out (KIP-42): for auditing, tracing, headers that all
// records of a company bear.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "producer/producer.h"

namespace acklab::producer {

// Those of one producer, in the order of their registration: the second sees what the first made of a record.
class Interceptors {
 public:
  bool empty() const { return interceptors_.empty(); }
  void add(std::unique_ptr<Interceptor> interceptor) { interceptors_.push_back(std::move(interceptor)); }

  // What they make of the record.
  ProducerRecord changed(const ProducerRecordView& record) const;
  // A callback that tells them first. They outlive it.
  Producer::Callback told_first(std::string_view topic, Producer::Callback callback) const;

 private:
  std::vector<std::unique_ptr<Interceptor>> interceptors_;
};

}  // namespace acklab::producer

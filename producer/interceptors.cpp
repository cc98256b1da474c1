#include "producer/interceptors.h"

#include <string>
#include <utility>

namespace acklab::producer {

ProducerRecord Interceptors::changed(const ProducerRecordView& record) const {
  ProducerRecord copy = owned(record);
  for (const auto& interceptor : interceptors_) interceptor->on_send(copy);
  return copy;
}

Producer::Callback Interceptors::told_first(std::string_view topic, Producer::Callback callback) const {
  return [this, topic = std::string(topic), callback = std::move(callback)](const Outcome& outcome) {
    for (const auto& interceptor : interceptors_) interceptor->on_acknowledgement(topic, outcome);
    if (callback) callback(outcome);
  };
}

}  // namespace acklab::producer

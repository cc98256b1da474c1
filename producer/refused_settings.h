// Settings that people bring along from Kafka, librdkafka, sarama and the lesson, and that mean nothing here: why, and what to write.
#pragma once

#include <string>
#include <string_view>

namespace acklab::producer {

struct Refused {
  std::string_view name;           // one that ends in '*' stands for all that begin so
  std::string_view why;            // a sentence
  std::string_view harmless = {};  // the one value that asks for what is so anyway, in whatever case
};

// Null for a name that is not among them.
const Refused* refused_setting(std::string_view name);
bool asks_for_nothing(const Refused& refused, std::string_view value);

}  // namespace acklab::producer

// Settings as somebody gave them, in whichever client's words, put into Kafka's.
#pragma once

#include <map>
#include <string>

#include "producer/config.h"

namespace acklab::producer {

struct GivenSetting {
  std::string value;    // as Kafka writes it
  std::string said_as;  // the name that it was given by; "preset=latency" if a preset gave it
};
using GivenSettings = std::map<std::string, GivenSetting, std::less<>>;  // by Kafka's key

// Every value is one that its setting may have. The error is a line for the user.
Result<GivenSettings, std::string> in_kafkas_words(const Settings& settings);

// The same as settings, for whoever asks by Kafka's key or sets more.
Result<Settings, std::string> canonical_settings(const Settings& settings);

}  // namespace acklab::producer

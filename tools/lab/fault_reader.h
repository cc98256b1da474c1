// Reads the [[fault]] tables of a scenario file. A fault that could never fire, because it names something that does not exist or waits
// for what nobody notes, is a mistake in the file, found here rather than in a run that proves nothing.
#pragma once

#include "tools/lab/scenario.h"
#include "tools/lab/toml_value.h"

namespace acklab::lab {

// `scenario` has its brokers, topics and producers already. Throws ScenarioMistake.
broker::FaultPlan read_faults(const TomlValue::List& faults, const Scenario& scenario);

// The Kafka version of a `before` key: one at which an era begins.
std::string read_era_bound(const TomlValue& value);

}  // namespace acklab::lab

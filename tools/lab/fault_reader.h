// Reads the [[fault]] tables of a scenario file, and single faults as JSON with the same keys. A fault that could never fire, because it
// names something that does not exist or waits for what nobody notes, is a mistake, found here rather than in a run that proves nothing.
#pragma once

#include <string>
#include <string_view>

#include "tools/lab/fault_ground.h"
#include "tools/lab/scenario.h"
#include "tools/lab/toml_value.h"

namespace acklab::lab {

// `scenario` has its brokers, topics and producers already. Throws ScenarioMistake.
broker::FaultPlan read_faults(const TomlValue::List& faults, const Scenario& scenario);

// One fault for a cluster that is running; without an id its own is empty. The error is a line for the user.
protocol::Result<broker::Fault, std::string> read_fault_json(std::string_view json, const FaultGround& ground);

// The Kafka version of a `before` key: one at which an era begins.
std::string read_era_bound(const TomlValue& value);

}  // namespace acklab::lab

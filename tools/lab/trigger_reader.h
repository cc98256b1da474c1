// Reads the `when` of a fault. A trigger that waits for what nobody notes there is a mistake.
#pragma once

#include <string>

#include "broker/faults/fault.h"
#include "tools/lab/fault_ground.h"
#include "tools/lab/toml_fields.h"
#include "tools/lab/toml_value.h"

namespace acklab::lab {

inline constexpr IntegerRange any_count = {1, 1'000'000'000};

// Kafka's name of an error.
protocol::ErrorCode read_error_code(const TomlValue& value);

// `title` names the fault in messages. Throws ScenarioMistake.
broker::Trigger read_trigger(const TomlValue& value, const std::string& title, const FaultGround& ground);

}  // namespace acklab::lab

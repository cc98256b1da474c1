// Settings that go together: for as many records a second as possible, for as little waiting, for as little memory. What is set beside a
// preset stands; see `acklab config --preset NAME`.
#pragma once

#include <span>
#include <string_view>

namespace acklab::producer {

inline constexpr std::string_view preset_key = "preset";  // a setting of ours, wherever settings are given

struct Preset {
  struct Choice {
    std::string_view key;
    std::string_view value;
    std::string_view why;
  };
  std::string_view name;
  std::string_view goal;
  std::span<const Choice> choices;
};

std::span<const Preset> presets();
const Preset* preset_named(std::string_view name);  // null for a name that none has

}  // namespace acklab::producer

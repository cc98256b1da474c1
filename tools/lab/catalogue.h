// The scenarios that come with the program, as the text of their files, and how a user names one of them or a file of their own.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.h"
#include "tools/lab/scenario.h"

namespace acklab::lab {

struct CatalogueEntry {
  std::string_view name;
  std::string_view toml;
};

// By name.
std::span<const CatalogueEntry> catalogue();

// The error is a line for the user that names the nearest.
protocol::Result<const CatalogueEntry*, std::string> find_scenario(std::string_view name);

// A scenario of the catalogue, or the one of a file (what has a slash in it or ends in .toml). Files of lines are looked for beside the
// scenario's file, and read. The error is a line for the user.
protocol::Result<Scenario, std::string> open_scenario(const std::string& name_or_file,
                                                      const std::vector<std::string>& overrides = {});

}  // namespace acklab::lab

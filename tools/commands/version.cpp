// What --version prints. A report of a bug needs the libraries too: codecs differ between their versions.

#include <lz4.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <fmt/format.h>
#include <toml++/toml.h>
#include <CLI/CLI.hpp>
#include <boost/version.hpp>
#include <nlohmann/json.hpp>

#include "tools/commands/command.h"

namespace acklab {

std::string version_text() {
  std::string text = "acklab " ACKLAB_VERSION;
  const auto library = [&text](std::string_view name, std::string_view version) {
    text += fmt::format("\n  {} {}", name, version);
  };
  const auto numbers = [](int major, int minor, int patch) { return fmt::format("{}.{}.{}", major, minor, patch); };
  library("Boost", numbers(BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100));
  library("CLI11", CLI11_VERSION);
  library("fmt", numbers(FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100));
  library("lz4", LZ4_versionString());
  library("nlohmann-json", numbers(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH));
  library("snappy", numbers(SNAPPY_MAJOR, SNAPPY_MINOR, SNAPPY_PATCHLEVEL));
  library("toml++", numbers(TOML_LIB_MAJOR, TOML_LIB_MINOR, TOML_LIB_PATCH));
  library("zlib", zlibVersion());
  library("zstd", ZSTD_versionString());
  return text;
}

}  // namespace acklab

#include "tools/lab/lines_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

namespace acklab::lab {

using protocol::failure;
using protocol::Result;

Result<std::vector<std::string>, std::string> read_lines_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(std::move(line));
  }
  if (!file.eof()) return failure(fmt::format("{}: cannot be read ({}); name a text file", path, std::strerror(errno)));
  if (lines.empty()) return failure(fmt::format("{}: has no lines; name a text file that has some", path));
  return lines;
}

}  // namespace acklab::lab

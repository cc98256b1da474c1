// Whether who reads standard output likes colours: a terminal, and NO_COLOR is not set, or empty (no-color.org).
#pragma once

#include <unistd.h>

#include <cstdlib>

namespace acklab {

inline bool colours_on_stdout() {
  const char* unwanted = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) && (!unwanted || *unwanted == '\0');
}

}  // namespace acklab

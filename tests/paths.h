// Where the tree and the program lie. Not macros on every command line: then no compiler cache would serve two clones.
#pragma once

namespace acklab::tests {

extern const char* const source_dir;
extern const char* const program;

}  // namespace acklab::tests

#include "protocol/check.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace acklab::protocol {
namespace {

std::atomic<CheckHandler> current_handler{nullptr};

}  // namespace

CheckHandler set_check_handler(CheckHandler handler) { return current_handler.exchange(handler); }

void check_failed(const char* condition, const char* file, int line) {
  if (const CheckHandler handler = current_handler.load()) handler(condition, file, line);
  std::fprintf(stderr, "acklab: broken invariant at %s:%d: %s\n", file, line, condition);
  std::abort();
}

}  // namespace acklab::protocol

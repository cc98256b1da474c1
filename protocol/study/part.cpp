#include "protocol/study/part.h"

namespace acklab::protocol {

std::optional<Fault> first_fault(const std::vector<Part>& parts) {
  for (const Part& part : parts) {
    if (!part.fault.empty()) return Fault{part.offset, part.name, part.fault};
    if (auto inner = first_fault(part.parts)) {
      const bool joins = inner->path.empty() || inner->path.front() == '[';
      inner->path = part.name + (joins ? "" : ".") + inner->path;
      return inner;
    }
  }
  return std::nullopt;
}

}  // namespace acklab::protocol

#include "protocol/study/part.h"

#include <algorithm>

namespace acklab::protocol {

void mark_unpacked(std::vector<Part>& parts) {
  for (Part& part : parts) {
    part.unpacked = true;
    mark_unpacked(part.parts);
  }
}

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

bool has_wrong_checksum(const std::vector<Part>& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [](const Part& part) { return part.note.starts_with(does_not_match) || has_wrong_checksum(part.parts); });
}

}  // namespace acklab::protocol

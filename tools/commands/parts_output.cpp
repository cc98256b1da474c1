#include "tools/commands/parts_output.h"

#include <cstdio>

#include "tools/commands/parts_json.h"

namespace acklab {

void PartsOutput::show(const std::vector<protocol::Part>& parts) {
  if (!fault_) fault_ = protocol::first_fault(parts);
  if (!json_.to_stdout()) std::fputs(protocol::hex_dump(parts, style_).c_str(), stdout);
  if (!json_.wanted()) return;
  for (const protocol::Part& part : parts) {
    pieces_.add((begun_ ? "," : "[") + part_json(part));
    begun_ = true;
  }
}

void PartsOutput::end() {
  if (json_.wanted()) {
    pieces_.add(begun_ ? "]" : "[]");
    pieces_.end();
  }
  if (!fault_) return;
  std::fprintf(stderr, "acklab: byte %zu, %s: %s\n", fault_->offset, fault_->path.c_str(), fault_->reason.c_str());
  throw Exit{ExitCode::unexpected};
}

}  // namespace acklab

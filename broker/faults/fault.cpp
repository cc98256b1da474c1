#include "broker/faults/fault.h"

namespace acklab::broker {

std::string Fault::target_text() const {
  if (kind(verb) == VerbKind::link) return link.from.kind == Target::Kind::none ? "" : to_string(link);
  return target.kind == Target::Kind::none ? "" : to_string(target);
}

}  // namespace acklab::broker

#include "protocol/wire/codec.h"

namespace acklab::protocol {

std::string DecodeError::message() const {
  return "byte " + std::to_string(offset) + ", field " + (field.empty() ? "(none)" : field) + ": " + reason;
}

}  // namespace acklab::protocol

#include "protocol/study/kind_name.h"

namespace acklab::protocol {

std::string_view name(Kind kind) {
  switch (kind) {
    case Kind::boolean:
      return "boolean";
    case Kind::int8:
      return "int8";
    case Kind::int16:
      return "int16";
    case Kind::int32:
      return "int32";
    case Kind::int64:
      return "int64";
    case Kind::uint16:
      return "uint16";
    case Kind::uint32:
      return "uint32";
    case Kind::uuid:
      return "uuid";
    case Kind::string:
      return "string";
    case Kind::bytes:
      return "bytes";
    case Kind::array:
      return "array";
    case Kind::structure:
      return "structure";
  }
  return "";
}

}  // namespace acklab::protocol

// The third reader of a declaration: it records each line into a plain table. JSON, hex dumps and the generator of valid
// bytes are ordinary functions over *table + version + bytes*; since they parse independently of the typed codec, they are
// a second opinion about the format.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.h"
#include "protocol/types.h"
#include "protocol/wire/codec.h"
#include "protocol/wire/member_count.h"
#include "protocol/wire/member_kinds.h"
#include "protocol/wire/slice.h"
#include "protocol/wire/spec.h"

namespace acklab::protocol {

enum class Kind { boolean, int8, int16, int32, int64, uint16, uint32, uuid, string, bytes, array, structure };

struct Field {
  std::string_view name;
  Spec spec;
  Kind kind = Kind::structure;
  Kind element = Kind::structure;  // of an array
  std::vector<Field> children;     // of a structure, or of an array of structures
  std::size_t members = 0;         // that the structure has in C++: as many as children, unless `describe` forgets one
};

// One message as a table; `name` is Kafka's ("ProduceRequest").
struct Schema {
  std::string_view name;
  MessageInfo info;
  std::vector<Field> fields;
  std::size_t members = 0;  // as for a field

  // Decodes with the typed codec and encodes again: for tests and tools that have only the table.
  Result<Bytes, DecodeError> (*recode)(const Slice& body, std::int16_t version) = nullptr;
};

// What a value of this C++ type is on the wire.
template <class T>
constexpr Kind kind_of() {
  if (std::same_as<T, bool>) return Kind::boolean;
  if (std::same_as<T, std::int8_t>) return Kind::int8;
  if (std::same_as<T, std::int16_t> || std::same_as<T, ErrorCode>) return Kind::int16;
  if (std::same_as<T, std::int32_t>) return Kind::int32;
  if (std::same_as<T, std::int64_t>) return Kind::int64;
  if (std::same_as<T, std::uint16_t>) return Kind::uint16;
  if (std::same_as<T, std::uint32_t>) return Kind::uint32;
  if (std::same_as<T, Uuid>) return Kind::uuid;
  if (std::same_as<T, std::string>) return Kind::string;
  if (std::same_as<T, Slice>) return Kind::bytes;
  if (is_vector<T>) return Kind::array;
  static_assert(Described<T> || !std::is_class_v<T> || std::same_as<T, Uuid> || Sized<T>, "not a kind of field");
  return Kind::structure;
}

class SchemaRecorder {
 public:
  explicit SchemaRecorder(std::vector<Field>& fields) : fields_(fields) {}

  template <class T>
  void operator()(const T& /*member*/, std::string_view name, Spec spec) {
    Field& field = fields_.emplace_back();
    field.name = name;
    field.spec = spec;
    fill(field, static_cast<T*>(nullptr));
  }

  template <Described M>
  static std::vector<Field> fields_of() {
    std::vector<Field> fields;
    SchemaRecorder recorder(fields);
    const M message{};
    M::describe(message, recorder);
    return fields;
  }

 private:
  template <class T>
  static void fill(Field& field, T*) {
    field.kind = kind_of<T>();
    add_children<T>(field);
  }
  template <class T>
  static void fill(Field& field, std::optional<T>*) {
    fill(field, static_cast<T*>(nullptr));
  }
  template <class T>
  static void fill(Field& field, std::vector<T>*) {
    field.kind = Kind::array;
    field.element = kind_of<T>();
    add_children<T>(field);
  }

  template <class T>
  static void add_children(Field& field) {
    if constexpr (Described<T>) {
      field.children = fields_of<T>();
      field.members = member_count<T>();
    }
  }

  std::vector<Field>& fields_;
};

// The table of a message; compiled once, in messages/<api>.cpp.
template <class M>
const Schema& schema_of();

}  // namespace acklab::protocol

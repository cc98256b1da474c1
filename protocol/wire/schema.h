// The third reader of a declaration: it records each line into a plain table. JSON, hex dumps and the generator of valid
// bytes are ordinary functions over *table + version + bytes*; since they parse independently of the typed codec, they are
// a second opinion about the format.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.h"
#include "protocol/types.h"
#include "protocol/wire/codec.h"
#include "protocol/wire/encoder.h"
#include "protocol/wire/member_count.h"
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
  std::size_t members = 0;         // as for a field

  // Decodes with the typed codec and encodes again: for tests and tools that have only the table.
  Result<Bytes, DecodeError> (*recode)(const Slice& body, std::int16_t version) = nullptr;
};

namespace detail {

template <class T>
struct KindOf {
  static constexpr Kind kind = Kind::structure;
};
template <> struct KindOf<bool> { static constexpr Kind kind = Kind::boolean; };
template <> struct KindOf<std::int8_t> { static constexpr Kind kind = Kind::int8; };
template <> struct KindOf<std::int16_t> { static constexpr Kind kind = Kind::int16; };
template <> struct KindOf<ErrorCode> { static constexpr Kind kind = Kind::int16; };
template <> struct KindOf<std::int32_t> { static constexpr Kind kind = Kind::int32; };
template <> struct KindOf<std::int64_t> { static constexpr Kind kind = Kind::int64; };
template <> struct KindOf<std::uint16_t> { static constexpr Kind kind = Kind::uint16; };
template <> struct KindOf<std::uint32_t> { static constexpr Kind kind = Kind::uint32; };
template <> struct KindOf<Uuid> { static constexpr Kind kind = Kind::uuid; };
template <> struct KindOf<std::string> { static constexpr Kind kind = Kind::string; };
template <> struct KindOf<Slice> { static constexpr Kind kind = Kind::bytes; };

}  // namespace detail

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
    field.kind = detail::KindOf<T>::kind;
    add_children<T>(field);
  }
  template <class T>
  static void fill(Field& field, std::optional<T>*) {
    fill(field, static_cast<T*>(nullptr));
  }
  template <class T>
  static void fill(Field& field, std::vector<T>*) {
    field.kind = Kind::array;
    field.element = detail::KindOf<T>::kind;
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

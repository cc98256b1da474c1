#include "protocol/study/dissect_message.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "protocol/study/byte_cursor.h"
#include "protocol/study/dissect_budget.h"
#include "protocol/study/dissect_message_set.h"
#include "protocol/study/dissect_records.h"
#include "protocol/study/field_reader.h"
#include "protocol/study/format_table.h"
#include "protocol/study/kind_name.h"
#include "protocol/study/meaning.h"
#include "protocol/study/quote.h"

namespace acklab::protocol {
namespace {

std::size_t width(Kind kind) {
  switch (kind) {
    case Kind::boolean:
    case Kind::int8:
      return 1;
    case Kind::int16:
    case Kind::uint16:
      return 2;
    case Kind::int32:
    case Kind::uint32:
      return 4;
    case Kind::int64:
      return 8;
    default:
      return 0;
  }
}

class Dissector {
 public:
  // `schema` outlives it.
  Dissector(const Schema& schema, std::int16_t version, ByteCursor cursor)
      : schema_(schema), version_(version), flexible_(schema.info.flexible(version)), cursor_(std::move(cursor)) {}

  // The fields of a structure, one after the other, and its tagged section.
  std::vector<Part> structure(std::span<const Field> fields) {
    std::vector<Part> parts;
    for (const Field& field : fields) {
      if (!cursor_.ok()) return parts;
      if (field.spec.present(version_) && !field.spec.tagged()) parts.push_back(body_field(field));
    }
    if (flexible_ && cursor_.ok()) parts.push_back(tagged_section(fields));
    return parts;
  }

  // What follows the last field; there should be nothing.
  void end(std::vector<Part>& parts) {
    if (!cursor_.ok() || cursor_.left() == 0) return;
    Part part = begin("");
    const std::size_t left = cursor_.left();
    finish(part, cursor_.take(left));
    part.fault = std::to_string(left) + " bytes behind the end of the message";
    parts.push_back(std::move(part));
  }

 private:
  Part begin(std::string name) {
    budget_.use_parts(1);
    return begin_part(cursor_, std::move(name));
  }
  void finish(Part& part, Slice bytes) const {
    part.bytes = std::move(bytes);
    part.fault = cursor_.fault();
  }

  Part body_field(const Field& field) {
    Part part = begin(std::string(field.name));
    part.versions = versions_text(field.spec.first, field.spec.last, schema_.info);
    const bool nullable = field.spec.may_be_null(version_);
    if (field.kind == Kind::structure && nullable) {
      const std::int64_t marker = cursor_.integer(1);
      if (cursor_.ok() && marker != -1 && marker != 1) cursor_.fail("a structure marker that is neither -1 nor 1");
      finish(part, cursor_.since(part.offset));
      part.type = "nullable structure";
      part.value = marker < 0 ? "null" : "present";
      if (cursor_.ok() && marker >= 0) part.parts = structure(field.children);
      return part;
    }
    value(part, field, field.kind, nullable);
    if (nullable) part.type = "nullable " + part.type;
    return part;
  }

  void value(Part& part, const Field& field, Kind kind, bool nullable) {
    part.type = std::string(protocol::name(kind));
    switch (kind) {
      case Kind::string:
      case Kind::bytes:
        return run(part, field, kind, nullable);
      case Kind::array:
        return array(part, field, nullable);
      case Kind::structure:
        part.value = "";
        part.parts = structure(field.children);
        part.fault = part.parts.empty() ? cursor_.fault() : "";
        return;
      case Kind::uuid:
        finish(part, cursor_.take(16));
        part.value = hex_of(part.bytes);
        return;
      default:
        return number(part, kind);
    }
  }

  void number(Part& part, Kind kind) {
    const std::int64_t signed_value = cursor_.integer(width(kind));
    finish(part, cursor_.since(part.offset));
    if (kind == Kind::boolean) {
      part.value = signed_value ? "true" : "false";
    } else if (kind == Kind::uint16 || kind == Kind::uint32) {
      part.value = std::to_string(signed_value & (kind == Kind::uint16 ? 0xffff : 0xffffffff));
    } else {
      part.value = std::to_string(signed_value);
    }
    part.note = meaning_of(schema_.name, part.name, signed_value);
  }

  // A length, stored plus one in flexible versions, so that null, which is -1, becomes 0.
  std::int64_t length(int fixed_bytes) {
    if (flexible_) return static_cast<std::int64_t>(cursor_.varint(max_varint32)) - 1;
    return cursor_.integer(static_cast<std::size_t>(fixed_bytes));
  }

  // True if there is something to read.
  bool checked_length(Part& part, std::int64_t size, bool nullable) {
    if (flexible_) part.type = "compact " + part.type;
    if (!cursor_.ok()) {
      finish(part, cursor_.since(part.offset));
      return false;
    }
    if (size >= 0) return true;
    part.value = "null";
    if (size < -1) cursor_.fail("a length of " + std::to_string(size));
    if (size == -1 && !nullable) cursor_.fail("null where it may not be");
    finish(part, cursor_.since(part.offset));
    return false;
  }

  void run(Part& part, const Field& field, Kind kind, bool nullable) {
    const std::int64_t size = length(kind == Kind::string ? 2 : 4);
    if (!checked_length(part, size, nullable)) return;
    const bool records = kind == Kind::bytes && field.name == "Records";
    if (records) {
      finish(part, cursor_.since(part.offset));
      const std::size_t at = cursor_.offset();
      const Slice content = cursor_.take(static_cast<std::size_t>(size));
      part.value = std::to_string(size) + (begins_with_message(content) ? " bytes of a message set" : " bytes of record batches");
      part.fault = cursor_.fault();
      if (cursor_.ok()) part.parts = dissect_records(content, at, budget_);
      return;
    }
    const Slice content = cursor_.take(static_cast<std::size_t>(size));
    finish(part, cursor_.since(part.offset));
    part.value = quoted(content);
  }

  void array(Part& part, const Field& field, bool nullable) {
    const std::int64_t count = length(4);
    if (!checked_length(part, count, nullable)) return;
    // Even the smallest element has a byte.
    if (count > static_cast<std::int64_t>(cursor_.left())) {
      cursor_.fail(std::to_string(count) + " elements announced, " + std::to_string(cursor_.left()) + " bytes left");
    }
    finish(part, cursor_.since(part.offset));
    part.value = std::to_string(count) + (count == 1 ? " element" : " elements");
    part.parts = series(static_cast<std::uint64_t>(count), "elements", [&](std::uint64_t i) {
      Part element = begin("[" + std::to_string(i) + "]");
      value(element, field, field.element, false);
      return element;
    });
  }

  // What `read` makes of the first ones, and of the one that cannot be read. All are read, since that alone tells where they end.
  template <class Read>
  std::vector<Part> series(std::uint64_t count, const std::string& what, Read read) {
    std::vector<Part> shown;
    std::optional<Part> rest;
    for (std::uint64_t i = 0; i < count && cursor_.ok(); ++i) {
      if (!rest && (i == most_elements_shown || budget_.parts_used_up())) {
        rest = begin(std::to_string(count - i) + " more " + what);
        if (budget_.parts_used_up()) rest->note = why_not_shown();
      }
      if (rest) rest->bytes = cursor_.since(rest->offset);
      const std::size_t parts_before = budget_.parts_used();
      Part one = read(i);
      if (rest && cursor_.ok()) {
        budget_.give_parts_back(parts_before);
        continue;
      }
      if (rest) shown.push_back(*std::exchange(rest, std::nullopt));
      shown.push_back(std::move(one));
    }
    if (rest) {
      rest->bytes = cursor_.since(rest->offset);
      shown.push_back(std::move(*rest));
    }
    return shown;
  }

  Part tagged_section(std::span<const Field> fields) {
    Part part = begin("tagged fields");
    const std::uint64_t count = cursor_.varint(max_varint32);
    finish(part, cursor_.since(part.offset));
    part.type = "varint";
    part.value = std::to_string(count);
    std::optional<std::uint64_t> last;
    part.parts = series(count, "tagged fields", [&](std::uint64_t) {
      Part entry = begin("");
      const std::uint64_t tag = cursor_.varint(max_varint32);
      const std::uint64_t size = cursor_.varint(max_varint32);
      finish(entry, cursor_.since(entry.offset));
      entry.type = "tag, size";
      entry.name = "tag " + std::to_string(tag);
      entry.value = std::to_string(size) + " bytes";
      if (size > cursor_.left())
        cursor_.fail(std::to_string(size) + " bytes announced, " + std::to_string(cursor_.left()) + " left");
      if (last && tag <= *last) cursor_.fail("tags out of order");
      last = tag;
      entry.fault = cursor_.fault();
      if (cursor_.ok()) tagged_field(entry, fields, tag, static_cast<std::size_t>(size));
      return entry;
    });
    return part;
  }

  void tagged_field(Part& entry, std::span<const Field> fields, std::uint64_t tag, std::size_t size) {
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& one) {
      return one.spec.tagged() && one.spec.present(version_) && static_cast<std::uint64_t>(one.spec.tag_id) == tag;
    });
    const std::size_t before = cursor_.offset();
    if (field == fields.end()) {
      Part unknown = begin("unknown to this table");
      finish(unknown, cursor_.take(size));
      entry.parts.push_back(std::move(unknown));
      return;
    }
    entry.parts.push_back(body_field(*field));
    if (cursor_.ok() && cursor_.offset() - before != size) {
      cursor_.fail("the field takes " + std::to_string(cursor_.offset() - before) + " bytes of " + std::to_string(size));
      entry.parts.back().fault = cursor_.fault();
    }
  }

  const Schema& schema_;
  std::int16_t version_;
  bool flexible_;
  ByteCursor cursor_;
  DissectBudget budget_;
};

}  // namespace

std::vector<Part> dissect_message(const Schema& schema, std::int16_t version, const Slice& body, std::size_t offset) {
  Dissector dissector(schema, version, ByteCursor(body, offset));
  std::vector<Part> parts = dissector.structure(schema.fields);
  dissector.end(parts);
  return parts;
}

}  // namespace acklab::protocol

#include "protocol/study/generate.h"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace acklab::protocol {
namespace {

class Generator {
 public:
  Generator(std::int16_t version, bool flexible, Spelling spelling, Random& random, const Lengths& lengths)
      : version_(version), flexible_(flexible), spelling_(spelling), random_(random), lengths_(lengths) {}

  void structure(std::span<const Field> fields) {
    for (const Field& field : fields) {
      if (field.spec.present(version_) && !field.spec.tagged()) body_field(field);
    }
    if (flexible_) tagged_section(fields);
  }

  std::string take() { return std::exchange(out_, {}); }

 private:
  void body_field(const Field& field) {
    const bool nullable = field.spec.may_be_null(version_);
    const bool null = nullable && random_.one_in(4);
    if (field.kind == Kind::structure && nullable) integer(null ? -1 : 1, 1);
    if (!null) return value(field, field.kind);
    if (field.kind != Kind::structure) length(-1, length_bytes(field.kind));
  }

  void value(const Field& field, Kind kind) {
    switch (kind) {
      case Kind::boolean:
        return integer(random_.between(0, 1), 1);
      case Kind::int8:
        return integer(number(), 1);
      case Kind::int16:
      case Kind::uint16:
        return integer(number(), 2);
      case Kind::int32:
      case Kind::uint32:
        return integer(number(), 4);
      case Kind::int64:
        return integer(number(), 8);
      case Kind::uuid:
        return raw(16);
      case Kind::string:
      case Kind::bytes: {
        const std::int64_t size = random_.one_in(50) ? random_.between(120, 400) : random_.between(0, 12);
        length(size, length_bytes(kind));
        return raw(size);
      }
      case Kind::array: {
        // Longer than the one-byte lengths of flexible versions only where the elements are small.
        const bool many = field.children.empty() && random_.one_in(50);
        const std::int64_t count = many ? random_.between(120, 140) : random_.between(0, 3);
        length(count, length_bytes(kind));
        for (std::int64_t i = 0; i < count; ++i) value(field, field.element);
        return;
      }
      case Kind::structure:
        return structure(field.children);
    }
  }

  // Fields by tag, as the format wants them: each has its size in front.
  void tagged_section(std::span<const Field> fields) {
    std::map<std::uint32_t, std::string> section;
    for (const Field& field : fields) {
      if (!field.spec.tagged() || !field.spec.present(version_) || random_.one_in(2)) continue;
      std::string before = take();
      spelling_ == Spelling::tolerated ? body_field(field) : value(field, field.kind);
      section[static_cast<std::uint32_t>(field.spec.tag_id)] = std::exchange(out_, std::move(before));
    }
    if (spelling_ == Spelling::tolerated && random_.one_in(2)) {
      std::string before = take();
      raw(random_.between(0, 5));
      section[static_cast<std::uint32_t>(random_.between(100, 100'000))] = std::exchange(out_, std::move(before));
    }
    varint(static_cast<std::uint32_t>(written(static_cast<std::int64_t>(section.size()))));
    for (const auto& [tag, bytes] : section) {
      varint(tag);
      varint(static_cast<std::uint32_t>(written(static_cast<std::int64_t>(bytes.size()))));
      out_ += bytes;
    }
  }

  // Often one of the numbers at which code goes wrong.
  std::int64_t number() {
    static constexpr std::int64_t corners[] = {0, 1, -1, 0x7f, 0x80, 0x7fff, 0x7fffffff, 0x7fffffffffffffff};
    if (random_.one_in(2)) return corners[random_.below(std::size(corners))];
    return static_cast<std::int64_t>(random_.next());
  }

  static int length_bytes(Kind kind) { return kind == Kind::string ? 2 : 4; }
  std::int64_t written(std::int64_t length) const { return lengths_ ? lengths_(length) : length; }
  void length(std::int64_t right, int fixed_bytes) {
    const std::int64_t size = written(right);
    flexible_ ? varint(static_cast<std::uint32_t>(size + 1)) : integer(size, fixed_bytes);
  }
  void integer(std::int64_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out_.push_back(static_cast<char>(value >> shift));
  }
  void varint(std::uint32_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>(value | 0x80));
    out_.push_back(static_cast<char>(value));
  }
  void raw(std::int64_t size) {
    for (std::int64_t i = 0; i < size; ++i) out_.push_back(static_cast<char>(random_.next()));
  }

  std::int16_t version_;
  bool flexible_;
  Spelling spelling_;
  Random& random_;
  const Lengths& lengths_;
  std::string out_;
};

}  // namespace

Slice generate(const Schema& schema, std::int16_t version, Random& random, Spelling spelling, const Lengths& lengths) {
  Generator generator(version, schema.info.flexible(version), spelling, random, lengths);
  generator.structure(schema.fields);
  return Slice::copy_of(generator.take());
}

}  // namespace acklab::protocol

#include "protocol/study/dissect_message_set.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "protocol/records/compression.h"
#include "protocol/records/crc32.h"
#include "protocol/records/lz4_header.h"
#include "protocol/records/message_set.h"
#include "protocol/study/dissect_records.h"
#include "protocol/study/field_reader.h"
#include "protocol/wire/big_endian.h"

namespace acklab::protocol {
namespace {

constexpr std::size_t crc_end = message_prefix_size + 4;

std::string attributes_text(std::int64_t attributes, std::int64_t magic) {
  const auto codec = codec_of_bits(static_cast<std::uint8_t>(attributes & 0x07));
  std::string text = codec ? std::string(name(*codec)) : "unknown codec";
  if (magic > 0) text += (attributes & log_append_time_of_message) != 0 ? ", log append time" : ", create time";
  return text;
}

// Where a message stands. Inside a wrapper there are no wrappers, or bytes that unpack to themselves would never come to an end.
enum class Place { set, wrapper };

Part message(ByteCursor& cursor, std::size_t index, Place place, DissectBudget& budget);

// The messages inside a wrapper, which begin at 0 of what was unpacked.
std::vector<Part> messages_in(const Slice& plain, std::int64_t magic, DissectBudget& budget) {
  std::vector<Part> messages;
  ByteCursor cursor(plain);
  while (cursor.ok() && cursor.left() > 0) {
    if (messages.size() == most_records_shown || budget.parts_used_up()) {
      messages.push_back(begin_part(cursor, "more messages"));
      messages.back().bytes = cursor.rest();
      messages.back().value = fmt::format("{} bytes", cursor.left());
      if (budget.parts_used_up()) messages.back().note = why_not_shown();
      break;
    }
    messages.push_back(message(cursor, messages.size(), Place::wrapper, budget));
    if (magic > 0) messages.back().parts.front().note = "counted inside the wrapper";
  }
  mark_unpacked(messages);
  return messages;
}

Result<std::optional<Slice>, std::string> unpack(std::uint8_t codec_bits, std::int64_t magic, const Slice& packed,
                                                 DissectBudget& budget) {
  const auto codec = codec_of_bits(codec_bits);
  if (!codec) return failure(fmt::format("codec {} does not exist", codec_bits));
  return budget.unpack(*codec, codec == Codec::lz4 && magic == 0 ? with_lz4_checksum(packed.view()) : packed);
}

void fields_after_size(FieldReader& fields, const ByteCursor& cursor, const Slice& whole, Place place, DissectBudget& budget,
                       Part& part) {
  fields.integer("crc", 4);
  const auto crc = load_big_endian<std::uint32_t>(whole.data() + message_prefix_size);
  const std::uint32_t sum = crc32(whole.view().subspan(crc_end));
  part.parts.back().value = fmt::format("{:08x}", crc);
  fields.note(sum == crc ? "matches" : fmt::format("{}: the bytes have {:08x}", does_not_match, sum));
  const std::int64_t magic = fields.integer("magic", 1);
  if (magic != 0 && magic != 1) return fields.fail(fmt::format("magic {} in a message set", magic));
  const std::int64_t attributes = fields.integer("attributes", 1);
  fields.note(attributes_text(attributes, magic));
  if (magic > 0) fields.integer("timestamp", 8);
  fields.long_run("key");
  const Slice value = fields.long_run("value");
  if (!cursor.ok()) return;
  if (const std::size_t taken = cursor.offset() - part.offset; taken != whole.size()) {
    return fields.fail(fmt::format("the message takes {} bytes where its size says {}", taken, whole.size()));
  }

  const auto codec_bits = static_cast<std::uint8_t>(attributes & 0x07);
  if (codec_bits == 0) return;
  if (place == Place::wrapper) return fields.fail("a wrapper inside a wrapper");
  const auto plain = unpack(codec_bits, magic, value, budget);
  if (!plain) return fields.fail(plain.error());
  if (!*plain) return fields.note(why_not_unpacked());
  part.parts.back().value = fmt::format("{} bytes, {} bytes unpacked", value.size(), (*plain)->size());
  part.parts.back().parts = messages_in(**plain, magic, budget);
}

Part message(ByteCursor& cursor, std::size_t index, Place place, DissectBudget& budget) {
  Part part = begin_part(cursor, fmt::format("message[{}]", index));
  const Slice rest = cursor.rest();
  FieldReader fields(cursor, part.parts);
  part.value = fmt::format("offset {}", fields.integer("offset", 8));
  if (!cursor.ok()) return part;
  const std::int64_t size = fields.integer("messageSize", 4);
  if (!cursor.ok()) return part;
  if (size < smallest_message_size) {
    fields.fail(fmt::format("a messageSize of {} is less than a message", size));
    return part;
  }
  const std::size_t bytes = message_prefix_size + static_cast<std::size_t>(size);
  if (bytes > rest.size()) {
    part.note = fmt::format("cut short: {} of {} bytes", rest.size(), bytes);
    part.parts.push_back(begin_part(cursor, "what is there of it"));
    part.parts.back().bytes = cursor.take(cursor.left());
    return part;
  }
  fields_after_size(fields, cursor, rest.part(0, bytes), place, budget, part);
  budget.use_parts(1 + part.parts.size());
  return part;
}

}  // namespace

bool begins_with_message(const Slice& bytes) {
  if (bytes.size() <= message_magic_at) return false;
  const auto magic = load_big_endian<std::int8_t>(bytes.data() + message_magic_at);
  return magic == 0 || magic == 1;
}

Part dissect_message_of_set(ByteCursor& cursor, std::size_t index, DissectBudget& budget) {
  return message(cursor, index, Place::set, budget);
}

}  // namespace acklab::protocol

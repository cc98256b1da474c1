#include "protocol/study/dissect_records.h"

#include <fmt/format.h>

#include "protocol/records/batch_layout.h"
#include "protocol/records/compression.h"
#include "protocol/records/crc32c.h"
#include "protocol/records/varint.h"
#include "protocol/study/byte_cursor.h"
#include "protocol/study/dissect_message_set.h"
#include "protocol/study/field_reader.h"

namespace acklab::protocol {
namespace {

std::string attributes_text(std::int16_t attributes) {
  const auto codec = codec_of_bits(static_cast<std::uint8_t>(attributes & 0x07));
  std::string text = codec ? std::string(name(*codec)) : "unknown codec";
  text += (attributes & 0x08) != 0 ? ", log append time" : ", create time";
  if ((attributes & 0x10) != 0) text += ", transactional";
  if ((attributes & 0x20) != 0) text += ", control";
  if ((attributes & 0x40) != 0) text += ", delete horizon in baseTimestamp";
  return text;
}

Part record(ByteCursor& cursor, std::int32_t index, const BatchHeader& header) {
  Part part = begin_part(cursor, fmt::format("record[{}]", index));
  FieldReader fields(cursor, part.parts);
  const std::int64_t length = fields.zigzag("length");
  const std::size_t begins = cursor.offset();
  if (!cursor.ok()) return part;
  fields.integer("attributes", 1);
  const std::int64_t timestamp = fields.zigzag("timestampDelta", max_varlong_size);
  fields.note(fmt::format("timestamp {}", wrapping_sum(header.base_timestamp, timestamp)));
  const std::int64_t offset = fields.zigzag("offsetDelta");
  fields.note(fmt::format("offset {}", wrapping_sum(header.base_offset.value, offset)));
  fields.run("key");
  fields.run("value");
  const std::int64_t headers = fields.zigzag("headersCount");
  Part more;
  for (std::int64_t i = 0; i < headers && cursor.ok(); ++i) {
    if (i == most_headers_shown) more = begin_part(cursor, fmt::format("{} more headers", headers - i));
    fields.run("headerKey");
    fields.run("headerValue");
    if (i >= most_headers_shown && cursor.ok()) part.parts.resize(part.parts.size() - 2);
  }
  if (headers > most_headers_shown && cursor.ok()) {
    more.bytes = cursor.since(more.offset);
    part.parts.push_back(std::move(more));
  }
  const auto taken = static_cast<std::int64_t>(cursor.offset() - begins);
  if (cursor.ok() && taken != length) {
    fields.fail(fmt::format("the record takes {} bytes where its length says {}", taken, length));
  }
  return part;
}

// The records of a batch; `bytes` as they lie there, perhaps compressed.
std::vector<Part> records_of(const BatchHeader& header, const Slice& bytes, std::size_t offset, DissectBudget& budget) {
  std::vector<Part> parts;
  Slice plain = bytes;
  const auto codec = codec_of_bits(header.codec_bits());
  const bool compressed = codec != Codec::none;
  if (compressed) {
    bool opened = false;
    Part packed;
    packed.offset = offset;
    packed.bytes = bytes;
    packed.name = "records";
    packed.type = codec ? fmt::format("{} bytes of {}", bytes.size(), name(*codec)) : "bytes";
    if (!codec) {
      packed.fault = fmt::format("codec {} does not exist", header.codec_bits());
    } else if (const auto unpacked = budget.unpack(*codec, bytes); !unpacked) {
      packed.fault = unpacked.error();
    } else if (!*unpacked) {
      packed.note = why_not_unpacked();
    } else {
      packed.value = fmt::format("{} bytes unpacked", (*unpacked)->size());
      plain = **unpacked;
      opened = true;
    }
    parts.push_back(std::move(packed));
    budget.use_parts(1);
    if (!opened) return parts;
  }

  ByteCursor cursor(plain, compressed ? 0 : offset);
  std::vector<Part> records;
  for (std::int32_t i = 0; i < header.records_count && cursor.ok(); ++i) {
    if (i == most_records_shown || budget.parts_used_up()) {
      Part more = begin_part(cursor, fmt::format("{} more records", header.records_count - i));
      more.bytes = cursor.take(cursor.left());
      if (budget.parts_used_up()) more.note = why_not_shown();
      records.push_back(std::move(more));
      budget.use_parts(1);
      break;
    }
    records.push_back(record(cursor, i, header));
    budget.use_parts(1 + records.back().parts.size());
  }
  if (cursor.ok() && cursor.left() > 0) {
    Part rest = begin_part(cursor, "");
    rest.bytes = cursor.rest();
    rest.fault = fmt::format("{} bytes behind the last record", cursor.left());
    records.push_back(std::move(rest));
  }
  if (compressed) mark_unpacked(records);
  for (Part& one : records) parts.push_back(std::move(one));
  return parts;
}

// What `cursor` begins with; takes it.
Part batch(ByteCursor& cursor, std::size_t index, DissectBudget& budget) {
  Part part = begin_part(cursor, fmt::format("batch[{}]", index));
  const Slice whole = cursor.rest();
  if (whole.size() < batch_header_size) {
    part.bytes = cursor.take(whole.size());
    part.value = "cut short";
    return part;
  }
  const BatchHeader header = load_batch_header(whole.view().first<batch_header_size>());
  if (header.magic != 2) {
    part.bytes = cursor.take(whole.size());
    part.fault = fmt::format("magic {} is neither that of a batch nor that of a message", header.magic);
    return part;
  }

  // Of bytes that may be anything.
  const std::int64_t last_offset = wrapping_sum(header.base_offset.value, header.last_offset_delta);
  FieldReader fields(cursor, part.parts);
  fields.integer("baseOffset", 8);
  fields.integer("batchLength", 4);
  fields.integer("partitionLeaderEpoch", 4);
  fields.integer("magic", 1);
  fields.integer("crc", 4);
  const bool cut = header.batch_length < smallest_batch_length || header.size() > whole.size();
  if (cut) {
    fields.note("cannot be checked: the batch is cut short");
  } else {
    const std::uint32_t sum = crc32c(whole.view().first(header.size()).subspan(attributes_at));
    part.parts.back().value = fmt::format("{:08x}", header.crc);
    fields.note(sum == header.crc ? "matches" : fmt::format("{}: the bytes have {:08x}", does_not_match, sum));
  }
  fields.integer("attributes", 2);
  fields.note(attributes_text(header.attributes));
  fields.integer("lastOffsetDelta", 4);
  fields.note(fmt::format("offsets {} to {}", header.base_offset.value, last_offset));
  fields.integer("baseTimestamp", 8);
  fields.integer("maxTimestamp", 8);
  fields.integer("producerId", 8);
  fields.integer("producerEpoch", 2);
  fields.integer("baseSequence", 4);
  fields.integer("recordsCount", 4);
  budget.use_parts(1 + part.parts.size());
  part.value = fmt::format("offsets {} to {}, {} records", header.base_offset.value, last_offset, header.records_count);
  if (header.batch_length < smallest_batch_length) {
    fields.fail(fmt::format("a batchLength of {} is less than a header", header.batch_length));
    return part;
  }
  const std::size_t size = std::min(header.size(), whole.size()) - batch_header_size;
  const std::size_t at = cursor.offset();
  const Slice records = cursor.take(size);
  if (header.size() > whole.size()) {
    part.note = fmt::format("cut short: {} of {} bytes", whole.size(), header.size());
    return part;
  }
  for (Part& one : records_of(header, records, at, budget)) part.parts.push_back(std::move(one));
  return part;
}

Part batch_or_message(ByteCursor& cursor, std::size_t index, DissectBudget& budget) {
  return begins_with_message(cursor.rest()) ? dissect_message_of_set(cursor, index, budget) : batch(cursor, index, budget);
}

}  // namespace

std::vector<Part> dissect_records(const Slice& bytes, std::size_t offset, DissectBudget& budget) {
  std::vector<Part> parts;
  ByteCursor cursor(bytes, offset);
  while (cursor.ok() && cursor.left() > 0 && parts.size() < most_batches_shown && !budget.parts_used_up()) {
    parts.push_back(batch_or_message(cursor, parts.size(), budget));
  }
  if (cursor.ok() && cursor.left() > 0) {
    Part more = begin_part(cursor, "more batches");
    more.bytes = cursor.rest();
    more.value = fmt::format("{} bytes", more.bytes.size());
    if (budget.parts_used_up()) more.note = why_not_shown();
    parts.push_back(std::move(more));
  }
  return parts;
}

std::vector<Part> dissect_records(const Slice& bytes) {
  DissectBudget budget;
  return dissect_records(bytes, 0, budget);
}

void dissect_each_batch(const Slice& bytes, const std::function<void(Part)>& show) {
  ByteCursor cursor(bytes);
  for (std::size_t index = 0; cursor.ok() && cursor.left() > 0; ++index) {
    DissectBudget budget;
    show(batch_or_message(cursor, index, budget));
  }
}

}  // namespace acklab::protocol

#include "broker/partition/batch_validation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "protocol/records/batch_builder.h"
#include "protocol/records/batch_layout.h"
#include "protocol/records/record_walk.h"
#include "protocol/records/up_convert.h"
#include "protocol/wire/big_endian.h"

namespace acklab::broker {

using protocol::batch_header_size;
using protocol::BatchHeader;
using protocol::Codec;
using protocol::ErrorCode;
using protocol::failure;
using protocol::MutableBuffer;
using protocol::NewRecord;
using protocol::Offset;
using protocol::RecordBatch;
using protocol::RecordView;
using protocol::RecordWalk;
using protocol::Result;
using protocol::Slice;
using protocol::store_big_endian;

namespace {

constexpr std::int64_t no_timestamp = -1;
constexpr std::int16_t log_append_time_bit = 0x08;
constexpr std::int16_t kept_when_rewritten = 0x30;  // transactional, control

using Objection = std::optional<BatchRefusal>;

BatchRefusal refused(ErrorCode code, std::string message) { return {.code = code, .message = std::move(message), .records = {}}; }

// --- The header ---

Objection check_header(const BatchHeader& header) {
  if (header.records_count <= 0 || header.last_offset_delta != header.records_count - 1) {
    return refused(ErrorCode::invalid_record, fmt::format("Inconsistent batch offset range [0, {}] and count of records {}",
                                                          header.last_offset_delta, header.records_count));
  }
  if (header.control()) return refused(ErrorCode::invalid_record, "Clients are not allowed to write control records");
  if (header.idempotent() && !header.base_sequence.known()) {
    return refused(ErrorCode::invalid_record, fmt::format("Invalid sequence number {} in record batch with producerId {}",
                                                          header.base_sequence.value, header.producer_id.value));
  }
  return std::nullopt;
}

// --- The records ---

// The records that a topic does not take, as they are met.
class BadRecords {
 public:
  void add(ErrorCode code, std::int32_t index, std::string why) {
    ++count_;
    if (code == ErrorCode::invalid_timestamp) code_ = code;
    if (listed_.size() < BatchRefusal::most_listed) listed_.push_back({index, std::move(why)});
  }

  bool empty() const { return count_ == 0; }
  BatchRefusal refusal() && {
    return {.code = code_,
            .message = code_ == ErrorCode::invalid_timestamp
                           ? "One or more records have been rejected due to invalid timestamp"
                           : fmt::format("One or more records have been rejected due to {} record errors in total", count_),
            .records = std::move(listed_)};
  }

 private:
  std::int64_t count_ = 0;
  ErrorCode code_ = ErrorCode::invalid_record;  // one wrong timestamp makes all of it INVALID_TIMESTAMP
  std::vector<BadRecord> listed_;
};

// Which timestamps a topic takes whose producers set them.
struct TimeWindow {
  TimeWindow(const TopicConfig& topic, std::int64_t now)
      : earliest(now - topic.timestamp_before_max.count()),
        latest(topic.timestamp_after_max.count() > INT64_MAX - now ? INT64_MAX : now + topic.timestamp_after_max.count()) {}

  bool has(std::int64_t timestamp) const { return timestamp == no_timestamp || (earliest <= timestamp && timestamp <= latest); }

  std::int64_t earliest;
  std::int64_t latest;
};

struct Walked {
  std::int64_t max_timestamp = no_timestamp;
  bool offsets_run = true;  // 0, 1, 2 and so on
};

// Once over every record, without looking into keys and values.
Result<Walked, BatchRefusal> walk_records(const BatchHeader& header, std::span<const std::byte> records, const TopicConfig& topic,
                                          std::int64_t now) {
  const TimeWindow window(topic, now);
  const bool producers_time = topic.timestamp_type == TimestampType::create_time;
  Walked walked;
  BadRecords bad;
  RecordWalk walk(records, header.records_count);
  for (std::int32_t index = 0; const RecordView* record = walk.next(); ++index) {
    const std::int64_t timestamp = timestamp_of(header, *record);
    if (topic.cleanup_policy.compacts && !record->key) {
      bad.add(ErrorCode::invalid_record, index, "Compacted topic cannot accept message without key");
    } else if (header.log_append_time()) {
      bad.add(ErrorCode::invalid_timestamp, index, "Producer should not set timestamp type to LogAppendTime");
    } else if (producers_time && !window.has(timestamp)) {
      bad.add(ErrorCode::invalid_timestamp, index,
              fmt::format("Timestamp {} of message with offset {} is out of range. The timestamp should be within [{}, {}]",
                          timestamp, index, window.earliest, window.latest));
    }
    walked.offsets_run = walked.offsets_run && record->offset_delta == index;
    walked.max_timestamp = std::max(walked.max_timestamp, timestamp);
  }
  if (!walk.sound()) {
    return failure(refused(ErrorCode::invalid_record, fmt::format("Record {}: {}", walk.records_read(), walk.fault())));
  }
  if (!bad.empty()) return failure(std::move(bad).refusal());
  return walked;
}

// --- What is appended ---

// Both lie inside the checksum. Mostly they are right already; some clients leave maxTimestamp at zero, on which time indexes rely.
RecordBatch stamped(const RecordBatch& batch, std::int16_t attributes, std::int64_t max_timestamp) {
  if (batch.header().attributes == attributes && batch.header().max_timestamp == max_timestamp) return batch;
  MutableBuffer copy(batch.size());
  const std::span<std::byte> bytes = copy.span();
  std::copy_n(batch.bytes().data(), bytes.size(), bytes.data());
  store_big_endian(bytes.data() + protocol::attributes_at, attributes);
  store_big_endian(bytes.data() + protocol::max_timestamp_at, max_timestamp);
  protocol::store_crc(bytes);
  return *RecordBatch::first(std::move(copy).freeze(batch.size()));
}

std::string_view text(std::span<const std::byte> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
std::optional<std::string_view> text(const std::optional<std::span<const std::byte>>& bytes) {
  return bytes ? std::optional(text(*bytes)) : std::nullopt;
}

void read_headers(const RecordView& record, std::vector<NewRecord::Header>& headers) {
  headers.clear();
  protocol::RecordCursor cursor(record.headers);
  for (std::int32_t i = 0; i < record.headers_count; ++i) {
    const auto header = next_header(cursor);
    headers.push_back({text(header.key), text(header.value)});
  }
}

Objection check_size(const RecordBatch& batch, const TopicConfig& topic) {
  if (batch.size() <= static_cast<std::size_t>(topic.max_message_bytes)) return std::nullopt;
  return refused(ErrorCode::message_too_large,
                 fmt::format("The record batch size is {} bytes which exceeds the maximum configured value of {}", batch.size(),
                             topic.max_message_bytes));
}

}  // namespace

Result<ValidBatch, BatchRefusal> BatchValidator::validate(const RecordBatch& sent, const TopicConfig& topic, AppendOrigin origin,
                                                          std::int64_t now) {
  const BatchHeader& header = sent.header();
  if (origin == AppendOrigin::client && header.base_offset != Offset{0}) {
    return failure(refused(ErrorCode::invalid_record, fmt::format("The baseOffset of the record batch should be 0, but it is {}",
                                                                  header.base_offset.value)));
  }
  if (Objection objection = check_size(sent, topic)) return failure(*std::move(objection));
  if (!sent.crc_matches()) {
    return failure(refused(ErrorCode::corrupt_message, fmt::format("Record is corrupt (stored crc = {})", header.crc)));
  }
  const auto codec = protocol::codec_of_bits(header.codec_bits());
  if (!codec) {  // as a real broker answers: its table of codecs throws
    return failure(refused(ErrorCode::unknown_server_error, fmt::format("Unknown compression type id: {}", header.codec_bits())));
  }
  if (origin == AppendOrigin::client) {
    if (Objection objection = check_header(header)) return failure(*std::move(objection));
  }
  const auto records = decompressor_.decompress(*codec, sent.bytes().view().subspan(batch_header_size));
  if (!records) return failure(refused(ErrorCode::unknown_server_error, records.error()));  // not 2: recorded from a real broker
  return with_topics_wishes({sent, *records, *codec, *codec}, topic, now);
}

Result<ValidBatch, BatchRefusal> BatchValidator::validate_message_set(const Slice& sent, const TopicConfig& topic,
                                                                      std::int64_t now) {
  const auto up = protocol::up_convert(sent.view(), static_cast<std::size_t>(topic.max_message_bytes), decompressor_);
  if (!up) return failure(refused(up.error().code, up.error().reason));
  return with_topics_wishes({up->batch, up->batch.bytes().view().subspan(batch_header_size), Codec::none, up->codec}, topic, now);
}

Result<ValidBatch, BatchRefusal> BatchValidator::with_topics_wishes(const Judged& judged, const TopicConfig& topic,
                                                                    std::int64_t now) {
  const BatchHeader& header = judged.batch.header();
  const auto walked = walk_records(header, judged.records, topic, now);
  if (!walked) return failure(walked.error());

  const bool brokers_time = topic.timestamp_type == TimestampType::log_append_time;
  const auto time_bit = brokers_time ? log_append_time_bit : std::int16_t{0};
  const std::int64_t max_timestamp = brokers_time ? now : walked->max_timestamp;
  ValidBatch valid{judged.batch, brokers_time ? now : no_timestamp};

  // The offsets of an uncompressed batch are stored as they were sent, whatever they are. Old clients number those of a compressed one
  // wrongly; they are served by writing it anew.
  const Compression target = compression_of(topic, header, judged.wish);
  const bool in_place = target.codec == judged.codec && (judged.codec == Codec::none || walked->offsets_run);
  if (in_place) {
    const auto attributes = static_cast<std::int16_t>((header.attributes & ~log_append_time_bit) | time_bit);
    valid.batch = stamped(judged.batch, attributes, max_timestamp);
  } else {
    const RecordBatch anew = rewritten(header, judged.records, target);
    const auto attributes =
        static_cast<std::int16_t>(anew.header().attributes | (header.attributes & kept_when_rewritten) | time_bit);
    valid.batch = stamped(anew, attributes, max_timestamp);
  }
  if (Objection objection = check_size(valid.batch, topic)) return failure(*std::move(objection));
  if (valid.batch.size() > static_cast<std::size_t>(topic.segment_bytes)) {
    return failure(refused(ErrorCode::record_list_too_large,
                           fmt::format("Message batch size is {} bytes, which exceeds the maximum configured segment size of {}",
                                       valid.batch.size(), topic.segment_bytes)));
  }
  return valid;
}

// compression.type, with the level that the topic has for it. Where it is "producer" the codec is that of the batch. Control records
// stay uncompressed.
BatchValidator::Compression BatchValidator::compression_of(const TopicConfig& topic, const BatchHeader& header, Codec sent) {
  const bool plain_control = header.control() && sent == Codec::none;
  const Codec codec = plain_control ? Codec::none : topic.compression.value_or(sent);
  switch (codec) {
    case Codec::gzip:
      return {codec, topic.gzip_level};
    case Codec::lz4:
      return {codec, topic.lz4_level};
    case Codec::zstd:
      return {codec, topic.zstd_level};
    case Codec::none:
    case Codec::snappy:
      break;
  }
  return {codec, 0};
}

RecordBatch BatchValidator::rewritten(const BatchHeader& header, std::span<const std::byte> records, Compression target) {
  protocol::BatchBuilder builder(target.codec, {.expected = batch_header_size + records.size()});
  std::vector<NewRecord::Header> headers;
  RecordWalk walk(records, header.records_count);
  while (const RecordView* record = walk.next()) {
    read_headers(*record, headers);
    builder.append(
        {.timestamp = timestamp_of(header, *record), .key = text(record->key), .value = text(record->value), .headers = headers});
  }
  builder.close(compressor(target));
  return *RecordBatch::first(builder.seal(header.producer_id, header.producer_epoch, header.base_sequence));
}

protocol::Compressor& BatchValidator::compressor(Compression target) {
  if (!kept_ || kept_->target != target) kept_.emplace(Kept{target, protocol::Compressor(target.codec, target.level)});
  return kept_->compressor;
}

}  // namespace acklab::broker

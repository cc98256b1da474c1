// A batch that a leader would append can be read, has as many records as it says, and can be written again.
#include "broker/partition/batch_validation.h"
#include "broker/partition/sent_records.h"
#include "protocol/check.h"
#include "protocol/records/batch_builder.h"
#include "protocol/records/batch_layout.h"
#include "protocol/records/record_batch.h"
#include "protocol/records/rewrite.h"
#include "tests/fuzz/target.h"

namespace acklab::fuzz {

using protocol::BatchBuilder;
using protocol::Codec;
using protocol::RecordBatch;
using protocol::Slice;

namespace {

constexpr std::int16_t newest_produce = 12;
constexpr std::int64_t now = 1'700'000'000'000;

// A checksum that does not match would be all that is ever found.
std::string with_checksum(std::string_view bytes) {
  std::string batch(bytes);
  if (batch.size() < protocol::batch_header_size) return batch;
  protocol::store_crc(std::as_writable_bytes(std::span(batch)));
  return batch;
}

}  // namespace

void run_record_batches(Input input) {
  const Slice raw = Slice::copy_of(text_of(input));
  if (const auto batches = protocol::split_batches(raw)) {
    for (const RecordBatch& batch : *batches) static_cast<void>(protocol::read_records(batch));
  }

  // The first byte says what the topic wants; the rest is a batch.
  broker::TopicConfig topic;
  Reader reader(input);
  const std::uint8_t wish = reader.byte();
  topic.compression = protocol::codec_of_bits(wish & 0x07);
  if ((wish & 0x08) != 0) topic.timestamp_type = broker::TimestampType::log_append_time;
  topic.cleanup_policy.compacts = (wish & 0x10) != 0;
  const auto sent = broker::batch_of_request(Slice::copy_of(with_checksum(text_of(reader.rest()))), newest_produce);
  if (!sent) return CHECK(sent.error().code != protocol::ErrorCode::none);
  broker::BatchValidator validator;
  const auto valid = validator.validate(*sent, topic, broker::AppendOrigin::client, now);
  if (!valid) return CHECK(valid.error().code != protocol::ErrorCode::none);
  const RecordBatch& batch = valid->batch;
  CHECK(batch.crc_matches());
  const auto records = protocol::read_records(batch);
  CHECK(records.has_value());
  CHECK(records->size() == static_cast<std::size_t>(batch.header().records_count));

  // What is valid stays valid: a follower or a second leader must not refuse it. And compaction can write it again.
  const Slice again = protocol::rewritten(batch.header(), *records);
  const auto reread = RecordBatch::first(again);
  CHECK(reread.has_value() && reread->crc_matches());
  CHECK(protocol::read_records(*reread)->size() == records->size());
}

std::vector<std::string> record_batch_seeds() {
  std::vector<std::string> seeds;
  for (const Codec codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    BatchBuilder builder(codec);
    const protocol::NewRecord::Header header{.key = "h", .value = {}};
    builder.append({.timestamp = 1000, .key = "key", .value = "value", .headers = std::span(&header, std::size_t{1})});
    builder.append({.timestamp = 900, .key = {}, .value = {}, .headers = {}});
    const std::string batch(builder.seal({7}, {1}, {42}).text());
    for (const char wish : {'\x07', '\x02', '\x0c', '\x17'}) seeds.push_back(wish + batch);
  }
  return seeds;
}

}  // namespace acklab::fuzz

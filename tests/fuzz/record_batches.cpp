// A batch that a leader would append can be read, has as many records as it says, and can be written again.
#include "protocol/check.h"
#include "protocol/records/batch_builder.h"
#include "protocol/records/batch_layout.h"
#include "protocol/records/crc32c.h"
#include "protocol/records/record_batch.h"
#include "protocol/records/rewrite.h"
#include "protocol/wire/big_endian.h"
#include "tests/fuzz/target.h"

namespace acklab::fuzz {

using protocol::BatchBuilder;
using protocol::Codec;
using protocol::RecordBatch;
using protocol::Slice;

namespace {

constexpr std::int16_t newest_produce = 9;

// A checksum that does not match would be all that is ever found.
std::string with_checksum(std::string_view bytes) {
  std::string batch(bytes);
  if (batch.size() < protocol::batch_header_size) return batch;
  const auto covered = std::as_bytes(std::span(batch)).subspan(protocol::attributes_at);
  protocol::store_big_endian(reinterpret_cast<std::byte*>(batch.data()) + protocol::crc_at, protocol::crc32c(covered));
  return batch;
}

}  // namespace

void run_record_batches(Input input) {
  const Slice raw = Slice::copy_of(text_of(input));
  if (const auto batches = protocol::split_batches(raw)) {
    for (const RecordBatch& batch : *batches) static_cast<void>(protocol::read_records(batch));
  }

  const Slice bytes = Slice::copy_of(with_checksum(text_of(input)));
  const auto valid = protocol::validate_produced(bytes, newest_produce);
  if (!valid) return;
  CHECK(valid->crc_matches());
  const auto records = protocol::read_records(*valid);
  CHECK(records.has_value());
  CHECK(records->size() == static_cast<std::size_t>(valid->header().records_count));

  const Slice again = protocol::rewritten(valid->header(), *records);
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
    seeds.emplace_back(builder.seal({7}, {1}, {42}).text());
  }
  return seeds;
}

}  // namespace acklab::fuzz

#include "producer/split.h"

#include <iterator>
#include <optional>
#include <utility>

#include "protocol/check.h"
#include "protocol/records/batch_builder.h"
#include "protocol/records/record_batch.h"

namespace acklab::producer {

using protocol::BatchBuilder;
using protocol::NewRecord;
using protocol::Record;
using protocol::RecordHeader;

namespace {

std::optional<std::string_view> text_of(const protocol::Nullable<protocol::Slice>& bytes) {
  if (!bytes) return std::nullopt;
  return bytes->text();
}

// A record as it was handed over, which is needed to write it again. The headers' views lie in `headers`.
NewRecord view_of(const Record& record, std::vector<NewRecord::Header>& headers) {
  headers.clear();
  for (const RecordHeader& header : record.headers) headers.push_back({header.key, text_of(header.value)});
  return {.timestamp = record.timestamp, .key = text_of(record.key), .value = text_of(record.value), .headers = headers};
}

std::vector<Record> records_of(const Batch& batch) {
  const auto whole = protocol::RecordBatch::first(batch.bytes);
  CHECK(whole.has_value());  // we made it
  auto records = protocol::read_records(*whole);
  CHECK(records.has_value() && records->size() == batch.records.size());
  return *std::move(records);
}

// What all pieces have from the whole: its age, its attempts, and its doubts.
std::unique_ptr<Batch> piece_of(const Batch& big, std::uint64_t number) {
  auto piece = std::make_unique<Batch>();
  piece->number = number;
  piece->created = big.created;
  piece->attempts = big.attempts;
  piece->retries = big.retries;
  piece->indefinite = big.indefinite;
  piece->leader = big.leader;
  piece->is_piece = true;
  return piece;
}

}  // namespace

std::vector<std::unique_ptr<Batch>> split(Batch& big, std::size_t batch_size, protocol::Codec codec,
                                          const std::function<std::uint64_t()>& next_number) {
  CHECK(big.records.size() > 1);
  const std::vector<Record> records = records_of(big);
  std::vector<NewRecord::Header> headers;
  BatchBuilder whole(protocol::Codec::none);
  for (const Record& record : records) whole.append(view_of(record, headers));
  const std::size_t size = whole.uncompressed_size();
  const std::size_t limit = big.is_piece || size <= batch_size ? size / 2 : batch_size;

  std::vector<std::unique_ptr<Batch>> pieces;
  protocol::Sequence sequence = big.identity.base_sequence;
  std::optional<BatchBuilder> builder;
  std::size_t first = 0;  // of the records in `builder`
  const auto finish = [&](std::size_t end) {
    std::unique_ptr<Batch>& piece = pieces.emplace_back(piece_of(big, next_number()));
    piece->bytes = builder->seal();
    builder.reset();
    const auto begin = big.records.begin();
    piece->records.assign(std::make_move_iterator(begin + static_cast<std::ptrdiff_t>(first)),
                          std::make_move_iterator(begin + static_cast<std::ptrdiff_t>(end)));
    if (big.identity.known()) {
      piece->identity = {big.identity.producer, sequence};
      sequence = sequence + static_cast<std::int32_t>(end - first);
      piece->write();
    }
    first = end;
  };
  for (std::size_t i = 0; i < records.size(); ++i) {
    const NewRecord record = view_of(records[i], headers);
    if (builder && builder->uncompressed_size() + protocol::upper_bound_of(record) > limit) finish(i);
    if (!builder) builder.emplace(codec);
    builder->append(record);
  }
  finish(records.size());
  CHECK(pieces.size() > 1);

  // buffer.memory is given back piece by piece.
  for (const auto& piece : pieces) piece->memory = big.memory / pieces.size();
  pieces.front()->memory += big.memory % pieces.size();
  return pieces;
}

}  // namespace acklab::producer

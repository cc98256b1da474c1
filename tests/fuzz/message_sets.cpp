// A message set that a leader takes becomes a batch, and that batch a message set again with the same messages, in either magic.
#include "broker/partition/batch_validation.h"
#include "protocol/check.h"
#include "protocol/records/down_convert.h"
#include "protocol/records/message_encoding.h"
#include "protocol/records/message_set.h"
#include "protocol/records/up_convert.h"
#include "protocol/study/dissect_records.h"
#include "protocol/wire/big_endian.h"
#include "tests/fuzz/target.h"

namespace acklab::fuzz {

using protocol::Codec;
using protocol::MessageView;
using protocol::MessageWalk;
using protocol::NewMessage;
using protocol::Slice;

namespace {

constexpr std::int64_t now = 1'700'000'000'000;
constexpr std::size_t crc_end = protocol::message_prefix_size + 4;

// A checksum that does not match would be all that is ever found.
std::string with_checksums(std::string_view bytes) {
  std::string set(bytes);
  const auto whole = std::as_writable_bytes(std::span(set));
  MessageWalk walk(whole);
  while (const MessageView* message = walk.next()) {
    const auto at = static_cast<std::size_t>(message->bytes.data() - whole.data());
    protocol::store_big_endian(whole.data() + at + protocol::message_prefix_size, message->crc_of_bytes());
  }
  return set;
}

// Of what is not compressed.
std::size_t count_messages(const Slice& set) {
  std::size_t count = 0;
  MessageWalk walk(set.view());
  while (const MessageView* message = walk.next()) {
    CHECK(message->crc_matches());
    ++count;
  }
  CHECK(walk.sound());
  return count;
}

std::string set_of(std::span<const NewMessage> messages) {
  std::size_t size = 0;
  for (const NewMessage& message : messages) size += message_size(message);
  std::string set(size, '\0');
  std::byte* out = std::as_writable_bytes(std::span(set)).data();
  for (const NewMessage& message : messages) out = store_message(out, message);
  return set;
}

}  // namespace

void run_message_sets(Input input) {
  const Slice sent = Slice::copy_of(with_checksums(text_of(input)));
  static_cast<void>(protocol::dissect_records(sent));
  const auto valid = broker::BatchValidator().validate_message_set(sent, broker::TopicConfig{}, now);
  if (!valid) return CHECK(valid.error().code != protocol::ErrorCode::none);
  const protocol::RecordBatch& batch = valid->batch;
  CHECK(batch.crc_matches());
  const auto records = protocol::read_records(batch);
  CHECK(records.has_value());
  CHECK(records->size() == static_cast<std::size_t>(batch.header().records_count));

  const auto codec = protocol::codec_of_bits(batch.header().codec_bits());
  for (const std::int8_t magic : {std::int8_t{0}, std::int8_t{1}}) {
    const auto down = down_convert(batch.bytes(), {.magic = magic, .first = protocol::FirstBatch::whole});
    CHECK(down.has_value());
    CHECK(count_messages(*down) == (codec == Codec::none ? records->size() : 1));
    protocol::Decompressor decompressor;
    const auto again = protocol::up_convert(down->view(), SIZE_MAX, decompressor);
    CHECK(again.has_value());
    CHECK(again->batch.header().records_count == batch.header().records_count);
    CHECK(again->codec == codec);
  }
}

std::vector<std::string> message_set_seeds() {
  std::vector<std::string> seeds;
  for (const std::int8_t magic : {std::int8_t{0}, std::int8_t{1}}) {
    const NewMessage messages[] = {{.offset = {0}, .magic = magic, .timestamp = now, .key = "key", .value = "value"},
                                   {.offset = {1}, .magic = magic, .timestamp = now - 1, .key = {}, .value = {}}};
    const std::string set = set_of(messages);
    seeds.push_back(set);
    for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4}) {
      const Slice packed = protocol::compress(codec, std::as_bytes(std::span(set)));
      const NewMessage wrapper{.offset = {1},
                               .magic = magic,
                               .attributes = static_cast<std::int8_t>(codec),
                               .timestamp = now,
                               .key = {},
                               .value = packed.text()};
      seeds.push_back(set_of(std::span(&wrapper, std::size_t{1})));
    }
  }
  return seeds;
}

}  // namespace acklab::fuzz

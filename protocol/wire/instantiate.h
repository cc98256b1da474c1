// The bodies behind codec.h and schema.h, and the macro that compiles them for one message. Included only by messages/*.cpp.
#pragma once

#include <limits>

#include "protocol/check.h"
#include "protocol/wire/codec.h"
#include "protocol/wire/decoder.h"
#include "protocol/wire/encoder.h"
#include "protocol/wire/schema.h"

namespace acklab::protocol {

// Two passes over the message: the first finds out how much room the second needs behind what is put in front.
template <class M, class PutInFront>
Bytes encode_behind(std::size_t in_front, PutInFront put_in_front, const M& message, std::int16_t version) {
  const bool flexible = M::info.flexible(version);
  CountingSink counter;
  Encoder<CountingSink>(counter, version, flexible).message(message);
  WritingSink writer(in_front + counter.owned(), counter.slices());
  put_in_front(writer, counter.total());
  Encoder<WritingSink>(writer, version, flexible).message(message);
  return std::move(writer).finish();
}

template <class M>
Bytes encode(const M& message, std::int16_t version) {
  const auto nothing = [](WritingSink&, std::size_t) {};
  return encode_behind(0, nothing, message, version);
}

template <class M>
Bytes encode_frame(const M& message, std::int16_t version, std::string_view header) {
  const auto put_in_front = [&](WritingSink& writer, std::size_t body_bytes) {
    const std::size_t frame_bytes = header.size() + body_bytes;
    CHECK(frame_bytes <= static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()));
    writer.integer(static_cast<std::int32_t>(frame_bytes));
    writer.copy(header.data(), header.size());
  };
  return encode_behind(sizeof(std::int32_t) + header.size(), put_in_front, message, version);
}

template <class M>
Result<M, DecodeError> decode(const Slice& body, std::int16_t version) {
  M message;
  Decoder decoder(body, version, M::info.flexible(version));
  decoder.message(message);
  if (decoder.ok() && !decoder.at_end()) decoder.fail("bytes after the end of the message");
  if (!decoder.ok()) return failure(decoder.error());
  return message;
}

template <class M>
Result<Bytes, DecodeError> recode(const Slice& body, std::int16_t version) {
  const Result<M, DecodeError> message = decode<M>(body, version);
  if (!message) return failure(message.error());
  return encode(*message, version);
}

}  // namespace acklab::protocol

// Once per message, at namespace acklab::protocol.
#define ACKLAB_COMPILE_MESSAGE(M)                                                                           \
  template Bytes encode<M>(const M&, std::int16_t);                                                         \
  template Bytes encode_frame<M>(const M&, std::int16_t, std::string_view);                                 \
  template Result<M, DecodeError> decode<M>(const Slice&, std::int16_t);                                    \
  template <>                                                                                               \
  const Schema& schema_of<M>() {                                                                            \
    static const Schema schema{#M, M::info, SchemaRecorder::fields_of<M>(), member_count<M>(), &recode<M>}; \
    return schema;                                                                                          \
  }

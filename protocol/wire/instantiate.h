// The bodies behind codec.h and schema.h, and the macro that compiles them for one message. Included only by messages/*.cpp.
#pragma once

#include "protocol/wire/codec.h"
#include "protocol/wire/decoder.h"
#include "protocol/wire/encoder.h"
#include "protocol/wire/schema.h"

namespace acklab::protocol {

template <class M>
Bytes encode(const M& message, std::int16_t version) {
  const bool flexible = M::info.flexible(version);
  CountingSink counter;
  Encoder<CountingSink>(counter, version, flexible).message(message);
  WritingSink writer(counter.owned());
  Encoder<WritingSink>(writer, version, flexible).message(message);
  return std::move(writer).finish();
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
#define ACKLAB_COMPILE_MESSAGE(M)                                                            \
  template Bytes encode<M>(const M&, std::int16_t);                                          \
  template Result<M, DecodeError> decode<M>(const Slice&, std::int16_t);                     \
  template <>                                                                                \
  const Schema& schema_of<M>() {                                                             \
    static const Schema schema{#M, M::info, SchemaRecorder::fields_of<M>(), member_count<M>(), &recode<M>}; \
    return schema;                                                                           \
  }

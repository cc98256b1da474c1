// One record of a batch as bytes (KIP-98): lengths and deltas as zigzag varints.
//
//   length  attributes (0)  timestampDelta  offsetDelta  key  value  headerCount  (key value)*
//
// Inline, because a producer spends a few nanoseconds here for each record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "protocol/check.h"
#include "protocol/records/batch_builder.h"
#include "protocol/records/varint.h"

namespace acklab::protocol {

inline std::size_t run_size(std::string_view run) { return zigzag_size(static_cast<std::int64_t>(run.size())) + run.size(); }
inline std::size_t run_size(const std::optional<std::string_view>& run) { return run ? run_size(*run) : zigzag_size(-1); }

// Key, value and headers: what of a record does not depend on its place in the batch.
inline std::size_t record_content_size(const NewRecord& record) {
  std::size_t size = run_size(record.key) + run_size(record.value);
  size += zigzag_size(static_cast<std::int64_t>(record.headers.size()));
  for (const auto& header : record.headers) size += run_size(header.key) + run_size(header.value);
  return size;
}

// What `length` says: the bytes behind it.
inline std::size_t record_length(const NewRecord& record, std::int64_t timestamp_delta, std::int64_t offset_delta) {
  const std::size_t length = 1 + zigzag_size(timestamp_delta) + zigzag_size(offset_delta) + record_content_size(record);
  CHECK(length <= INT32_MAX);
  return length;
}

inline std::byte* store_run(std::byte* to, std::string_view run) {
  to = store_zigzag(to, static_cast<std::int64_t>(run.size()));
  if (!run.empty()) std::memcpy(to, run.data(), run.size());
  return to + run.size();
}
inline std::byte* store_run(std::byte* to, const std::optional<std::string_view>& run) {
  return run ? store_run(to, *run) : store_zigzag(to, -1);
}

// `length` as record_length() gives it. Returns where the next record goes.
inline std::byte* store_record(std::byte* to, const NewRecord& record, std::size_t length, std::int64_t timestamp_delta,
                               std::int64_t offset_delta) {
  to = store_zigzag(to, static_cast<std::int64_t>(length));
  *to++ = std::byte{0};  // attributes
  to = store_zigzag(to, timestamp_delta);
  to = store_zigzag(to, offset_delta);
  to = store_run(to, record.key);
  to = store_run(to, record.value);
  to = store_zigzag(to, static_cast<std::int64_t>(record.headers.size()));
  for (const auto& header : record.headers) {
    to = store_run(to, header.key);
    to = store_run(to, header.value);
  }
  return to;
}

}  // namespace acklab::protocol

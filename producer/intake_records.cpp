#include "producer/intake_records.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace acklab::producer {

using protocol::Time;

namespace {

std::int32_t size_of(const std::optional<std::string_view>& run) { return run ? static_cast<std::int32_t>(run->size()) : -1; }

}  // namespace

void IntakeRecords::Run::grow(std::size_t size) {
  capacity_ = std::max(size, 2 * capacity_);
  auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
  if (size_ > 0) std::memcpy(larger.get(), bytes_.get(), size_);
  bytes_ = std::move(larger);
}

void IntakeRecords::add(const ProducerRecordView& record, Producer::Callback callback, Time sent_at) {
  Entry& entry = entries.emplace_back();
  entry.callback = std::move(callback);
  entry.sent_at = sent_at;
  entry.timestamp = record.timestamp;
  entry.partition = record.partition.value_or(-1);
  entry.topic = static_cast<std::uint32_t>(record.topic.size());
  entry.key = size_of(record.key);
  entry.value = size_of(record.value);
  entry.headers = static_cast<std::uint32_t>(record.headers.size());

  const auto append = [this](std::string_view run) { bytes.append(run); };
  append(record.topic);
  append(record.key.value_or(std::string_view{}));
  append(record.value.value_or(std::string_view{}));
  for (const auto& header : record.headers) {
    header_sizes.push_back(static_cast<std::int32_t>(header.key.size()));
    header_sizes.push_back(size_of(header.value));
    append(header.key);
    append(header.value.value_or(std::string_view{}));
  }
}

void IntakeRecords::clear() {
  entries.clear();
  header_sizes.clear();
  bytes.clear();
}

ProducerRecordView IntakeReader::view() {
  const IntakeRecords::Entry& entry = records_.entries[next_];
  std::size_t at = byte_;
  std::size_t header = header_;
  const auto take = [&](std::int32_t size) -> std::optional<std::string_view> {
    if (size < 0) return std::nullopt;
    const std::string_view run(records_.bytes.data() + at, static_cast<std::size_t>(size));
    at += run.size();
    return run;
  };
  ProducerRecordView view;
  view.topic = *take(static_cast<std::int32_t>(entry.topic));
  if (entry.partition != -1) view.partition = entry.partition;
  view.key = take(entry.key);
  view.value = take(entry.value);
  headers_.clear();
  for (std::uint32_t i = 0; i < entry.headers; ++i) {
    const std::string_view key = *take(records_.header_sizes[header++]);
    headers_.push_back({key, take(records_.header_sizes[header++])});
  }
  view.headers = headers_;
  view.timestamp = entry.timestamp;
  end_of_record_ = at;
  end_of_headers_ = header;
  return view;
}

}  // namespace acklab::producer

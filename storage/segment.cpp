#include "storage/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "protocol/check.h"
#include "protocol/mutant.h"
#include "protocol/records/batch_layout.h"

namespace acklab::storage {

using protocol::batch_header_size;
using protocol::BatchHeader;
using protocol::failure;
using protocol::Mutant;
using protocol::Offset;
using protocol::Record;
using protocol::RecordBatch;

namespace {

constexpr std::size_t digits = 20;
constexpr std::string_view suffix = ".log";

// How many of the last batches' starts are kept at most; half of them go at once.
constexpr std::size_t max_recent = 128;

// The last element for which `holds`, which is true up to some element and for none behind it. Null if for no element.
template <class T, class Holds>
const T* last_that(const std::vector<T>& elements, Holds holds) {
  const auto end = std::partition_point(elements.begin(), elements.end(), holds);
  return end == elements.begin() ? nullptr : &*std::prev(end);
}

// The header's own claims, before anything is believed of it.
bool plausible(const BatchHeader& header) {
  return header.magic == 2 && header.batch_length >= protocol::smallest_batch_length && header.last_offset_delta >= 0;
}

}  // namespace

std::string segment_name(Offset base) { return fmt::format("{:020}{}", base.value, suffix); }

std::optional<Offset> base_of_segment_name(std::string_view name) {
  if (name.size() != digits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
  Offset base;
  const auto [end, error] = std::from_chars(name.data(), name.data() + digits, base.value);
  if (error != std::errc() || end != name.data() + digits || !base.known()) return std::nullopt;
  return base;
}

Result<Segment, DiskError> Segment::open(Disk& disk, const std::string& directory, Offset base,
                                         std::uint32_t index_interval_bytes) {
  std::string path = directory + "/" + segment_name(base);
  auto file = disk.open(path);
  if (!file) return failure(file.error());
  Segment segment(std::move(*file), std::move(path), base, index_interval_bytes);
  if (const auto recovered = segment.recover(); !recovered) return failure(recovered.error());
  return segment;
}

Result<void, DiskError> Segment::recover() {
  const std::uint64_t file_size = file_->size();
  while (size() + batch_header_size <= file_size) {
    const auto head = file_->read(size(), batch_header_size);
    if (!head) return failure(head.error());
    if (head->size() < batch_header_size) break;
    const BatchHeader header = protocol::load_batch_header(head->view().first<batch_header_size>());
    if (!plausible(header) || header.base_offset < end()) break;
    const auto whole = is_whole(header);
    if (!whole) return failure(whole.error());
    if (!*whole) break;
    note(header);
  }
  cut_at_open_ = file_size - std::min(size(), file_size);
  return file_->truncate(size());
}

Result<bool, DiskError> Segment::is_whole(const BatchHeader& header) const {
  if (active(Mutant::keep_torn_batch)) return true;
  if (header.size() > file_->size() - size()) return false;
  const auto bytes = file_->read(size(), header.size());
  if (!bytes) return failure(bytes.error());
  const auto batch = RecordBatch::first(*bytes);
  return batch && batch->crc_matches();
}

Result<void, DiskError> Segment::append(const Bytes& bytes, const BatchHeader& header) {
  CHECK(header.base_offset >= end() && header.size() == bytes.size());
  flushed_ = false;
  if (const auto appended = file_->append(bytes); !appended) return appended;
  note(header);
  return {};
}

void Segment::note(const BatchHeader& header) {
  if (index_.empty() || size() - index_.back().batch.position > index_interval_bytes_) index_.push_back({end_, max_timestamp_});
  if (recent_.size() == max_recent) recent_.erase(recent_.begin(), recent_.begin() + max_recent / 2);
  recent_.push_back(end_);
  end_ = {header.next_offset(), size() + header.size()};
  max_timestamp_ = std::max(max_timestamp_, header.max_timestamp);
}

Result<BatchHeader, DiskError> Segment::header_at(std::uint64_t position) const {
  const auto head = file_->read(position, batch_header_size);
  if (!head) return failure(head.error());
  if (head->size() < batch_header_size) return failure(corrupt(position));
  const BatchHeader header = protocol::load_batch_header(head->view().first<batch_header_size>());
  if (!plausible(header)) return failure(corrupt(position));
  return header;
}

Result<Segment::Boundary, DiskError> Segment::start_of_batch_with(Offset offset) const {
  const auto not_behind = [&](const Boundary& boundary) { return boundary.offset <= offset; };
  if (const Boundary* recent = last_that(recent_, not_behind)) return *recent;
  Boundary at = last_that(index_, [&](const IndexEntry& entry) { return not_behind(entry.batch); })->batch;
  while (at.offset != offset) {
    const auto header = header_at(at.position);
    if (!header) return failure(header.error());
    if (header->next_offset() > offset) break;
    at = {header->next_offset(), at.position + header->size()};
  }
  return at;
}

Result<Segment::Boundary, DiskError> Segment::last_boundary(Boundary start, Offset upper, std::uint64_t limit) const {
  const auto within = [&](const Boundary& boundary) { return boundary.offset <= upper && boundary.position <= limit; };
  if (within(end_)) return end_;

  if (const Boundary* recent = last_that(recent_, within)) return *recent;

  // As far as the index goes, then from header to header.
  Boundary at = last_that(index_, [&](const IndexEntry& entry) { return within(entry.batch); })->batch;
  if (at.position < start.position) at = start;
  while (at.position < size()) {
    const auto header = header_at(at.position);
    if (!header) return failure(header.error());
    const Boundary next{header->next_offset(), at.position + header->size()};
    if (!within(next)) break;
    at = next;
  }
  return at;
}

Result<LogRead, DiskError> Segment::read(Offset from, Offset upper, std::size_t max_bytes, bool at_least_one) const {
  const auto start = start_of_batch_with(from);
  if (!start) return failure(start.error());
  const std::uint64_t limit = start->position + std::min<std::uint64_t>(max_bytes, size() - start->position);
  auto stop = last_boundary(*start, upper, limit);
  if (!stop) return failure(stop.error());
  if (stop->position == start->position && at_least_one) {
    const auto header = header_at(start->position);
    if (!header) return failure(header.error());
    if (header->next_offset() <= upper) stop = Boundary{header->next_offset(), start->position + header->size()};
  }
  if (stop->position == start->position) return LogRead{{}, from, from};

  const auto length = static_cast<std::size_t>(stop->position - start->position);
  auto records = file_->read(start->position, length);
  if (!records) return failure(records.error());
  if (records->size() < length) return failure(corrupt(start->position));
  const BatchHeader first = protocol::load_batch_header(records->view().first<batch_header_size>());
  return LogRead{std::move(*records), first.base_offset, stop->offset};
}

Result<std::optional<FoundRecord>, DiskError> Segment::find_time(std::int64_t timestamp, Offset from, Offset upper) const {
  const std::optional<FoundRecord> nothing;
  if (max_timestamp_ < timestamp || index_.empty()) return nothing;
  // The first batch with such a record lies behind the last entry before which there is none.
  const IndexEntry* before = last_that(index_, [&](const IndexEntry& entry) { return entry.max_timestamp_before < timestamp; });
  Boundary at = before != nullptr ? before->batch : index_.front().batch;
  while (at.position < size() && at.offset < upper) {
    const auto header = header_at(at.position);
    if (!header) return failure(header.error());
    if (header->max_timestamp >= timestamp && header->next_offset() > from) {
      const auto bytes = file_->read(at.position, header->size());
      if (!bytes) return failure(bytes.error());
      const auto batch = RecordBatch::first(*bytes);
      if (!batch) return failure(corrupt(at.position));
      const auto records = protocol::read_records(*batch);
      if (!records) return failure(corrupt(at.position));
      const auto found = std::find_if(records->begin(), records->end(), [&](const Record& record) {
        return record.timestamp >= timestamp && record.offset >= from;
      });
      if (found != records->end()) {
        if (found->offset >= upper) return nothing;
        return std::optional(FoundRecord{found->offset, found->timestamp});
      }
    }
    at = {header->next_offset(), at.position + header->size()};
  }
  return nothing;
}

Result<void, DiskError> Segment::for_each_header(const std::function<void(const BatchHeader&)>& visit) const {
  for (std::uint64_t position = 0; position < size();) {
    const auto header = header_at(position);
    if (!header) return failure(header.error());
    visit(*header);
    position += header->size();
  }
  return {};
}

Result<void, DiskError> Segment::truncate_to(Offset offset) {
  if (offset >= end()) return {};
  const auto cut = start_of_batch_with(offset);
  if (!cut) return failure(cut.error());
  flushed_ = false;
  if (const auto truncated = file_->truncate(cut->position); !truncated) return truncated;

  // The index goes back to its last entry before the cut and takes in the few batches behind that one again.
  while (!index_.empty() && index_.back().batch.position >= cut->position) index_.pop_back();
  recent_.clear();
  end_ = {base_, 0};
  max_timestamp_ = -1;
  if (!index_.empty()) {
    end_ = index_.back().batch;
    max_timestamp_ = index_.back().max_timestamp_before;
    index_.pop_back();
  }
  while (size() < cut->position) {
    const auto header = header_at(size());
    if (!header) return failure(header.error());
    note(*header);
  }
  return {};
}

Result<void, DiskError> Segment::flush() {
  if (flushed_) return {};
  const auto flushed = file_->flush();
  flushed_ = flushed.has_value();
  return flushed;
}

DiskError Segment::corrupt(std::uint64_t position) const {
  return {DiskFault::failed, fmt::format("read {}: no batch at position {}", path_, position)};
}

}  // namespace acklab::storage

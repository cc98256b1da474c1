#include "storage/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "protocol/check.h"
#include "protocol/records/batch_layout.h"
#include "storage/batch_walk.h"
#include "storage/index_files.h"

namespace acklab::storage {

using protocol::batch_header_size;
using protocol::BatchHeader;
using protocol::failure;
using protocol::Offset;
using protocol::Record;
using protocol::RecordBatch;

namespace {

// How many of the last batches' starts are kept at most; half of them go at once.
constexpr std::size_t max_recent = 128;
// Kafka's default batch.size, and its header.
constexpr std::size_t usual_batch_bytes = 16384 + batch_header_size;

// The last element for which `holds`, which is true up to some element and for none behind it. Null if for no element.
template <class T, class Holds>
const T* last_that(const std::vector<T>& elements, Holds holds) {
  const auto end = std::partition_point(elements.begin(), elements.end(), holds);
  return end == elements.begin() ? nullptr : &*std::prev(end);
}

}  // namespace

Segment::Segment(Disk& disk, std::unique_ptr<File> file, std::string directory, Offset base, std::uint32_t index_interval_bytes)
    : disk_(&disk),
      file_(std::move(file)),
      directory_(std::move(directory)),
      base_(base),
      end_{base, 0},
      index_interval_bytes_(index_interval_bytes) {}

// --- Opening ---

Result<Segment, DiskError> Segment::with_file(Disk& disk, const std::string& directory, Offset base,
                                              std::uint32_t index_interval_bytes) {
  auto file = disk.open(directory + "/" + segment_name(base));
  if (!file) return failure(file.error());
  return Segment(disk, *std::move(file), directory, base, index_interval_bytes);
}

Result<Segment, DiskError> Segment::create(Disk& disk, const std::string& directory, Offset base,
                                           std::uint32_t index_interval_bytes) {
  auto segment = with_file(disk, directory, base, index_interval_bytes);
  if (!segment) return segment;
  segment->index_.emplace(base);
  return segment;
}

Result<Segment, DiskError> Segment::open(Disk& disk, const std::string& directory, Offset base,
                                         std::uint32_t index_interval_bytes, std::optional<Offset> end) {
  auto segment = with_file(disk, directory, base, index_interval_bytes);
  if (!segment) return segment;
  const std::uint64_t size = segment->file_->size();
  segment->flushed_ = true;
  if (end) {
    const auto largest = glance_at_index(disk, directory, base, *end);
    if (!largest) return failure(largest.error());
    segment->max_timestamp_ = largest->timestamp;
    segment->end_ = {*end, size};
    if (const auto read = segment->read_transactions(); !read) return failure(read.error());
    return segment;
  }
  // The last one: where it ends is what its last batches say.
  auto index = read_index(disk, directory, base, size);
  if (!index) return failure(index.error());
  segment->end_.position = index->offsets.last_position();
  segment->max_timestamp_ = index->largest.timestamp;
  segment->index_ = *std::move(index);
  if (const auto noted = segment->note_up_to(size); !noted) return failure(noted.error());
  if (const auto read = segment->read_transactions(); !read) return failure(read.error());
  return segment;
}

Result<void, DiskError> Segment::read_transactions() {
  auto read = read_transaction_index(*disk_, directory_, base_, end());
  if (!read) return failure(read.error());
  transactions_ = *std::move(read);
  return {};
}

Result<Segment, DiskError> Segment::recover(Disk& disk, const std::string& directory, Offset base,
                                            std::uint32_t index_interval_bytes, const BatchVisitor& visit) {
  auto segment = create(disk, directory, base, index_interval_bytes);
  if (!segment) return segment;
  const std::uint64_t file_size = segment->file_->size();
  BatchWalk walk(*segment->file_, base);
  while (true) {
    const auto header = walk.next();
    if (!header) return failure(header.error());
    if (!*header) break;
    segment->note(**header);
    visit(**header, walk.marker());
  }
  segment->cut_at_open_ = file_size - std::min(segment->size(), file_size);
  if (const auto cut = segment->file_->truncate(segment->size()); !cut) return failure(cut.error());
  return segment;
}

// --- Writing ---

Result<void, DiskError> Segment::append(const Bytes& bytes, const BatchHeader& header) {
  CHECK(header.base_offset >= end() && header.size() == bytes.size());
  flushed_ = false;
  if (const auto appended = file_->append(bytes); !appended) return appended;
  note(header);
  return {};
}

void Segment::note(const BatchHeader& header) {
  if (size() == 0) first_timestamp_ = header.max_timestamp;
  index_->note(header, size(), index_interval_bytes_);
  if (recent_.size() == max_recent) recent_.erase(recent_.begin(), recent_.begin() + max_recent / 2);
  recent_.push_back(end_);
  end_ = {header.next_offset(), size() + header.size()};
  max_timestamp_ = std::max(max_timestamp_, header.max_timestamp);
}

Result<void, DiskError> Segment::note_up_to(std::uint64_t position) {
  for (bool first = true; size() < position; first = false) {
    const auto header = header_at(size(), {});
    if (!header) return failure(header.error());
    // Where the batch before the first one ends is not known.
    if (first && size() > 0) end_.offset = header->base_offset;
    if (header->base_offset < end() || header->size() > position - size()) return failure(corrupt(size()));
    note(*header);
  }
  return {};
}

Result<void, DiskError> Segment::truncate_to(Offset offset) {
  const auto known = index();
  if (!known) return failure(known.error());
  if (offset >= end()) return {};
  const auto cut = position_of(offset, {});
  if (!cut) return failure(cut.error());
  flushed_ = false;
  // An index on the disk must not tell of batches that are gone; while it is missing the segment is walked when it is opened.
  for (const std::string_view suffix : index_suffixes) {
    if (const auto removed = remove_if_there(*disk_, directory_ + "/" + file_name(base_, suffix)); !removed) return removed;
  }
  if (const auto truncated = file_->truncate(*cut); !truncated) return truncated;

  // The index goes back to its last entry before the cut and takes in the few batches behind that one again.
  index_->truncate_to(offset, *cut);
  transactions_.truncate_to(offset);
  recent_.clear();
  end_ = {base_, index_->offsets.last_position()};
  max_timestamp_ = index_->largest.timestamp;
  return note_up_to(*cut);
}

Result<void, DiskError> Segment::flush() {
  if (flushed_) return {};
  const auto flushed = file_->flush();
  flushed_ = flushed.has_value();
  return flushed;
}

Result<void, DiskError> Segment::seal() {
  if (const auto flushed = flush(); !flushed) return flushed;
  const auto known = index();
  if (!known) return failure(known.error());
  index_->seal();
  return write_index(*disk_, directory_, base_, *index_, transactions_);
}

// --- Reading ---

Result<const SegmentIndex*, DiskError> Segment::index() const {
  if (index_) return &*index_;
  auto read = read_index(*disk_, directory_, base_, size());
  if (read) return &index_.emplace(*std::move(read));
  if (read.error().fault != DiskFault::malformed && read.error().fault != DiskFault::not_found) return failure(read.error());
  // It looked well at a glance. The batches are the truth.
  SegmentIndex rebuilt(base_);
  for (std::uint64_t position = 0; position < size();) {
    const auto header = header_at(position, {});
    if (!header) return failure(header.error());
    rebuilt.note(*header, position, index_interval_bytes_);
    position += header->size();
  }
  return &index_.emplace(std::move(rebuilt));
}

bool Segment::index_full(std::uint64_t index_bytes) const {
  return index_->offsets.entries() >= index_bytes / OffsetIndex::entry_size ||
         index_->times.entries() + 1 >= index_bytes / TimeIndex::entry_size;  // the last place is for seal()
}

Result<std::int64_t, DiskError> Segment::first_timestamp() const {
  if (!first_timestamp_) {
    const auto header = header_at(0, {});
    if (!header) return failure(header.error());
    first_timestamp_ = header->max_timestamp;
  }
  return *first_timestamp_;
}

bool Segment::Piece::covers(std::uint64_t from, std::size_t length) const {
  return from >= position && from - position <= bytes.size() && bytes.size() - (from - position) >= length;
}

Slice Segment::Piece::part(std::uint64_t from, std::size_t length) const {
  return bytes.part(static_cast<std::size_t>(from - position), length);
}

Result<Segment::Piece, DiskError> Segment::piece_for(Offset offset, std::size_t max_bytes) const {
  if (!recent_.empty() && recent_.front().offset <= offset) return Piece{};
  const auto known = index();
  if (!known) return failure(known.error());
  const auto [begin, next] = (*known)->offsets.around(offset);
  const std::uint64_t way = next.value_or(begin) - begin;
  auto bytes = file_->read(begin, static_cast<std::size_t>(way) + std::max(max_bytes, usual_batch_bytes));
  if (!bytes) return failure(bytes.error());
  return Piece{begin, *std::move(bytes)};
}

Result<BatchHeader, DiskError> Segment::header_at(std::uint64_t position, const Piece& piece) const {
  const auto head = piece.covers(position, batch_header_size) ? piece.part(position, batch_header_size)
                                                              : file_->read(position, batch_header_size);
  if (!head) return failure(head.error());
  if (head->size() < batch_header_size) return failure(corrupt(position));
  const BatchHeader header = protocol::load_batch_header(head->view().first<batch_header_size>());
  if (!plausible(header)) return failure(corrupt(position));
  return header;
}

Result<RecordBatch, DiskError> Segment::batch_at(std::uint64_t position, std::size_t size) const {
  const auto bytes = file_->read(position, size);
  if (!bytes) return failure(bytes.error());
  const auto batch = RecordBatch::first(*bytes);
  if (!batch) return failure(corrupt(position));
  return *batch;
}

Result<std::uint64_t, DiskError> Segment::position_of(Offset offset, const Piece& piece) const {
  if (const Boundary* recent = last_that(recent_, [&](const Boundary& boundary) { return boundary.offset <= offset; })) {
    return recent->position;
  }
  const auto known = index();
  if (!known) return failure(known.error());
  std::uint64_t position = (*known)->offsets.position_before(offset);
  while (position < size()) {
    const auto header = header_at(position, piece);
    if (!header) return failure(header.error());
    if (header->next_offset() > offset) break;
    position += header->size();
  }
  return position;
}

Result<Segment::Boundary, DiskError> Segment::last_boundary(Boundary start, Offset upper, std::uint64_t limit,
                                                            const Piece& piece) const {
  const auto within = [&](const Boundary& boundary) { return boundary.offset <= upper && boundary.position <= limit; };
  if (within(end_)) return end_;
  if (const Boundary* recent = last_that(recent_, within); recent != nullptr && recent->position >= start.position)
    return *recent;

  // As far as the index goes, then from header to header.
  const auto known = index();
  if (!known) return failure(known.error());
  Boundary at = start;
  std::uint64_t position = std::max((*known)->offsets.position_within(upper, limit), start.position);
  while (position < size()) {
    const auto header = header_at(position, piece);
    if (!header) return failure(header.error());
    if (position > at.position) at = {header->base_offset, position};  // an entry of the index is a boundary too
    const Boundary next{header->next_offset(), position + header->size()};
    if (!within(next)) break;
    at = next;
    position = next.position;
  }
  return at;
}

Result<LogRead, DiskError> Segment::read(Offset from, Offset upper, std::size_t max_bytes, bool at_least_one) const {
  const LogRead beyond{{}, from, std::max(from, end())};
  if (from >= end()) return beyond;
  const auto piece = piece_for(from, max_bytes);
  if (!piece) return failure(piece.error());
  const auto begin = position_of(from, *piece);
  if (!begin) return failure(begin.error());
  const Boundary start{from, *begin};
  const LogRead nothing{{}, from, from};
  if (start.position >= size()) return beyond;
  const std::uint64_t limit = start.position + std::min<std::uint64_t>(max_bytes, size() - start.position);
  auto stop = last_boundary(start, upper, limit, *piece);
  if (!stop) return failure(stop.error());
  if (stop->position == start.position && at_least_one) {
    const auto header = header_at(start.position, *piece);
    if (!header) return failure(header.error());
    if (header->next_offset() <= upper) stop = Boundary{header->next_offset(), start.position + header->size()};
  }
  if (stop->position == start.position) return nothing;

  const auto length = static_cast<std::size_t>(stop->position - start.position);
  auto records =
      piece->covers(start.position, length) ? piece->part(start.position, length) : file_->read(start.position, length);
  if (!records) return failure(records.error());
  if (records->size() < length) return failure(corrupt(start.position));
  const BatchHeader first = protocol::load_batch_header(records->view().first<batch_header_size>());
  return LogRead{std::move(*records), first.base_offset, stop->offset};
}

Result<std::optional<FoundRecord>, DiskError> Segment::find_time(std::int64_t timestamp, Offset from, Offset upper) const {
  const std::optional<FoundRecord> nothing;
  if (max_timestamp_ < timestamp) return nothing;
  const auto known = index();
  if (!known) return failure(known.error());
  for (std::uint64_t position = (*known)->position_before(timestamp); position < size();) {
    const auto header = header_at(position, {});
    if (!header) return failure(header.error());
    if (header->base_offset >= upper) return nothing;
    if (header->max_timestamp >= timestamp && header->next_offset() > from) {
      const auto found = find_in(*header, position, timestamp, from);
      if (!found) return found;
      if (*found) return (*found)->offset < upper ? found : nothing;
    }
    position += header->size();
  }
  return nothing;
}

Result<std::optional<FoundRecord>, DiskError> Segment::find_in(const BatchHeader& header, std::uint64_t position,
                                                               std::int64_t timestamp, Offset from) const {
  const auto batch = batch_at(position, header.size());
  if (!batch) return failure(batch.error());
  const auto records = protocol::read_records(*batch);
  if (!records) return failure(corrupt(position));
  const auto found = std::find_if(records->begin(), records->end(),
                                  [&](const Record& record) { return record.timestamp >= timestamp && record.offset >= from; });
  if (found == records->end()) return std::optional<FoundRecord>{};
  return std::optional(FoundRecord{found->offset, found->timestamp});
}

Result<void, DiskError> Segment::for_each_header(Offset from, const BatchVisitor& visit) const {
  if (from >= end()) return {};
  auto position = from <= base_ ? Result<std::uint64_t, DiskError>(0) : position_of(from, {});
  if (!position) return failure(position.error());
  while (*position < size()) {
    const auto header = header_at(*position, {});
    if (!header) return failure(header.error());
    std::optional<protocol::EndTransactionMarker> marker;
    if (header->control()) {
      const auto batch = batch_at(*position, header->size());
      if (!batch) return failure(batch.error());
      marker = end_transaction_marker(*batch);
    }
    visit(*header, marker);
    *position += header->size();
  }
  return {};
}

DiskError Segment::corrupt(std::uint64_t position) const {
  return {DiskFault::malformed, fmt::format("read {}/{}: no batch at position {}", directory_, segment_name(base_), position)};
}

}  // namespace acklab::storage

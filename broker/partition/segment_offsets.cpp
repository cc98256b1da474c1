#include "broker/partition/segment_offsets.h"

#include <algorithm>

#include "protocol/messages/list_offsets.h"

namespace acklab::broker {

using protocol::ListOffsetsRequest;
using protocol::Offset;

namespace {

struct Place {
  Offset offset{};
  std::int64_t time = 0;
};

// In the order of the log.
std::vector<Place> places(std::span<const storage::SegmentOutline> segments, const LogBounds& log, std::int64_t now) {
  std::vector<Place> places;
  for (const storage::SegmentOutline& segment : segments) {
    places.push_back({std::max(segment.base, log.start), segment.largest_timestamp});
  }
  if (!segments.empty() && segments.back().bytes > 0) places.push_back({log.end, now});
  return places;
}

// How many of them the question is about, from the first one on.
std::size_t count(const std::vector<Place>& places, std::int64_t timestamp) {
  if (timestamp == ListOffsetsRequest::latest_timestamp) return places.size();
  if (timestamp == ListOffsetsRequest::earliest_timestamp) return std::min<std::size_t>(places.size(), 1);
  const auto newest = std::find_if(places.rbegin(), places.rend(), [&](const Place& place) { return place.time <= timestamp; });
  return static_cast<std::size_t>(places.rend() - newest);
}

}  // namespace

std::vector<Offset> segment_offsets(std::span<const storage::SegmentOutline> segments, const LogBounds& log,
                                    const SegmentOffsetsQuestion& question) {
  const std::vector<Place> all = places(segments, log, question.now);
  std::vector<Offset> offsets;
  for (std::size_t i = count(all, question.timestamp); i > 0 && offsets.size() < question.most; --i) {
    offsets.push_back(all[i - 1].offset);
  }
  return offsets;
}

std::vector<Offset> below(Offset high_watermark, std::vector<Offset> offsets) {
  const auto readable = std::find_if(offsets.begin(), offsets.end(), [&](Offset offset) { return offset <= high_watermark; });
  if (readable == offsets.begin()) return offsets;
  offsets.erase(offsets.begin(), readable);
  offsets.insert(offsets.begin(), high_watermark);
  return offsets;
}

}  // namespace acklab::broker

#include "protocol/study/frame_cutter.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "protocol/study/dissect_frame.h"
#include "protocol/wire/big_endian.h"

namespace acklab::protocol {
namespace {

constexpr std::size_t size_bytes = 4;

class Cutter {
 public:
  Cutter(StreamStart start, const std::function<bool(const Slice&)>& begins) : begins_(begins) {
    if (start == StreamStart::frame) expected_ = 0;
  }

  CutStream cut(std::span<const StreamPiece> pieces) && {
    for (std::size_t i = 0; i < pieces.size();) {
      if (pieces[i].gap > 0) {
        result_.missing += pieces[i++].gap;
        continue;
      }
      std::size_t end = i;
      while (end < pieces.size() && pieces[end].gap == 0) ++end;
      run(pieces.subspan(i, end - i));
      i = end;
    }
    return std::move(result_);
  }

 private:
  // Pieces between two gaps.
  void run(std::span<const StreamPiece> pieces) {
    Bytes joined;
    for (const StreamPiece& piece : pieces) joined.append(piece.bytes);
    const Slice bytes = joined.flatten();
    const std::uint64_t position = pieces.front().position;
    result_.bytes += bytes.size();
    pieces_ = pieces;
    position_ = position;

    std::size_t at = 0;
    // The frame that the gap tore may go on behind it; where it ends, the next one begins.
    if (expected_ && *expected_ >= position) {
      if (*expected_ - position >= bytes.size()) return;
      at = static_cast<std::size_t>(*expected_ - position);
    } else {
      at = skip_to_a_frame(bytes, 0, 0);
    }
    while (at < bytes.size()) at = frame(bytes, at);
  }

  // Returns where the next one begins.
  std::size_t frame(const Slice& bytes, std::size_t at) {
    const std::size_t left = bytes.size() - at;
    expected_.reset();
    if (left < size_bytes) {
      result_.skipped += left;
      return bytes.size();
    }
    const auto announced = load_big_endian<std::int32_t>(bytes.data() + at);
    if (announced < least_frame_bytes || announced > most_frame_bytes) return skip_to_a_frame(bytes, at, at + 1);
    const std::size_t size = size_bytes + static_cast<std::size_t>(announced);
    const std::size_t there = std::min(size, left);
    const StreamPiece& last = piece_at(position_ + at + there - 1);
    result_.frames.push_back({bytes.part(at, there), size, last.packet, last.at});
    expected_ = position_ + at + size;
    return at + there;
  }

  // From where it is known no more, to the first packet at `earliest` or behind it that begins as a frame.
  std::size_t skip_to_a_frame(const Slice& bytes, std::size_t lost_at, std::size_t earliest) {
    std::size_t at = bytes.size();
    auto piece = std::lower_bound(pieces_.begin(), pieces_.end(), position_ + earliest,
                                  [](const StreamPiece& each, std::uint64_t p) { return each.position < p; });
    for (; piece != pieces_.end(); ++piece) {
      const auto begin = static_cast<std::size_t>(piece->position - position_);
      if (bytes.size() - begin < size_bytes || !begins_(bytes.from(begin))) continue;
      at = begin;
      break;
    }
    result_.skipped += at - lost_at;
    return at;
  }

  const StreamPiece& piece_at(std::uint64_t position) const {
    const auto behind = std::upper_bound(pieces_.begin(), pieces_.end(), position,
                                         [](std::uint64_t p, const StreamPiece& piece) { return p < piece.position; });
    return *std::prev(behind);
  }

  const std::function<bool(const Slice&)>& begins_;
  std::optional<std::uint64_t> expected_;  // where the next frame begins, if that is known
  std::span<const StreamPiece> pieces_;    // of the run
  std::uint64_t position_ = 0;
  CutStream result_;
};

}  // namespace

CutStream cut_frames(const TcpStream& stream, StreamStart start, const std::function<bool(const Slice&)>& begins) {
  return Cutter(start, begins).cut(stream.pieces());
}

}  // namespace acklab::protocol

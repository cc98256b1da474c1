#include "protocol/runtime/asio_links.h"

#include <algorithm>

namespace acklab::protocol {

bool AsioLinks::happen(Event event, LinkEnd end, NodeId peer, Slowness slowness) {
  Path& path = paths_[peer];
  Lane& lane = end == LinkEnd::sender ? path.out : path.in;
  const Lane before = lane;
  if (event == Event::cut) lane.cut = true;
  if (event == Event::stalled) lane.stalled = true;
  if (event == Event::slowed) lane.slowness = slowness;
  if (event == Event::healed) lane = Lane{};
  return before.cut != lane.cut || before.stalled != lane.stalled || before.slowness != lane.slowness;
}

Time AsioLinks::Lane::passes(std::size_t bytes, Time now) {
  if (slowness == Slowness{}) return {};
  Time leaves = now;
  if (slowness.bytes_per_second > 0) {
    constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;
    const auto size = static_cast<std::int64_t>(bytes);
    leaves = std::max(now, free_at) + Duration(size * nanoseconds_per_second / slowness.bytes_per_second);
    free_at = leaves;
  }
  return leaves + slowness.latency;
}

Time AsioLinks::leaves(NodeId peer, std::size_t bytes, Time now) {
  const auto found = paths_.find(peer);
  return found == paths_.end() ? Time{} : found->second.out.passes(bytes, now);
}

Time AsioLinks::arrives(NodeId peer, std::size_t bytes, Time now) {
  const auto found = paths_.find(peer);
  return found == paths_.end() || !peer.is_stranger() ? Time{} : found->second.in.passes(bytes, now);
}

}  // namespace acklab::protocol

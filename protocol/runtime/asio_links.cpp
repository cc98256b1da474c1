#include "protocol/runtime/asio_links.h"

namespace acklab::protocol {

bool AsioLinks::happen(Event event, LinkEnd end, NodeId peer) {
  Path& path = paths_[peer];
  Lane& lane = end == LinkEnd::sender ? path.out : path.in;
  const Lane before = lane;
  if (event == Event::cut) lane.cut = true;
  if (event == Event::stalled) lane.stalled = true;
  if (event == Event::healed) lane = Lane{};
  return before.cut != lane.cut || before.stalled != lane.stalled;
}

}  // namespace acklab::protocol

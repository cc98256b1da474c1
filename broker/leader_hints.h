// Who asked the wrong broker is told the right one, and need not ask for metadata first (KIP-951): beside the error stand the leader and
// its epoch, and once for the whole answer where these leaders listen.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "broker/controller/metadata_image.h"
#include "protocol/wire/spec.h"

namespace acklab::broker {

class LeaderHints {
 public:
  // `image` outlives it.
  explicit LeaderHints(const MetadataImage& image) : image_(image) {}

  template <class LeaderIdAndEpoch>
  void name_leader(const TopicPartition& of, protocol::Tagged<LeaderIdAndEpoch>& hint) {
    const PartitionState* const partition = image_.find(of);
    if (partition == nullptr) return;
    hint = {partition->leader.value, partition->leader_epoch.value};
    const auto leader = image_.brokers.find(partition->leader);
    if (leader != image_.brokers.end()) addresses_[partition->leader] = leader->second.address;
  }

  // Of all leaders that were named.
  template <class NodeEndpoint>
  void put_endpoints(protocol::Tagged<std::vector<NodeEndpoint>>& endpoints) const {
    if (addresses_.empty()) return;
    endpoints.emplace();
    for (const auto& [id, address] : addresses_) endpoints->push_back({id.value, address.host, address.port, {}});
  }

 private:
  const MetadataImage& image_;
  std::map<BrokerId, protocol::Address> addresses_;
};

}  // namespace acklab::broker

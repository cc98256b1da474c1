// The name of every cluster of ours, as clients and data directories are told it.
#pragma once

namespace acklab::broker {

inline constexpr const char* cluster_id = "acklab-cluster-0000000";

}  // namespace acklab::broker

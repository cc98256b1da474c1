// A cluster and its faults as the HTTP interface sees them.
#pragma once

#include "broker/cluster.h"
#include "broker/control/control_plane.h"
#include "broker/faults/fault_engine.h"

namespace acklab {

// All outlive what is returned.
broker::ControlPlane control_plane(broker::Cluster& cluster, broker::FaultEngine& engine);

}  // namespace acklab

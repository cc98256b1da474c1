#include "protocol/runtime/sim_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runtime/world_contract.h"

namespace acklab::protocol {
namespace {

INSTANTIATE_TEST_SUITE_P(Simulated, WorldContract, testing::Values(WorldKind{"sim", [] { return std::make_unique<SimWorld>(); }}),
                         world_name);

}  // namespace
}  // namespace acklab::protocol

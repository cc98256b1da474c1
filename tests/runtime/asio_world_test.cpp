#include "protocol/runtime/asio_world.h"

#include <gtest/gtest.h>

#include "tests/runtime/world_contract.h"

namespace acklab::protocol {
namespace {

INSTANTIATE_TEST_SUITE_P(Sockets, WorldContract, testing::Values(WorldKind{"asio", [] { return std::make_unique<AsioWorld>(); }}),
                         world_name);

}  // namespace
}  // namespace acklab::protocol

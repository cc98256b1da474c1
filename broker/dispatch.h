// From a frame to the handler of its request: which APIs are served in which versions (and advertised: there is one table), what
// happens to those that are not, and the one place where planned faults of requests are asked for.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "broker/call.h"
#include "protocol/wire/slice.h"

namespace acklab::broker {

struct Services;

// Advertised exactly so. Two entries promise more than they keep, because old librdkafka asks for them: see NOT_EMULATED.md.
struct ServedApi {
  std::int16_t key = 0;
  std::int16_t first_version = 0;
  std::int16_t last_version = 0;
};
std::span<const ServedApi> served_apis();  // sorted by key
std::vector<std::int16_t> served_api_keys();

// Serves one request. What is not a request that we serve closes its connection, as Kafka does, and only that.
void dispatch(Services& services, Sessions& sessions, std::uint64_t connection, const protocol::Slice& frame);

}  // namespace acklab::broker

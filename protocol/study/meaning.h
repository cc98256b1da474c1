// What numbers of some fields stand for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace acklab::protocol {

// "of all replicas in sync" for Acks = -1 of a ProduceRequest; empty if the number says all there is.
std::string meaning_of(std::string_view message, std::string_view field, std::int64_t value);

}  // namespace acklab::protocol

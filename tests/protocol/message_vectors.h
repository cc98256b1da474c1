// Messages whose bytes are known: recorded from brokers and other clients.
#pragma once

#include <string_view>

namespace acklab::protocol::vectors {

// With offset and size, from a broker.
inline constexpr std::string_view magic_1_value_123 =
    "000000000000000000000019478628c201000000015e1867abaeffffffff00000003313233";
inline constexpr std::string_view magic_0_value_123 = "000000000000000000000011feb01dbf0000ffffffff00000003313233";
inline constexpr std::string_view magic_0_empty_value = "00000000000000010000000e795748e00000ffffffff00000000";

// With offset and size before what sarama's tests have.
inline constexpr std::string_view magic_0_nulls = "00000000000000000000000ea7ec68030000ffffffffffffffff";
inline constexpr std::string_view magic_1_nulls = "000000000000000000000016cc2f79d901000000000000000000ffffffffffffffff";
inline constexpr std::string_view gzip_of_nothing =
    "000000000000000000000022c42e5cb10001ffffffff000000141f8b080000096e8800ff03000000000000000000";
inline constexpr std::string_view gzip_of_two =
    "0000000000000000000000358ba03f8d0001ffffffff000000271f8b080000000000000063608003beca708f070c0cff810021c8c088290300c7e29b4634"
    "000000";
inline constexpr std::string_view snappy_of_two =
    "000000000000000000000038b42f35d10002ffffffff0000002a82534e41505059000000000100000001000000163400001901100ee38a6876190f0d0108"
    "0100003e1a00";
// The wrapper is of magic 1, what is in it of magic 0.
inline constexpr std::string_view lz4_of_two_of_another_magic =
    "00000000000000000000005df60cbc810103fffff9d1d4b549c9ffffffff0000004704224d186470b93400008000000000000000000000000e795748e000"
    "00ffffffff0000000000000000000000010000000e795748e00000ffffffff00000000000000004781176f";

}  // namespace acklab::protocol::vectors

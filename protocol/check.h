// Our own bugs, as opposed to a peer's or a user's. A CHECK is on in every build: a broken invariant must never turn into
// a wrong verdict. Inside the simulator the message carries the seed that reaches it, because the handler below is set there.
#pragma once

namespace acklab::protocol {

// Called with the failed condition and its place; must not return. The default prints the line and aborts.
using CheckHandler = void (*)(const char* condition, const char* file, int line);

CheckHandler set_check_handler(CheckHandler handler);

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace acklab::protocol

#define CHECK(condition) ((condition) ? static_cast<void>(0) : ::acklab::protocol::check_failed(#condition, __FILE__, __LINE__))

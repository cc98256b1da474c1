// Every message that the program knows, by API key: for dispatch, for the tables of ApiVersions and for tools.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "protocol/wire/schema.h"

namespace acklab::protocol {

struct Api {
  std::int16_t key;
  std::string_view name;   // "Produce"
  const Schema& request;
  const Schema& response;
  bool internal;           // between broker and controller only; never advertised
};

std::span<const Api> apis();             // sorted by key
const Api* find_api(std::int16_t key);

// All messages, also those that are neither request nor response (the records of the controller's log).
std::span<const Schema* const> messages();

// Which header a request of an unknown version has is a property of the API, so this answers for any version.
bool flexible(std::int16_t api_key, std::int16_t version);

}  // namespace acklab::protocol

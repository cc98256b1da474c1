// The HTTP interface, described for machines (OpenAPI 3.1). Written by hand; a test compares its paths with the routes.
#pragma once

#include <string_view>

namespace acklab::broker {

extern const std::string_view openapi_document;

}  // namespace acklab::broker

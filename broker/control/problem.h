// Errors as RFC 9457 has them: application/problem+json. The detail is one line that says what, where and how to mend it.
#pragma once

#include <string>
#include <string_view>

#include "broker/control/http.h"

namespace acklab::broker {

HttpResponse problem(int status, std::string_view detail);

// "Not Found"; the class of a status that is not used here.
std::string_view status_phrase(int status);

}  // namespace acklab::broker

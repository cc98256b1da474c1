// How a request's rules hand over what they decided: it is part of the image as soon as the call returns.
#pragma once

#include <functional>

#include "broker/controller/metadata_records.h"

namespace acklab::broker {

using Decide = std::function<void(MetadataRecord)>;

}  // namespace acklab::broker

// The records of the controller's log, under the broker's names. They are declared beside the other messages because they travel
// like them and so that the registry's round trips cover them.
#pragma once

#include "protocol/messages/metadata_records.h"

namespace acklab::broker {

using protocol::MetadataFetchRequest;
using protocol::MetadataFetchResponse;
using protocol::MetadataRecord;
using protocol::MetadataRecordKind;

}  // namespace acklab::broker

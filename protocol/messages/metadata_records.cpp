#include "protocol/messages/metadata_records.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(MetadataRecord)
ACKLAB_COMPILE_MESSAGE(MetadataFetchRequest)
ACKLAB_COMPILE_MESSAGE(MetadataFetchResponse)

}  // namespace acklab::protocol

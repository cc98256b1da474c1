// One DeleteRecords for one partition.
#pragma once

#include <cstdint>

#include "protocol/messages/delete_records.h"
#include "tools/conform/witness.h"

namespace acklab::conform {

using Deleted = protocol::DeleteRecordsResponse::Partition;
Answer<Deleted> delete_records(const Witness& witness, const Place& place, std::int64_t before);

}  // namespace acklab::conform

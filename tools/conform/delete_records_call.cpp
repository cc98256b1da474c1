#include "tools/conform/delete_records_call.h"

namespace acklab::conform {

using protocol::DeleteRecordsRequest;
using protocol::DeleteRecordsResponse;

Answer<Deleted> delete_records(const Witness& witness, const Place& place, std::int64_t before) {
  DeleteRecordsRequest request;
  request.timeout_ms = 5000;
  request.topics.push_back({place.topic, {{place.partition, before}}});
  const auto answer = witness.ask<DeleteRecordsResponse>(place.broker, request, witness.version<DeleteRecordsRequest>());
  if (!answer) return protocol::failure(answer.error());
  if (answer->topics.size() != 1 || answer->topics[0].partitions.size() != 1) {
    return protocol::failure(std::string("an answer about something else"));
  }
  return answer->topics[0].partitions[0];
}

}  // namespace acklab::conform

#include "tools/conform/sections.h"

namespace acklab::conform {

std::vector<Section> sections() {
  return {
      {"ApiVersions", api_versions()},
      {"Produce: requests and acks", produce_requests()},
      {"Produce: what a batch must be", produce_batches()},
      {"Produce: what becomes of a batch", produce_storage()},
      {"Produce: message sets", message_sets()},
      {"idempotence", idempotence()},
      {"Fetch: what is read", fetch_reads()},
      {"Fetch: when it is answered", fetch_waits()},
      {"Fetch: sessions", fetch_sessions()},
      {"topics by id", topic_ids()},
      {"ListOffsets", list_offsets_questions()},
      {"Fetch and ListOffsets: old clients", old_reads()},
      {"recorded from a real broker", recorded()},
      {"connections", connections()},  // at last, because some brokers do not live through it
  };
}

}  // namespace acklab::conform

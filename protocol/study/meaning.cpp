#include "protocol/study/meaning.h"

#include <algorithm>
#include <limits>

#include "protocol/error_code.h"
#include "protocol/messages/registry.h"

namespace acklab::protocol {
namespace {

struct Meaning {
  std::string_view field;  // of any message, or "ListOffsetsRequest.Timestamp"
  std::int64_t value;
  std::string_view words;
};

constexpr std::int64_t not_asked_for = std::numeric_limits<std::int32_t>::min();

constexpr Meaning meanings[] = {
    {"Acks", -1, "of all replicas in sync"},
    {"Acks", 0, "none: there will be no answer"},
    {"Acks", 1, "of the leader alone"},
    {"BaseOffset", -1, "unknown"},
    {"ClusterAuthorizedOperations", not_asked_for, "not asked for"},
    {"ControllerId", -1, "unknown"},
    {"CurrentLeaderEpoch", -1, "not said"},
    {"HighWatermark", -1, "unknown"},
    {"IsolationLevel", 0, "read uncommitted"},
    {"IsolationLevel", 1, "read committed"},
    {"KeyType", 0, "a group"},
    {"KeyType", 1, "a transaction"},
    {"LastFetchedEpoch", -1, "not said"},
    {"LastStableOffset", -1, "unknown"},
    {"LeaderEpoch", -1, "unknown"},
    {"LeaderId", -1, "none, or not known"},
    {"LogAppendTimeMs", -1, "records keep the time of their creation"},
    {"PreferredReadReplica", -1, "whoever answers"},
    {"ProducerEpoch", -1, "none"},
    {"ProducerId", -1, "none"},
    {"ReplicaId", -1, "a consumer"},
    {"ResourceType", 2, "a topic"},
    {"ResourceType", 4, "a broker"},
    {"SessionEpoch", -1, "no session"},
    {"SessionEpoch", 0, "begin a session"},
    {"SessionId", 0, "none"},
    {"TopicAuthorizedOperations", not_asked_for, "not asked for"},
    {"ListOffsetsRequest.Timestamp", -1, "the latest offset"},
    {"ListOffsetsRequest.Timestamp", -2, "the earliest offset"},
    {"ListOffsetsRequest.Timestamp", -3, "the offset of the greatest timestamp"},
    {"ListOffsetsRequest.Timestamp", -4, "the earliest offset on a local disk"},
    {"ListOffsetsRequest.Timestamp", -5, "the latest offset in tiered storage"},
};

}  // namespace

std::string meaning_of(std::string_view message, std::string_view field, std::int64_t value) {
  if (field == "ErrorCode") return std::string(name(static_cast<ErrorCode>(value)));
  if (field == "ApiKey") {
    const Api* api = find_api(static_cast<std::int16_t>(value));
    return api ? std::string(api->name) : "not known here";
  }
  if (field == "ReplicaId" && value >= 0) return "a follower";
  const std::string full = std::string(message) + "." + std::string(field);
  const auto found = std::find_if(std::begin(meanings), std::end(meanings), [&](const Meaning& one) {
    return one.value == value && (one.field == field || one.field == full);
  });
  return found == std::end(meanings) ? "" : std::string(found->words);
}

}  // namespace acklab::protocol

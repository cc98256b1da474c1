// What a log goes by, of all that is in force for its topic.
#pragma once

#include "broker/config.h"
#include "protocol/runtime/runtime.h"
#include "storage/log.h"

namespace acklab::broker {

inline storage::LogConfig log_config(const TopicConfig& topic, protocol::Runtime& runtime) {
  storage::RetentionLimits retention;
  if (topic.cleanup_policy.deletes) retention = {.milliseconds = topic.retention.count(), .bytes = topic.retention_bytes};
  return {.segment_bytes = static_cast<std::uint64_t>(topic.segment_bytes),
          .segment_ms = topic.segment_time.count(),
          .segment_jitter_ms = topic.segment_jitter.count(),
          .jitter_seed = runtime.random("segment.jitter.ms").next(),
          .segment_index_bytes = static_cast<std::uint64_t>(topic.index_bytes),
          .index_interval_bytes = static_cast<std::uint32_t>(topic.index_interval_bytes),
          .flush_messages = topic.flush_messages,
          .retention = retention};
}

}  // namespace acklab::broker

// What a log goes by, of all that is in force for its topic.
#pragma once

#include "broker/config.h"
#include "storage/log.h"

namespace acklab::broker {

inline storage::LogConfig log_config(const TopicConfig& topic) {
  return {.segment_bytes = static_cast<std::uint64_t>(topic.segment_bytes),
          .index_interval_bytes = static_cast<std::uint32_t>(topic.index_interval_bytes),
          .flush_messages = topic.flush_messages};
}

}  // namespace acklab::broker

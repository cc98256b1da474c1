// Newer versions speak of topics by id and not by name (KIP-516): a topic that was deleted and made anew under the same name is another
// one. Messages that can do both hold both; which of the two travels is decided by the version.
#pragma once

#include <algorithm>
#include <vector>

#include "protocol/types.h"

namespace acklab::protocol {

// May be spoken of by id alone.
template <class Topic>
bool all_have_ids(const std::vector<Topic>& topics) {
  return std::none_of(topics.begin(), topics.end(), [](const Topic& topic) { return topic.topic_id.is_zero(); });
}

}  // namespace acklab::protocol

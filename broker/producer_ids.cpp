#include "broker/producer_ids.h"

#include <utility>

namespace acklab::broker {

using protocol::AllocateProducerIdsResponse;
using protocol::ChannelFault;
using protocol::ErrorCode;
using protocol::failure;
using protocol::ProducerId;
using protocol::Result;

void ProducerIds::take(Completion completion) {
  if (next_ < end_) return completion(ProducerId{next_++});
  waiting_.push_back(std::move(completion));
  if (waiting_.size() == 1) ask_for_block();
}

void ProducerIds::ask_for_block() {
  controller_.allocate_producer_ids([this](Result<AllocateProducerIdsResponse, ChannelFault> response) {
    const bool given = response && response->error_code == ErrorCode::none && response->producer_id_len > 0;
    if (given) {
      next_ = response->producer_id_start;
      end_ = next_ + response->producer_id_len;
    }
    // One who is answered may ask again at once: that is the next round's business.
    std::deque<Completion> waiting = std::exchange(waiting_, {});
    while (!waiting.empty() && (!given || next_ < end_)) {
      const Completion completion = std::move(waiting.front());
      waiting.pop_front();
      given ? completion(ProducerId{next_++}) : completion(failure(ErrorCode::coordinator_load_in_progress));
    }
    if (waiting.empty()) return;
    const bool asked_meanwhile = !waiting_.empty();
    waiting_.insert(waiting_.begin(), std::make_move_iterator(waiting.begin()), std::make_move_iterator(waiting.end()));
    if (!asked_meanwhile) ask_for_block();
  });
}

}  // namespace acklab::broker
